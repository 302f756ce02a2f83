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
import { ranks } from '../ir/control-flow.ts';
import { DominatorTree } from '../ir/dominators.ts';
import type { Block, Edge, IrFunction } from '../ir/function.ts';
import { findLoops, type Loop, type LoopNest } from '../ir/loops.ts';
import { predecessorCounts } from '../ir/predecessors.ts';

export interface OrderedBlock {
  /** The block of the IR; a split block has its source's. */
  readonly block: Block;
  /** The edge that this block splits, if it does. */
  readonly split: Edge | undefined;
  /** Position of the last block of the loop that this block heads, or -1. */
  loopEnd: number;
  /** Numbers such that a block dominates those whose `dominatorEnter` lies in its range. */
  readonly dominatorEnter: number;
  readonly dominatorExit: number;
}

/** A block's number in the dominator tree, and behind it those of the splits of its edges. */
const dominatorStep = 3;

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
  const tree = new DominatorTree(fn);
  const counts = predecessorCounts(tree.order, fn.blockCount);
  invariant(counts[elementAt(tree.order, 0).id] === 0, 'no edge leads to the entry block');
  const nest = findLoops(tree);
  invariant(nest.isReducible, `control flow of ${fn.name} is irreducible`);
  return splitEdges(fn, contiguous(nest), nest, counts);
}

/** Reverse postorder with every loop's blocks together, at the place of its head. */
function contiguous(nest: LoopNest): readonly Block[] {
  const { order, blockCount } = nest.tree;
  if (nest.loops.length === 0) return order;
  /** By id of a loop's head. */
  const members = slots<Block[]>(blockCount);
  for (const { head } of nest.loops) members[head.id] = [];
  const outside: Block[] = [];
  const listOf = (loop: Loop | undefined): Block[] =>
    loop === undefined ? outside : elementAt(members, loop.head.id);
  for (const block of order) {
    const loop = nest.of(block);
    // A head stands for its whole loop in the list of the loop around it.
    listOf(loop?.head === block ? loop.parent : loop).push(block);
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
    const inner = members[block.id];
    if (inner !== undefined) stack.push({ list: inner, next: 0 });
  }
  return layout;
}

function splitEdges(
  fn: IrFunction,
  layout: readonly Block[],
  nest: LoopNest,
  counts: Int32Array,
): BlockOrder {
  const { tree } = nest;
  const rank = ranks(layout, fn.blockCount);
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
    const enter = tree.enter(split.source) * dominatorStep + (split.whenTrue ? 1 : 2);
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
      dominatorEnter: tree.enter(block) * dominatorStep,
      dominatorExit: tree.exit(block) * dominatorStep,
    });
    for (const split of behind[block.id] ?? []) add(split);
  }
  if (nest.loops.length > 0) markLoopEnds(fn, blocks, nest);
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

/** Sets each head's `loopEnd`: inner loops and the split blocks of edges inside the loop belong to it. */
function markLoopEnds(fn: IrFunction, blocks: readonly OrderedBlock[], nest: LoopNest): void {
  /** By id of a loop's head. */
  const last = new Int32Array(fn.blockCount).fill(-1);
  const raise = ({ head }: Loop, position: number): void => {
    if ((last[head.id] as number) < position) last[head.id] = position;
  };
  blocks.forEach(({ block, split }, position) => {
    const loop = nest.of(block);
    // A split block may stand behind the loop that its edge leaves.
    if (loop !== undefined && (split === undefined || nest.isInside(split.target, loop)))
      raise(loop, position);
  });
  for (let i = blocks.length - 1; i >= 0; i--) {
    const ordered = elementAt(blocks, i);
    const { block, split } = ordered;
    const loop = split === undefined ? nest.of(block) : undefined;
    if (loop?.head !== block) continue;
    ordered.loopEnd = last[block.id] as number;
    if (loop.parent !== undefined) raise(loop.parent, ordered.loopEnd);
  }
}
