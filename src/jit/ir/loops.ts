/**
 * Natural loops. An edge to a block that dominates its source closes a loop; the target is the loop's head, and the
 * loop holds what reaches such an edge without passing the head. Cycles with several ways in have no head and
 * count as no loop; lowering and the passes make none.
 *
 * Found from the innermost outwards, each loop walking over those in it as over single blocks, and up to the outermost one
 * known so far by paths that are halved as they are walked: near linear in the number of edges (after Havlak, "Nesting of
 * reducible and irreducible loops", 1997).
 */
import { elementAt, maybeAt, slots } from '../../support/element.ts';
import { ranks, successorAt, successorCount } from './control-flow.ts';
import type { DominatorTree } from './dominators.ts';
import { type Block, type Edge, successors } from './function.ts';
import { type PredecessorLists, predecessorLists } from './predecessors.ts';

export class Loop {
  readonly head: Block;
  /** Sources of the edges that close the loop, in reverse postorder; twice if both edges of a branch do. */
  readonly latches: Block[] = [];
  /** The smallest loop around this one. */
  parent: Loop | undefined;

  constructor(head: Block) {
    this.head = head;
  }

  contains(other: Loop | undefined): boolean {
    for (let loop = other; loop !== undefined; loop = loop.parent) if (loop === this) return true;
    return false;
  }
}

/** An edge and where it comes from. */
export interface Exit {
  readonly source: Block;
  readonly edge: Edge;
}

/** The loops of a function, as they were when it was made; blocks that are added later are in none. */
export class LoopNest {
  readonly tree: DominatorTree;
  /** By their heads in reverse postorder: outer ones before those inside of them. */
  readonly loops: readonly Loop[];
  /** Is every cycle a loop's, so that whatever leads back leads to a head? */
  readonly isReducible: boolean;
  /** By block id; empty without loops. */
  readonly #innermost: readonly (Loop | undefined)[];

  constructor(
    tree: DominatorTree,
    loops: readonly Loop[],
    innermost: readonly (Loop | undefined)[],
    isReducible: boolean,
  ) {
    this.tree = tree;
    this.loops = loops;
    this.#innermost = innermost;
    this.isReducible = isReducible;
  }

  /** The innermost loop around a block; a head is in its own. */
  of(block: Block): Loop | undefined {
    return maybeAt(this.#innermost, block.id);
  }

  /** Is the block in the loop, or in one inside of it? */
  isInside(block: Block, loop: Loop): boolean {
    return loop.contains(this.of(block));
  }

  /** The edges that lead out of a loop, in reverse postorder of their sources. */
  exitsOf(loop: Loop): Exit[] {
    return this.tree.order
      .filter((block) => this.isInside(block, loop))
      .flatMap((source) =>
        successors(source)
          .filter(({ target }) => !this.isInside(target, loop))
          .map((edge) => ({ source, edge })),
      );
  }
}

export function findLoops(tree: DominatorTree): LoopNest {
  const { order, blockCount } = tree;
  const rank = ranks(order, blockCount);
  /** By id of the head. */
  let byHead: (Loop | undefined)[] | undefined;
  let isReducible = true;
  for (let position = 0; position < order.length; position++) {
    const block = order[position] as Block;
    const count = successorCount(block);
    for (let i = 0; i < count; i++) {
      const target = successorAt(block, i)?.target;
      if (target === undefined || (rank[target.id] as number) > position) continue;
      if (!tree.dominates(target, block)) {
        isReducible = false;
        continue;
      }
      byHead ??= slots(blockCount);
      const loop = byHead[target.id] ?? new Loop(target);
      byHead[target.id] = loop;
      loop.latches.push(block);
    }
  }
  if (byHead === undefined) return new LoopNest(tree, [], [], isReducible);
  const loops: Loop[] = [];
  for (const { id } of order) {
    const loop = byHead[id];
    if (loop !== undefined) loops.push(loop);
  }
  return new LoopNest(tree, loops, nest(loops, rank, tree), isReducible);
}

/** Sets the parents, and gives the innermost loops by block id. */
function nest(
  loops: readonly Loop[],
  rank: Int32Array,
  { order, blockCount }: DominatorTree,
): (Loop | undefined)[] {
  const predecessors = predecessorLists(order, blockCount);
  const innermost = slots<Loop>(blockCount);
  /** By id of a head: a loop around its loop, the outermost one known where paths were halved. */
  const around = slots<Loop>(blockCount);
  const outermost = (loop: Loop): Loop => {
    let at = loop;
    for (;;) {
      const above = around[at.head.id];
      if (above === undefined) return at;
      const next = around[above.head.id];
      if (next !== undefined) around[at.head.id] = next;
      at = above;
    }
  };
  for (let i = loops.length - 1; i >= 0; i--) {
    const loop = elementAt(loops, i);
    innermost[loop.head.id] = loop;
    const pending = loop.latches.map(({ id }) => rank[id] as number);
    for (let position = pending.pop(); position !== undefined; position = pending.pop()) {
      const block = elementAt(order, position);
      const inner = innermost[block.id];
      const top = inner && outermost(inner);
      if (top === loop) continue;
      if (top === undefined) {
        innermost[block.id] = loop;
      } else {
        top.parent = loop;
        around[top.head.id] = loop;
      }
      pushSources(pending, predecessors, top === undefined ? block : top.head);
    }
  }
  return innermost;
}

function pushSources(list: number[], { start, sources }: PredecessorLists, { id }: Block): void {
  const end = start[id + 1] as number;
  for (let i = start[id] as number; i < end; i++) list.push(sources[i] as number);
}
