/**
 * Full if-conversion: a function without loops as one straight line, whatever the shape of its graph.
 *
 * All operations are pure and total, so all of them are computed, in reverse postorder. Each block has a *guard*, the
 * conditions under which control reaches it; where edges meet, a parameter is a chain of selections among what they pass,
 * by their guards. Guards are paths in a tree, so that what two edges have in common is seen: the two sides
 * of a branch together are what the branch itself was, and inside a conditional nobody asks for its condition again.
 */
import { elementAt, slots } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import { reversePostorder } from '../ir/control-flow.ts';
import { type Block, type Edge, type IrFunction, Value } from '../ir/function.ts';
import { type Opcode, op, type Type } from '../ir/opcode.ts';

export interface FlatFunction {
  readonly parameters: readonly Value[];
  /** In order of execution. Operands may be parameters of blocks, which `resolve` replaces. */
  readonly instructions: readonly Value[];
  readonly result: Value;
  /** The value that a parameter of a block stands for, and any other value as it is. */
  resolve(value: Value): Value;
}

/** Beyond this many blocks the guards are not worth their cost, and the function runs row by row. */
const maxBlocks = 4096;

/** Steps over guards that a function may take: chains of conditions take more for each block the longer they are. */
const mostSteps = 2 ** 20;
/** What an instruction that selects or combines guards counts for. */
const stepsOfInstruction = 64;

interface Literal {
  readonly value: Value;
  readonly isNegated: boolean;
}

/** A literal that holds in addition to the parent's. */
interface Guard extends Literal {
  readonly parent: Guard | undefined;
  readonly depth: number;
}

interface Arrival {
  readonly guard: Guard | undefined;
  readonly args: readonly Value[];
}

/** Thrown and caught in this file alone. */
class TooBranched extends Error {}

/** The function as a straight line; undefined if it has loops or calls, or is too branched. */
export function flatten(fn: IrFunction): FlatFunction | undefined {
  if (fn.blocks.length > maxBlocks) return undefined;
  const order = reversePostorder(fn);
  const rank = new Int32Array(fn.blockCount);
  order.forEach((block, position) => {
    rank[block.id] = position;
  });
  for (const block of order) {
    if (block.instructions.some(({ op: opcode }) => opcode?.pure !== true)) return undefined;
    const isForward = ({ target }: Edge): boolean => (rank[target.id] as number) > (rank[block.id] as number);
    if (!edgesOf(block).every(isForward)) return undefined;
  }
  try {
    return new Flattener(fn, order).run();
  } catch (error) {
    if (error instanceof TooBranched) return undefined;
    throw error;
  }
}

function edgesOf({ terminator }: Block): Edge[] {
  if (terminator?.kind === 'jump') return [terminator.edge];
  return terminator?.kind === 'branch' ? [terminator.whenTrue, terminator.whenFalse] : [];
}

class Flattener {
  readonly #function: IrFunction;
  readonly #order: readonly Block[];
  readonly #instructions: Value[] = [];
  readonly #replacements = new Map<Value, Value>();
  readonly #arrivals: Arrival[][];
  readonly #returns: Arrival[] = [];
  #nextId: number;
  #stepsLeft = mostSteps;

  constructor(fn: IrFunction, order: readonly Block[]) {
    this.#function = fn;
    this.#order = order;
    this.#arrivals = Array.from(slots(fn.blockCount), () => []);
    this.#nextId = fn.valueCount;
  }

  run(): FlatFunction {
    this.#order.forEach((block, position) => {
      this.#block(
        block,
        position === 0 ? undefined : this.#join(elementAt(this.#arrivals, block.id), block.parameters),
      );
    });
    const result = new Value(this.#nextId++, this.#function.result, undefined, []);
    this.#join(this.#returns, [result]);
    const resolve = this.#resolve;
    return {
      parameters: elementAt(this.#order, 0).parameters,
      instructions: this.#instructions,
      result: resolve(result),
      resolve,
    };
  }

  readonly #resolve = (value: Value): Value => {
    let resolved = value;
    for (;;) {
      const replacement = this.#replacements.get(resolved);
      if (replacement === undefined) return resolved;
      resolved = replacement;
    }
  };

  #block(block: Block, guard: Guard | undefined): void {
    for (const value of block.instructions) this.#instructions.push(value);
    const { terminator } = block;
    invariant(terminator !== undefined, `b${block.id} has no terminator`);
    if (terminator.kind === 'return') {
      this.#returns.push({ guard, args: [terminator.value] });
    } else if (terminator.kind === 'jump') {
      this.#arrive(terminator.edge, guard);
    } else {
      const value = this.#resolve(terminator.condition);
      this.#arrive(terminator.whenTrue, extend(guard, { value, isNegated: false }));
      this.#arrive(terminator.whenFalse, extend(guard, { value, isNegated: true }));
    }
  }

  #arrive({ target, args }: Edge, guard: Guard | undefined): void {
    elementAt(this.#arrivals, target.id).push({ guard, args });
  }

  /**
   * Replaces the parameters by selections among the arguments, and gives the guard of all ways in together. Two arrivals
   * become one at a time: the deepest, and that of its neighbours, in the order of the branches, which has more in common with it.
   */
  #join(arrivals: readonly Arrival[], parameters: readonly Value[]): Guard | undefined {
    const left = [...arrivals];
    while (left.length > 1) {
      this.#spend(left.length);
      let deepest = 0;
      for (let i = 1; i < left.length; i++) {
        if (depthOf(elementAt(left, i).guard) > depthOf(elementAt(left, deepest).guard)) deepest = i;
      }
      const { guard } = elementAt(left, deepest);
      const sharedDepth = (neighbour: Arrival | undefined): number =>
        neighbour === undefined ? -1 : depthOf(this.#commonAncestor(guard, neighbour.guard));
      const before = deepest > 0 ? left[deepest - 1] : undefined;
      const first = sharedDepth(before) >= sharedDepth(left.at(deepest + 1)) ? deepest - 1 : deepest;
      left.splice(first, 2, this.#merge(elementAt(left, first), elementAt(left, first + 1)));
    }
    const { guard, args } = elementAt(left, 0);
    parameters.forEach((parameter, index) => {
      this.#replacements.set(parameter, this.#resolve(elementAt(args, index)));
    });
    return guard;
  }

  #merge(a: Arrival, b: Arrival): Arrival {
    const [short, long] = depthOf(a.guard) <= depthOf(b.guard) ? [a, b] : [b, a];
    const common = this.#commonAncestor(a.guard, b.guard);
    const args = short.args.map((argument, index) => {
      const [first, second] = [this.#resolve(argument), this.#resolve(elementAt(long.args, index))];
      return first === second ? first : this.#select(this.#conjunction(short.guard, common), first, second);
    });
    return { guard: this.#either(a.guard, b.guard), args };
  }

  #select(condition: Literal, whenTrue: Value, whenFalse: Value): Value {
    const [first, second] = condition.isNegated ? [whenFalse, whenTrue] : [whenTrue, whenFalse];
    return this.#emit(op.select, first.type, [condition.value, first, second]);
  }

  #either(first: Guard | undefined, second: Guard | undefined): Guard | undefined {
    const common = this.#commonAncestor(first, second);
    if (first === common || second === common) return common;
    const [a, b] = [pathFrom(common, first), pathFrom(common, second)];
    const [x, y] = [elementAt(a, 0), elementAt(b, 0)];
    const areOpposite = x.value === y.value && x.isNegated !== y.isNegated;
    if (!areOpposite) return extend(common, this.#or(this.#and(a), this.#and(b)));
    if (a.length === 1 && b.length === 1) return common;
    // not p, or p and q: the same as not p, or q.
    if (a.length === 1) return extend(common, this.#or(x, this.#and(b.slice(1))));
    if (b.length === 1) return extend(common, this.#or(y, this.#and(a.slice(1))));
    return extend(common, this.#or(this.#and(a), this.#and(b)));
  }

  /** Guards are paths, and this walks both to where they part. */
  #commonAncestor(first: Guard | undefined, second: Guard | undefined): Guard | undefined {
    let [a, b] = [first, second];
    while (a !== b) {
      this.#spend(1);
      if (depthOf(a) >= depthOf(b)) a = a?.parent;
      else b = b?.parent;
    }
    return a;
  }

  #spend(steps: number): void {
    this.#stepsLeft -= steps;
    if (this.#stepsLeft < 0) throw new TooBranched();
  }

  #conjunction(guard: Guard | undefined, since: Guard | undefined): Literal {
    return this.#and(pathFrom(since, guard));
  }

  #and(literals: readonly Literal[]): Literal {
    return literals.reduce((x, y) => {
      if (x.isNegated && y.isNegated) return { value: this.#bool(op.bor, x.value, y.value), isNegated: true };
      return { value: this.#bool(op.band, this.#plain(x), this.#plain(y)), isNegated: false };
    });
  }

  #or(x: Literal, y: Literal): Literal {
    const negated = this.#and([opposite(x), opposite(y)]);
    return opposite(negated);
  }

  #plain({ value, isNegated }: Literal): Value {
    return isNegated ? this.#bool(op.bnot, value) : value;
  }

  #bool(opcode: Opcode, ...operands: Value[]): Value {
    return this.#emit(opcode, 'bool', operands);
  }

  #emit(opcode: Opcode, type: Type, operands: Value[]): Value {
    this.#spend(stepsOfInstruction);
    const value = new Value(this.#nextId++, type, opcode, operands);
    this.#instructions.push(value);
    return value;
  }
}

function opposite({ value, isNegated }: Literal): Literal {
  return { value, isNegated: !isNegated };
}

function extend(parent: Guard | undefined, { value, isNegated }: Literal): Guard {
  return { parent, value, isNegated, depth: depthOf(parent) + 1 };
}

function depthOf(guard: Guard | undefined): number {
  return guard?.depth ?? 0;
}

/** The literals that `guard` adds to its ancestor, outermost first. */
function pathFrom(ancestor: Guard | undefined, guard: Guard | undefined): Literal[] {
  const path: Literal[] = [];
  for (let at = guard; at !== undefined && at !== ancestor; at = at.parent) path.push(at);
  return path.reverse();
}
