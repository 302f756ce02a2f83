/**
 * In which order the blocks of a function are laid out and allocated.
 *
 * Reverse postorder, with each loop's blocks contiguous: so what precedes a block in the order has been executed or
 * is in another arm, and the end of a loop is a position. Every edge from a branch to a block with parameters or
 * with other predecessors is split by an empty block of its own, which holds the moves of that edge; split blocks of
 * forward edges stand right before their target, those of back edges right behind their source. Thus a block with
 * several predecessors, or with parameters, is entered by jumps only.
 *
 * Control flow must be reducible, as all that structured programs, inlining and loop passes make is.
 */
import { elementAt, slots } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import { predecessorCounts, reversePostorder, successorAt, successorCount } from '../ir/control-flow.ts';
import { DominatorTree } from '../ir/dominators.ts';
import type { Block, Edge, IrFunction } from '../ir/function.ts';

export interface OrderedBlock {
  /** The block of the IR; a split block has its source's. */
  readonly block: Block;
  /** The edge that this block splits, if it does. */
  readonly split: Edge | undefined;
  /** Position of the last block of the loop that this block heads, or -1. */
  loopEnd: number;
  readonly dominatorEnter: number;
  readonly dominatorExit: number;
}

export interface BlockOrder {
  readonly blocks: readonly OrderedBlock[];
  /** By IR block id: its position. */
  readonly positions: Int32Array;
  /** By IR block id: position of the block that splits its edge when true, when false; -1 if the edge is whole. */
  readonly splitWhenTrue: Int32Array;
  readonly splitWhenFalse: Int32Array;
  /** By position: edges that lead there. */
  readonly predecessorCounts: Int32Array;
}

export function orderBlocks(fn: IrFunction): BlockOrder {
  const reverse = reversePostorder(fn);
  const dominators = new DominatorTree(fn);
  const counts = predecessorCounts(reverse, fn.blockCount);
  invariant(counts[elementAt(reverse, 0).id] === 0, 'no edge leads to the entry block');
  const loops = findLoops(fn, reverse, dominators);
  const layout = contiguous(fn, reverse, loops);
  return splitEdges(fn, layout, loops, dominators, counts);
}

interface Loops {
  /** By block id: the header of the innermost loop around the block (a header's own loop), or undefined. */
  readonly headerOf: (Block | undefined)[];
  /** By block id of a header: the header of the next outer loop. */
  readonly outerOf: (Block | undefined)[];
}

const noLoops: Loops = Object.freeze({ headerOf: [], outerOf: [] });

/** Natural loops, innermost first: up from the sources of the back edges to the header (after Havlak, 1997). */
function findLoops(fn: IrFunction, order: readonly Block[], dominators: DominatorTree): Loops {
  const latches = findLatches(fn, order, dominators);
  if (latches === undefined) return noLoops;
  const predecessors = predecessorLists(fn, order);
  const headerOf = slots<Block>(fn.blockCount);
  const outerOf = slots<Block>(fn.blockCount);
  // The outermost loop known so far around a header; paths are halved as they are walked.
  const outermost = slots<Block>(fn.blockCount);
  const climb = (header: Block): Block => {
    let at = header;
    for (;;) {
      const above = outermost[at.id];
      if (above === undefined) return at;
      const next = outermost[above.id];
      if (next !== undefined) outermost[at.id] = next;
      at = above;
    }
  };
  for (let i = order.length - 1; i >= 0; i--) {
    const header = elementAt(order, i);
    const sources = latches[header.id];
    if (sources === undefined) continue;
    headerOf[header.id] = header;
    const pending = [...sources];
    for (let block = pending.pop(); block !== undefined; block = pending.pop()) {
      const inner = headerOf[block.id];
      const top = inner === undefined ? undefined : climb(inner);
      if (top === header) continue;
      if (top === undefined) {
        headerOf[block.id] = header;
      } else {
        outermost[top.id] = header;
        outerOf[top.id] = header;
      }
      for (const predecessor of elementAt(predecessors, (top ?? block).id)) pending.push(predecessor);
    }
  }
  return { headerOf, outerOf };
}

/** By header's block id, the sources of the edges back to it; undefined if there are none at all. */
function findLatches(
  fn: IrFunction,
  order: readonly Block[],
  dominators: DominatorTree,
): (Block[] | undefined)[] | undefined {
  const rank = ranks(fn, order);
  let latches: (Block[] | undefined)[] | undefined;
  for (const block of order) {
    for (let i = 0; i < successorCount(block); i++) {
      const target = successorAt(block, i)?.target;
      if (target === undefined || (rank[target.id] as number) > (rank[block.id] as number)) continue;
      invariant(dominators.dominates(target, block), `control flow of ${fn.name} is irreducible`);
      latches ??= slots(fn.blockCount);
      const list = latches[target.id];
      if (list === undefined) latches[target.id] = [block];
      else list.push(block);
    }
  }
  return latches;
}

function predecessorLists(fn: IrFunction, order: readonly Block[]): Block[][] {
  const lists: Block[][] = Array.from(slots(fn.blockCount), () => []);
  for (const block of order) {
    for (let i = 0; i < successorCount(block); i++) {
      const target = successorAt(block, i)?.target;
      if (target !== undefined) elementAt(lists, target.id).push(block);
    }
  }
  return lists;
}

/** By block id: its position in `order`. */
function ranks(fn: IrFunction, order: readonly Block[]): Int32Array {
  const rank = new Int32Array(fn.blockCount);
  for (let position = 0; position < order.length; position++) rank[elementAt(order, position).id] = position;
  return rank;
}

/** Reverse postorder with every loop's blocks together, at the place of its header. */
function contiguous(fn: IrFunction, order: readonly Block[], loops: Loops): readonly Block[] {
  if (loops === noLoops) return order;
  const members = slots<Block[]>(fn.blockCount);
  const outside: Block[] = [];
  const listOf = (header: Block | undefined): Block[] => {
    if (header === undefined) return outside;
    members[header.id] ??= [];
    return members[header.id] as Block[];
  };
  for (const block of order) {
    const header = loops.headerOf[block.id];
    // A header stands for its whole loop in the list of the loop around it.
    listOf(header === block ? loops.outerOf[block.id] : header).push(block);
  }
  const layout: Block[] = [];
  const stack: { list: readonly Block[]; next: number }[] = [{ list: outside, next: 0 }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const block = top.list.at(top.next++);
    if (block === undefined) {
      stack.pop();
      continue;
    }
    layout.push(block);
    const inner = loops.headerOf[block.id] === block ? members[block.id] : undefined;
    if (inner !== undefined) stack.push({ list: inner, next: 0 });
  }
  return layout;
}

function splitEdges(
  fn: IrFunction,
  layout: readonly Block[],
  loops: Loops,
  dominators: DominatorTree,
  counts: Int32Array,
): BlockOrder {
  const rank = ranks(fn, layout);
  const ranges = dominatorRanges(fn, dominators);
  const before = slots<Split[]>(fn.blockCount);
  const behind = slots<Split[]>(fn.blockCount);
  for (const block of layout) {
    const terminator = block.terminator;
    if (terminator?.kind !== 'branch') continue;
    for (const whenTrue of [true, false]) {
      const edge = whenTrue ? terminator.whenTrue : terminator.whenFalse;
      const target = edge.target;
      if (target.parameters.length === 0 && counts[target.id] === 1) continue;
      const isBack = (rank[target.id] as number) <= (rank[block.id] as number);
      const lists = isBack ? behind : before;
      const at = isBack ? block.id : target.id;
      const list = lists[at];
      const split = { source: block, edge, whenTrue };
      if (list === undefined) lists[at] = [split];
      else list.push(split);
    }
  }
  const blocks: OrderedBlock[] = [];
  const positions = new Int32Array(fn.blockCount);
  const splitWhenTrue = new Int32Array(fn.blockCount).fill(-1);
  const splitWhenFalse = new Int32Array(fn.blockCount).fill(-1);
  const add = (split: Split): void => {
    (split.whenTrue ? splitWhenTrue : splitWhenFalse)[split.source.id] = blocks.length;
    const enter = (ranges.enter[split.source.id] as number) + (split.whenTrue ? 1 : 2);
    blocks.push({
      block: split.source,
      split: split.edge,
      loopEnd: -1,
      dominatorEnter: enter,
      dominatorExit: enter + 1,
    });
  };
  for (const block of layout) {
    for (const split of before[block.id] ?? []) add(split);
    positions[block.id] = blocks.length;
    blocks.push({
      block,
      split: undefined,
      loopEnd: -1,
      dominatorEnter: ranges.enter[block.id] as number,
      dominatorExit: ranges.exit[block.id] as number,
    });
    for (const split of behind[block.id] ?? []) add(split);
  }
  if (loops !== noLoops) markLoopEnds(fn, blocks, loops);
  const predecessors = new Int32Array(blocks.length);
  const count = (position: number) => {
    predecessors[position] = (predecessors[position] as number) + 1;
  };
  for (const { block, split } of blocks) {
    const terminator = block.terminator;
    if (split !== undefined) count(positions[split.target.id] as number);
    else if (terminator?.kind === 'jump') count(positions[terminator.edge.target.id] as number);
    else if (terminator?.kind === 'branch') {
      const whenTrue = splitWhenTrue[block.id] as number;
      const whenFalse = splitWhenFalse[block.id] as number;
      count(whenTrue >= 0 ? whenTrue : (positions[terminator.whenTrue.target.id] as number));
      count(whenFalse >= 0 ? whenFalse : (positions[terminator.whenFalse.target.id] as number));
    }
  }
  return { blocks, positions, splitWhenTrue, splitWhenFalse, predecessorCounts: predecessors };
}

interface Split {
  readonly source: Block;
  readonly edge: Edge;
  readonly whenTrue: boolean;
}

/** Sets each header's `loopEnd`: inner loops and the split blocks of edges inside the loop belong to it. */
function markLoopEnds(fn: IrFunction, blocks: readonly OrderedBlock[], loops: Loops): void {
  const last = new Int32Array(fn.blockCount).fill(-1);
  const raise = (header: Block, position: number): void => {
    if ((last[header.id] as number) < position) last[header.id] = position;
  };
  blocks.forEach(({ block, split }, position) => {
    const header = loops.headerOf[block.id];
    // A split block may stand behind the loop that its edge leaves.
    if (header !== undefined && (split === undefined || isInside(split.target, header, loops))) {
      raise(header, position);
    }
  });
  for (let i = blocks.length - 1; i >= 0; i--) {
    const ordered = elementAt(blocks, i);
    const { block, split } = ordered;
    if (split !== undefined || loops.headerOf[block.id] !== block) continue;
    ordered.loopEnd = last[block.id] as number;
    const outer = loops.outerOf[block.id];
    if (outer !== undefined) raise(outer, ordered.loopEnd);
  }
}

/** Is `block` in the loop of `header`, or in a loop inside it? */
function isInside(block: Block, header: Block, loops: Loops): boolean {
  for (let at = loops.headerOf[block.id]; at !== undefined; at = loops.outerOf[at.id]) {
    if (at === header) return true;
  }
  return false;
}

/** Numbers such that a block dominates those whose `enter` lies in its range; two are left free behind each for splits. */
function dominatorRanges(fn: IrFunction, dominators: DominatorTree): { enter: Int32Array; exit: Int32Array } {
  const enter = new Int32Array(fn.blockCount);
  const exit = new Int32Array(fn.blockCount);
  const { preorder } = dominators;
  preorder.forEach((block, position) => {
    enter[block.id] = position * 3;
    exit[block.id] = position * 3 + 3;
  });
  for (let i = preorder.length - 1; i > 0; i--) {
    const block = elementAt(preorder, i);
    const above = dominators.immediate(block);
    if (above !== undefined && (exit[above.id] as number) < (exit[block.id] as number)) {
      exit[above.id] = exit[block.id] as number;
    }
  }
  return { enter, exit };
}
