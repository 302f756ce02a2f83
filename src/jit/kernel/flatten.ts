/**
 * Full if-conversion: a function without loops as one straight line, whatever the shape of its graph.
 *
 * All operations are pure and total, so all of them are computed, in reverse postorder. Each block has a *guard*, the
 * conditions under which control reaches it; where edges meet, a parameter is a chain of selections among what they pass,
 * by their guards. Guards are paths in a tree, so that what two edges have in common is seen: the two sides
 * of a branch together are what the branch itself was, and inside a conditional nobody asks for its condition again.
 */
import { elementAt } from '../../support/element.ts';
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
  return new Flattener(fn, order).run();
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

  constructor(fn: IrFunction, order: readonly Block[]) {
    this.#function = fn;
    this.#order = order;
    this.#arrivals = Array.from({ length: fn.blockCount }, () => []);
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

  /** Replaces the parameters by selections among the arguments, and gives the guard of all ways in together. */
  #join(arrivals: readonly Arrival[], parameters: readonly Value[]): Guard | undefined {
    const common = arrivals.map(({ guard }) => guard).reduce(commonAncestor);
    // The one with the longest guard is what remains if it is none of the others.
    const byDepth = [...arrivals].sort((left, right) => depthOf(left.guard) - depthOf(right.guard));
    const last = elementAt(byDepth, byDepth.length - 1);
    parameters.forEach((parameter, index) => {
      let value = this.#resolve(elementAt(last.args, index));
      for (const { guard, args } of byDepth.slice(0, -1)) {
        const argument = this.#resolve(elementAt(args, index));
        if (argument !== value) value = this.#select(this.#conjunction(guard, common), argument, value);
      }
      this.#replacements.set(parameter, value);
    });
    return this.#union(byDepth.map(({ guard }) => guard));
  }

  #select(condition: Literal, whenTrue: Value, whenFalse: Value): Value {
    const [first, second] = condition.isNegated ? [whenFalse, whenTrue] : [whenTrue, whenFalse];
    return this.#emit(op.select, first.type, [condition.value, first, second]);
  }

  /** The guard under which any of these holds; the deepest are united first. */
  #union(guards: (Guard | undefined)[]): Guard | undefined {
    let united = guards.pop();
    while (guards.length > 0) united = this.#either(united, guards.pop());
    return united;
  }

  #either(first: Guard | undefined, second: Guard | undefined): Guard | undefined {
    const common = commonAncestor(first, second);
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

function commonAncestor(first: Guard | undefined, second: Guard | undefined): Guard | undefined {
  let [a, b] = [first, second];
  while (a !== b) {
    if (depthOf(a) >= depthOf(b)) a = a?.parent;
    else b = b?.parent;
  }
  return a;
}

/** The literals that `guard` adds to its ancestor, outermost first. */
function pathFrom(ancestor: Guard | undefined, guard: Guard | undefined): Literal[] {
  const path: Literal[] = [];
  for (let at = guard; at !== undefined && at !== ancestor; at = at.parent) path.push(at);
  return path.reverse();
}
