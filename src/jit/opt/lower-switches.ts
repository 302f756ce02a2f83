/**
 * Switches become trees of branches, so that nothing behind this step knows of them.
 *
 * The cases cut the integers into ranges, each of which goes to one edge: cases side by side that go the same way are one range, and
 * what lies between cases goes the way of what is no case. A tree of comparisons with where ranges begin finds the range of a value in
 * logarithmic time. A single value within what goes another way takes one comparison.
 */
import { elementAt } from '../../support/element.ts';
import type { Block, Edge, IrFunction, IrModule, Terminator, Value } from '../ir/function.ts';
import { op } from '../ir/opcode.ts';
import { sameEdge } from './simplify-control-flow.ts';

type Switch = Extract<Terminator, { kind: 'switch' }>;

/** From `first` on, as far as the next range. */
interface Range {
  readonly first: bigint;
  readonly edge: Edge;
}

const least = -(2n ** 63n);
const most = 2n ** 63n - 1n;

/** Rewrites the functions that have switches; `changed` hears of each. */
export function lowerSwitches(module: IrModule, changed?: (fn: IrFunction) => void): void {
  for (const fn of module.functions) {
    // Blocks come to the list on the way.
    const count = fn.blocks.length;
    let found = false;
    for (let i = 0; i < count; i++) {
      const block = elementAt(fn.blocks, i);
      const { terminator } = block;
      if (terminator?.kind !== 'switch') continue;
      found = true;
      new Tree(fn, terminator.value, rangesOf(terminator)).grow(block);
    }
    if (found) changed?.(fn);
  }
}

function rangesOf({ cases, otherwise }: Switch): Range[] {
  const sorted = [...cases].sort((a, b) => (a.value < b.value ? -1 : 1));
  const ranges: Range[] = [];
  const add = (first: bigint, edge: Edge): void => {
    if (ranges.at(-1)?.first === first) ranges.pop();
    const before = ranges.at(-1);
    if (before === undefined || !sameEdge(before.edge, edge)) ranges.push({ first, edge });
  };
  add(least, otherwise);
  for (const { value, edge } of sorted) {
    add(value, edge);
    if (value < most) add(value + 1n, otherwise);
  }
  return ranges;
}

class Tree {
  readonly #function: IrFunction;
  readonly #value: Value;
  readonly #ranges: readonly Range[];

  constructor(fn: IrFunction, value: Value, ranges: readonly Range[]) {
    this.#function = fn;
    this.#value = value;
    this.#ranges = ranges;
  }

  grow(root: Block): void {
    this.#grow(root, 0, this.#ranges.length);
  }

  /** Ends the block with what finds a value that is in the ranges from `start` to `end`. */
  #grow(block: Block, start: number, end: number): void {
    if (end - start === 1) {
      block.terminator = { kind: 'jump', edge: this.#edge(start) };
    } else if (end - start === 3 && this.#isIsland(start + 1)) {
      const { first } = this.#at(start + 1);
      this.#branch(block, op.ieq, first, this.#edge(start + 1), this.#edge(start));
    } else {
      const middle = (start + end) >> 1;
      const { first } = this.#at(middle);
      this.#branch(block, op.ilt, first, this.#side(start, middle), this.#side(middle, end));
    }
  }

  /** Is the range one value, and do those around it go the same way? */
  #isIsland(index: number): boolean {
    const [before, range, behind] = [this.#at(index - 1), this.#at(index), this.#at(index + 1)];
    return behind.first === range.first + 1n && sameEdge(before.edge, behind.edge);
  }

  #side(start: number, end: number): Edge {
    if (end - start === 1) return this.#edge(start);
    const block = this.#function.newBlock();
    this.#function.blocks.push(block);
    this.#grow(block, start, end);
    return { target: block, args: [] };
  }

  #branch(block: Block, comparison: typeof op.ieq, constant: bigint, whenTrue: Edge, whenFalse: Edge): void {
    const bound = this.#function.newValue('i64', op.iconst, [], constant);
    const condition = this.#function.newValue('bool', comparison, [this.#value, bound]);
    block.instructions.push(bound, condition);
    block.terminator = { kind: 'branch', condition, whenTrue, whenFalse };
  }

  /** A copy: passes change edges, and several branches may have this one. */
  #edge(index: number): Edge {
    const { target, args } = this.#at(index).edge;
    return { target, args: [...args] };
  }

  #at(index: number): Range {
    return elementAt(this.#ranges, index);
  }
}
