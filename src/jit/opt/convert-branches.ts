/**
 * If-conversion: a conditional whose sides are pure and cheap is computed on both sides, and `select` takes the one
 * that counts. A mispredicted branch costs 15 to 20 cycles; and without branches there is one block to optimise, and one
 * to vectorise.
 *
 *     b0: branch v1, b1, b2                      b0: v4 = …; v5 = …
 *     b1: v4 = …; jump b3(v4)            →           v6 = select v1, v4, v5
 *     b2: v5 = …; jump b3(v5)                        jump b3(v6)
 *
 * One side may be empty, and both may return. The walk goes upwards through the blocks, so that inner conditionals are
 * converted before those around them; a join that is left with one predecessor is merged at once for the same reason.
 */
import { elementAt, slots } from '../../support/element.ts';
import type { Block, Edge, IrFunction, Value } from '../ir/function.ts';
import { type Opcode, op, opcodes } from '../ir/opcode.ts';
import { predecessorCounts } from '../ir/predecessors.ts';
import { Substitution } from './substitution.ts';

/** What both sides together may cost, in the time of one addition. */
const cheapBudget = 12;

/** More selects than this are not worth it even where all is to be converted. */
const maxSelects = 64;

/** By index of the opcode; one, but for these. */
const costs = costTable([
  [op.fconst, 0],
  [op.bconst, 0],
  [op.iconst, 0],
  [op.fmin, 3],
  [op.fmax, 3],
  [op.fsign, 3],
  [op.fround, 4],
  [op.ffloor, 2],
  [op.fceil, 2],
  [op.ftrunc, 2],
  [op.fcopysign, 2],
  [op.select, 2],
  [op.fdiv, 5],
  [op.fsqrt, 6],
  [op.ftoi32, 4],
  [op.ffma, 20],
  [op.frem, 30],
  [op.callmath, 50],
]);

function costTable(exceptions: readonly (readonly [Opcode, number])[]): Float64Array {
  const table = new Float64Array(opcodes.length).fill(1);
  for (const [opcode, cost] of exceptions) table[opcode.index] = cost;
  return table;
}

export function convertBranches(fn: IrFunction, speculation: 'cheap' | 'all'): boolean {
  if (fn.blocks.length === 1) return false;
  const budget = speculation === 'all' ? Number.MAX_VALUE : cheapBudget;
  return new Converter(fn, budget).run();
}

/** A way from a branch to where the ways meet: through a block of its own, or straight. */
interface Side {
  readonly block: Block | undefined;
  /** Where it goes on; undefined where it returns. */
  readonly join: Block | undefined;
  /** What it passes to the join, or the one value that it returns. */
  readonly args: readonly Value[];
}

/** Instructions of a block, and those that follow in it now: joining two such chains takes one step. */
interface Segment {
  readonly values: Value[];
  next: Segment | undefined;
}

interface Chain {
  readonly first: Segment;
  last: Segment;
}

class Converter {
  readonly #function: IrFunction;
  readonly #budget: number;
  readonly #predecessors: Int32Array;
  readonly #substitution: Substitution;
  readonly #gone = new Set<Block>();
  /** By block id, for blocks that others were appended to. */
  readonly #chains: (Chain | undefined)[];
  #changed = false;

  constructor(fn: IrFunction, budget: number) {
    this.#function = fn;
    this.#budget = budget;
    this.#chains = slots(fn.blockCount);
    this.#substitution = new Substitution(fn);
    this.#predecessors = predecessorCounts(fn.blocks, fn.blockCount);
  }

  run(): boolean {
    const fn = this.#function;
    for (let i = fn.blocks.length - 1; i >= 0; i--) {
      const block = elementAt(fn.blocks, i);
      if (!this.#gone.has(block) && this.#convert(block)) this.#changed = true;
    }
    if (!this.#changed) return false;
    fn.blocks = fn.blocks.filter((block) => !this.#gone.has(block));
    for (const block of fn.blocks) this.#flatten(block);
    this.#substitution.apply(fn);
    return true;
  }

  #convert(block: Block): boolean {
    const terminator = block.terminator;
    if (terminator?.kind !== 'branch') return false;
    const pair = this.#sides(terminator.whenTrue, terminator.whenFalse);
    if (pair === undefined || !this.#isWorthIt(pair)) return false;
    const [first, second] = pair;
    for (const side of pair) {
      if (side.block !== undefined) this.#append(block, side.block);
    }
    const args = first.args.map((argument, index) =>
      this.#select(block, terminator.condition, argument, elementAt(second.args, index)),
    );
    const { join } = first;
    if (join === undefined) {
      block.terminator = { kind: 'return', value: elementAt(args, 0) };
      return true;
    }
    block.terminator = { kind: 'jump', edge: { target: join, args } };
    this.#predecessors[join.id] = (this.#predecessors[join.id] as number) - 1;
    if (this.#predecessors[join.id] === 1 && join !== block) this.#merge(block, join, args);
    return true;
  }

  /** The two ways from a branch to a common end, if that is what they are. */
  #sides(whenTrue: Edge, whenFalse: Edge): readonly [Side, Side] | undefined {
    const straightTrue: Side = { block: undefined, join: whenTrue.target, args: whenTrue.args };
    const straightFalse: Side = { block: undefined, join: whenFalse.target, args: whenFalse.args };
    if (whenTrue.target === whenFalse.target) return [straightTrue, straightFalse];
    const throughTrue = this.#through(whenTrue);
    const throughFalse = this.#through(whenFalse);
    if (throughTrue !== undefined && throughTrue.join === whenFalse.target)
      return [throughTrue, straightFalse];
    if (throughFalse !== undefined && throughFalse.join === whenTrue.target)
      return [straightTrue, throughFalse];
    if (throughTrue === undefined || throughFalse === undefined) return undefined;
    return throughTrue.join === throughFalse.join ? [throughTrue, throughFalse] : undefined;
  }

  #through({ target }: Edge): Side | undefined {
    if (this.#predecessors[target.id] !== 1 || target.parameters.length > 0) return undefined;
    const terminator = target.terminator;
    if (terminator?.kind === 'return') return { block: target, join: undefined, args: [terminator.value] };
    if (terminator?.kind !== 'jump' || terminator.edge.target === target) return undefined;
    return { block: target, join: terminator.edge.target, args: terminator.edge.args };
  }

  #isWorthIt([first, second]: readonly [Side, Side]): boolean {
    let selects = 0;
    for (let i = 0; i < first.args.length; i++) if (!this.#isSame(first.args[i], second.args[i])) selects++;
    if (selects > maxSelects) return false;
    const cost = selects * 2 + this.#costOf(first.block) + this.#costOf(second.block);
    return cost <= this.#budget;
  }

  /** Infinite where something is not pure; what it comes to once it is beyond the budget does not matter. */
  #costOf(block: Block | undefined): number {
    if (block === undefined) return 0;
    let cost = 0;
    let next = this.#chains[block.id]?.first.next;
    for (let values = block.instructions; ; values = next.values, next = next.next) {
      for (let i = 0; i < values.length && cost <= this.#budget; i++) {
        const { op: opcode } = values[i] as Value;
        if (opcode === undefined || !opcode.pure) return Number.POSITIVE_INFINITY;
        cost += costs[opcode.index] as number;
      }
      if (next === undefined || cost > this.#budget) return cost;
    }
  }

  #isSame(first: Value | undefined, second: Value | undefined): boolean {
    return (
      first !== undefined &&
      second !== undefined &&
      this.#substitution.of(first) === this.#substitution.of(second)
    );
  }

  #select(block: Block, condition: Value, first: Value, second: Value): Value {
    if (this.#isSame(first, second)) return first;
    const select = this.#function.newValue(first.type, op.select, [condition, first, second]);
    this.#chain(block).last.values.push(select);
    return select;
  }

  #merge(block: Block, join: Block, args: readonly Value[]): void {
    join.parameters.forEach((parameter, index) => {
      this.#substitution.replace(parameter, elementAt(args, index));
    });
    this.#append(block, join);
    block.terminator = join.terminator;
  }

  #append(block: Block, next: Block): void {
    const chain = this.#chain(block);
    const { first, last } = this.#chain(next);
    chain.last.next = first;
    chain.last = last;
    this.#gone.add(next);
  }

  #chain(block: Block): Chain {
    const known = this.#chains[block.id];
    if (known !== undefined) return known;
    const segment: Segment = { values: block.instructions, next: undefined };
    const chain = { first: segment, last: segment };
    this.#chains[block.id] = chain;
    return chain;
  }

  #flatten(block: Block): void {
    const chain = this.#chains[block.id];
    if (chain === undefined) return;
    const { instructions } = block;
    for (let segment = chain.first.next; segment !== undefined; segment = segment.next) {
      for (const value of segment.values) instructions.push(value);
    }
  }
}
