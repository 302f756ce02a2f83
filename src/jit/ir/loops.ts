/**
 * Natural loops. An edge to a block that dominates its source closes a loop; the target is the loop's head, and the
 * loop holds what reaches such an edge without passing the head. Cycles with several ways in have no head and
 * count as no loop; lowering and the passes make none.
 */
import { elementAt, slots } from '../../support/element.ts';
import { successorAt, successorCount } from './control-flow.ts';
import type { DominatorTree } from './dominators.ts';
import type { Block, IrFunction } from './function.ts';

export class Loop {
  readonly head: Block;
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

/** By block id: the innermost loop that the block is in. Undefined if there are no loops at all. */
export type LoopNest = readonly (Loop | undefined)[];

export function findLoops({ blocks, blockCount }: IrFunction, tree: DominatorTree): LoopNest | undefined {
  /** By id of the head: sources of the edges that close its loop. */
  const latches = slots<Block[]>(blockCount);
  const predecessors = slots<Block[]>(blockCount);
  let found = false;
  for (const block of blocks) {
    const count = successorCount(block);
    for (let i = 0; i < count; i++) {
      const target = successorAt(block, i)?.target;
      if (target === undefined) continue;
      const list = predecessors[target.id];
      if (list === undefined) predecessors[target.id] = [block];
      else list.push(block);
      if (!tree.dominates(target, block)) continue;
      found = true;
      const sources = latches[target.id];
      if (sources === undefined) latches[target.id] = [block];
      else sources.push(block);
    }
  }
  if (!found) return undefined;
  const nest = slots<Loop>(blockCount);
  // Heads from the innermost outwards, so that each loop walks over those in it as over single blocks.
  for (let i = tree.preorder.length - 1; i >= 0; i--) {
    const head = elementAt(tree.preorder, i);
    const sources = latches[head.id];
    if (sources !== undefined) collect(head, sources, predecessors, nest);
  }
  return nest;
}

function collect(
  head: Block,
  latches: readonly Block[],
  predecessors: readonly (Block[] | undefined)[],
  nest: (Loop | undefined)[],
): void {
  const loop = new Loop(head);
  const work = [...latches];
  for (let block = work.pop(); block !== undefined; block = work.pop()) {
    const inner = outermost(nest[block.id]);
    if (inner === loop) continue;
    if (inner === undefined) nest[block.id] = loop;
    else inner.parent = loop;
    const entrance = inner === undefined ? block : inner.head;
    if (entrance !== head) work.push(...(predecessors[entrance.id] ?? []));
  }
  nest[head.id] ??= loop;
}

function outermost(loop: Loop | undefined): Loop | undefined {
  let outer = loop;
  while (outer?.parent !== undefined) outer = outer.parent;
  return outer;
}
