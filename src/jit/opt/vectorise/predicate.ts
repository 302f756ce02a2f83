/**
 * Full if-conversion: a function whose only control flow is loops that all rows run together.
 *
 * All operations are pure and total, so all of them are computed, in reverse postorder, and conditionals become selections
 * (`guards.ts`). A loop whose rounds are the same for all rows stays what it is. Any other runs until the last row is done:
 *
 *     head(state, active, results):     active: the rows that are in the loop
 *       … one round, for all rows …
 *       leaves = active and the round ends the loop
 *       results = leaves ? what the loop leaves behind : results
 *       branch any(stays), head(next state, stays, results), after
 *
 * Nothing here knows of lanes: for one row, `any` is the condition itself, and the result computes what the function computes.
 */
import { elementAt } from '../../../support/element.ts';
import { invariant } from '../../../support/invariant.ts';
import { DominatorTree } from '../../ir/dominators.ts';
import { type Block, type Edge, type Immediate, IrFunction, type Value } from '../../ir/function.ts';
import { findLoops, type Loop, type LoopNest } from '../../ir/loops.ts';
import { type Opcode, op, type Type } from '../../ir/opcode.ts';
import { usualArgument } from '../../math/library.ts';
import { type Arrival, extend, type Guard, Guards, TooBranched } from './guards.ts';
import { Regions } from './regions.ts';
import { Uniformity } from './uniformity.ts';

export interface Predicated {
  readonly function: IrFunction;
  /** By head of a loop of the result: the head of the loop that it was made of. */
  readonly heads: ReadonlyMap<Block, Block>;
}

/** Beyond this many blocks guards are not worth their cost. */
const mostBlocks = 4096;

/** `varies` says of each parameter whether it differs from row to row. Undefined if the function is too branched. */
export function predicate(fn: IrFunction, varies: readonly boolean[]): Predicated | undefined {
  if (fn.blocks.length > mostBlocks) return undefined;
  const nest = findLoops(new DominatorTree(fn));
  try {
    return new Predicator(fn, nest, new Uniformity(fn, nest, varies)).run();
  } catch (error) {
    if (error instanceof TooBranched) return undefined;
    throw error;
  }
}

/** What has come together so far of a loop's body, or of the whole function. */
interface Region {
  readonly loop: Loop | undefined;
  /** By block of the source. */
  readonly arrivals: Map<Block, Arrival[]>;
  /** To the head of the loop. */
  readonly back: Arrival[];
  /** By block outside of the loop. */
  readonly exits: Map<Block, Arrival[]>;
}

class Predicator {
  readonly #uniformity: Uniformity;
  readonly #order: readonly Block[];
  readonly #nest: LoopNest;
  readonly #regions: Regions;
  readonly #result: IrFunction;
  readonly #heads = new Map<Block, Block>();
  readonly #guards: Guards;
  /** By value of the source. */
  readonly #values = new Map<Value, Value>();
  readonly #returns: Arrival[] = [];
  #current: Block;

  constructor(fn: IrFunction, nest: LoopNest, uniformity: Uniformity) {
    this.#uniformity = uniformity;
    this.#order = nest.tree.order;
    this.#nest = nest;
    this.#regions = new Regions(nest);
    this.#result = new IrFunction(fn.name, fn.result);
    this.#current = this.#begin(this.#result.newBlock());
    this.#guards = new Guards((opcode, type, operands) => this.#emit(opcode, type, operands));
  }

  run(): Predicated {
    const entry = elementAt(this.#order, 0);
    for (const parameter of entry.parameters) {
      const copy = this.#result.newValue(parameter.type);
      this.#current.parameters.push(copy);
      this.#values.set(parameter, copy);
    }
    const region: Region = { loop: undefined, arrivals: new Map(), back: [], exits: new Map() };
    this.#body(entry, undefined, region);
    this.#rest(region, entry);
    if (this.#returns.length === 0) throw new TooBranched();
    const { args } = this.#guards.join(this.#returns);
    this.#current.terminator = { kind: 'return', value: elementAt(args, 0) };
    return { function: this.#result, heads: this.#heads };
  }

  /** The blocks of a region behind its first, inner loops as wholes. */
  #rest(region: Region, first: Block): void {
    for (const block of this.#regions.blocks.get(region.loop) ?? []) {
      if (block === first) continue;
      const loop = this.#nest.of(block);
      const isInner = loop !== region.loop;
      const arrivals = region.arrivals.get(block);
      invariant(arrivals !== undefined, `no way leads to b${block.id}`);
      const { guard, args } = this.#guards.join(arrivals);
      if (isInner && loop !== undefined) {
        this.#loop(loop, guard, args, region);
        continue;
      }
      block.parameters.forEach((parameter, index) => {
        this.#values.set(parameter, elementAt(args, index));
      });
      this.#body(block, guard, region);
    }
  }

  #body(block: Block, guard: Guard | undefined, region: Region): void {
    for (const value of block.instructions) {
      if (value.op === op.callmath && guard !== undefined) this.#guardedCall(value, guard);
      else this.#copy(value);
    }
    const { terminator } = block;
    invariant(terminator !== undefined, `b${block.id} has no terminator`);
    if (terminator.kind === 'return') {
      this.#returns.push({ guard, args: [this.#valueOf(terminator.value)] });
    } else if (terminator.kind === 'jump') {
      this.#arrive(terminator.edge, guard, region);
    } else {
      invariant(terminator.kind === 'branch', 'switches are lowered');
      const value = this.#valueOf(terminator.condition);
      this.#arrive(terminator.whenTrue, extend(guard, { value, isNegated: false }), region);
      this.#arrive(terminator.whenFalse, extend(guard, { value, isNegated: true }), region);
    }
  }

  #arrive({ target, args }: Edge, guard: Guard | undefined, region: Region): void {
    this.#note(target, { guard, args: args.map((argument) => this.#valueOf(argument)) }, region);
  }

  #note(target: Block, arrival: Arrival, { loop, arrivals, back, exits }: Region): void {
    if (loop !== undefined && target === loop.head) back.push(arrival);
    else if (loop === undefined || this.#nest.isInside(target, loop)) addTo(arrivals, target, arrival);
    else addTo(exits, target, arrival);
  }

  // Loops

  #loop(loop: Loop, guard: Guard | undefined, args: readonly Value[], outer: Region): void {
    const { head } = loop;
    const copy = this.#result.newBlock();
    this.#heads.set(copy, head);
    for (const parameter of head.parameters) {
      const own = this.#result.newValue(parameter.type);
      copy.parameters.push(own);
      this.#values.set(parameter, own);
    }
    const exits = this.#regions.exits.get(loop) ?? [];
    if (exits.length === 0) throw new TooBranched();
    const isFromHead = exits.length === 1 && exits[0]?.source === head;
    const { terminator } = head;
    const condition = terminator?.kind === 'branch' ? terminator.condition : undefined;
    const isShared = condition !== undefined && this.#uniformity.isUniform(condition);
    if (isFromHead && isShared && guard === undefined) this.#sharedLoop(loop, copy, args, outer);
    else this.#maskedLoop(loop, copy, guard, args, isFromHead, outer);
  }

  /** A loop that all rows enter and leave together, by its head. */
  #sharedLoop(loop: Loop, copy: Block, args: readonly Value[], outer: Region): void {
    const { head } = loop;
    this.#jump(copy, args);
    for (const value of head.instructions) this.#copy(value);
    const { terminator } = head;
    invariant(terminator?.kind === 'branch', 'the head of a loop that ends branches');
    const [body, after] = [this.#result.newBlock(), this.#result.newBlock()];
    const staysWhenTrue = this.#nest.isInside(terminator.whenTrue.target, loop);
    const [toBody, toAfter] = [
      { target: body, args: [] },
      { target: after, args: [] },
    ];
    this.#current.terminator = {
      kind: 'branch',
      condition: this.#valueOf(terminator.condition),
      whenTrue: staysWhenTrue ? toBody : toAfter,
      whenFalse: staysWhenTrue ? toAfter : toBody,
    };
    this.#begin(body);
    const region: Region = { loop, arrivals: new Map(), back: [], exits: new Map() };
    this.#arrive(staysWhenTrue ? terminator.whenTrue : terminator.whenFalse, undefined, region);
    this.#rest(region, head);
    this.#current.terminator = {
      kind: 'jump',
      edge: { target: copy, args: [...this.#guards.join(region.back).args] },
    };
    this.#begin(after);
    this.#arrive(staysWhenTrue ? terminator.whenFalse : terminator.whenTrue, undefined, outer);
  }

  /** A loop that each row leaves when it is done; `isFromHead`: by its head, so the others need not go through the round. */
  #maskedLoop(
    loop: Loop,
    copy: Block,
    guard: Guard | undefined,
    args: readonly Value[],
    isFromHead: boolean,
    outer: Region,
  ): void {
    const { head } = loop;
    const entered = this.#guards.valueOf(guard) ?? this.#emit(op.bconst, 'bool', [], true);
    const active = this.#result.newValue('bool');
    const initial = [...args, entered];
    copy.parameters.push(active);
    const enteringBlock = this.#current;
    this.#begin(copy);

    const root = extend(undefined, { value: active, isNegated: false });
    const region: Region = { loop, arrivals: new Map(), back: [], exits: new Map() };
    this.#body(head, root, region);
    const after = this.#result.newBlock();
    /** What the loop leaves behind, as it is after the present round. */
    const results: Value[] = [];
    /** What it means from then on. */
    const settled: [Value, Value][] = [];
    const result = (type: Type, leaves: Value, value: Value): Value => {
      const parameter = this.#result.newValue(type);
      copy.parameters.push(parameter);
      initial.push(this.#zero(type, enteringBlock));
      const chosen = this.#emit(op.select, type, [leaves, value, parameter]);
      results.push(chosen);
      return chosen;
    };

    let stays: Value;
    const leave = (): void => {
      const isOnly = region.exits.size === 1;
      // Who leaves is who was there and does not stay, whichever way: cheaper than to ask all that leads out.
      const gone = this.#emit(op.bandnot, 'bool', [stays, active]);
      const left: { target: Block; leaves: Value; args: readonly Value[] }[] = [];
      for (const [target, arrivals] of region.exits) {
        const { guard: exit, args: passed } = this.#guards.join(arrivals);
        const leaves = isOnly ? gone : this.#guards.valueOf(exit);
        invariant(leaves !== undefined, 'a row leaves only if it is in the loop');
        left.push({ target, leaves, args: passed });
      }
      for (const [value, inside] of this.#usedOutside(loop)) {
        settled.push([value, result(value.type, gone, inside)]);
      }
      for (const { target, leaves, args: passed } of left) {
        const kept = passed.map((argument) => result(argument.type, leaves, argument));
        const way = isOnly
          ? guard
          : extend(guard, { value: result('bool', leaves, leaves), isNegated: false });
        this.#note(target, { guard: way, args: kept }, outer);
      }
    };

    if (isFromHead) {
      const [target, arrivals] = [...region.arrivals].at(0) ?? [head, region.back];
      const staying = elementAt(arrivals, 0);
      stays = this.#guards.valueOf(staying.guard) ?? active;
      leave();
      const body = this.#result.newBlock();
      this.#branchIfAny(stays, { target: body, args: [] }, { target: after, args: [] });
      this.#begin(body);
      // From here on all that is asked for is asked of rows that stay.
      const inBody = { guard: extend(undefined, { value: stays, isNegated: false }), args: staying.args };
      region.arrivals.clear();
      region.back.length = 0;
      this.#note(target, inBody, region);
      this.#rest(region, head);
      const next = this.#guards.join(region.back).args;
      this.#current.terminator = {
        kind: 'jump',
        edge: { target: copy, args: [...next, stays, ...results] },
      };
    } else {
      this.#rest(region, head);
      const next = this.#guards.join(region.back);
      stays = this.#guards.valueOf(next.guard) ?? active;
      leave();
      const again = [...next.args, stays, ...results];
      this.#branchIfAny(stays, { target: copy, args: again }, { target: after, args: [] });
    }
    enteringBlock.terminator = { kind: 'jump', edge: { target: copy, args: initial } };
    for (const [value, left] of settled) this.#values.set(value, left);
    this.#begin(after);
  }

  #branchIfAny(stays: Value, whenTrue: Edge, whenFalse: Edge): void {
    const condition = this.#emit(op.any, 'bool', [stays]);
    this.#current.terminator = { kind: 'branch', condition, whenTrue, whenFalse };
  }

  /** Values of the source that the loop defines and what is outside of it uses, with what they are inside. */
  #usedOutside(loop: Loop): [Value, Value][] {
    return [...(this.#regions.escapes.get(loop) ?? [])].map((value) => [value, this.#valueOf(value)]);
  }

  // Instructions

  #begin(block: Block): Block {
    this.#result.blocks.push(block);
    this.#current = block;
    return block;
  }

  #jump(target: Block, args: readonly Value[]): void {
    this.#current.terminator = { kind: 'jump', edge: { target, args: [...args] } };
    this.#begin(target);
  }

  #copy(value: Value): void {
    const { op: opcode, type, operands, immediate } = value;
    invariant(opcode !== undefined, 'instructions have operations');
    const copies = operands.map((operand) => this.#valueOf(operand));
    this.#values.set(value, this.#emit(opcode, type, copies, immediate));
  }

  /** Rows that do not come here get an argument for which no lane has to be repaired. */
  #guardedCall(value: Value, guard: Guard): void {
    const { type, operands, immediate } = value;
    const condition = this.#guards.valueOf(guard);
    invariant(condition !== undefined, 'a guard is a condition');
    const other = this.#emit(op.fconst, type, [], usualArgument(String(immediate)));
    const args = operands.map((operand) =>
      this.#emit(op.select, type, [condition, this.#valueOf(operand), other]),
    );
    this.#values.set(value, this.#emit(op.callmath, type, args, immediate));
  }

  #valueOf(value: Value): Value {
    const copy = this.#values.get(value);
    invariant(copy !== undefined, `v${value.id} is computed before it is used`);
    return copy;
  }

  #zero(type: Type, block: Block): Value {
    const opcode = type === 'f64' ? op.fconst : type === 'bool' ? op.bconst : op.iconst;
    const immediate = type === 'f64' ? 0 : type === 'bool' ? false : 0n;
    const value = this.#result.newValue(type, opcode, [], immediate);
    block.instructions.push(value);
    return value;
  }

  #emit(opcode: Opcode, type: Type, operands: Value[], immediate?: Immediate): Value {
    const value = this.#result.newValue(type, opcode, operands, immediate);
    this.#current.instructions.push(value);
    return value;
  }
}

function addTo(map: Map<Block, Arrival[]>, target: Block, arrival: Arrival): void {
  const list = map.get(target);
  if (list === undefined) map.set(target, [arrival]);
  else list.push(arrival);
}
