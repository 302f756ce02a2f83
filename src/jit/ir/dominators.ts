/**
 * The dominator tree, after Lengauer and Tarjan ("A fast algorithm for finding dominators in a flowgraph", 1979,
 * the simple variant with path compression): O(edges · log blocks) on any graph. The popular iterative scheme is
 * quadratic on a long `a && b && c && …`, whose blocks all leave for one join.
 *
 * Inside, a block is its number in a depth-first preorder. Outside, it is a {@link Block}.
 */
import { elementAt, slots } from '../../support/element.ts';
import { walkInDepth } from './control-flow.ts';
import type { Block, IrFunction } from './function.ts';
import { predecessorLists } from './predecessors.ts';

export class DominatorTree {
  /** The function's, for arrays indexed by block id. */
  readonly blockCount: number;
  /** The reachable blocks in reverse postorder. */
  readonly order: readonly Block[];
  /** The reachable blocks, each before all that it dominates: a walk down the tree, siblings in reverse postorder. */
  readonly preorder: readonly Block[];
  /** By block id. */
  readonly #enter: Int32Array;
  readonly #exit: Int32Array;
  readonly #immediate: readonly (Block | undefined)[];

  constructor(fn: IrFunction) {
    const walk = depthFirst(fn);
    const { order } = walk;
    const immediate = immediateDominators(fn, walk);
    this.blockCount = fn.blockCount;
    this.order = order;
    this.#immediate = immediate;
    this.#enter = new Int32Array(fn.blockCount).fill(-1);
    this.#exit = new Int32Array(fn.blockCount);
    const size = new Int32Array(fn.blockCount);
    for (let i = order.length - 1; i >= 0; i--) {
      const { id } = elementAt(order, i);
      size[id] = (size[id] as number) + 1;
      const above = immediate[id];
      if (above !== undefined) size[above.id] = (size[above.id] as number) + (size[id] as number);
    }
    // A subtree takes a run of numbers as long as its size; `exit` serves as the parent's fill level meanwhile.
    const preorder = slots<Block>(order.length);
    for (const block of order) {
      const above = immediate[block.id];
      const position = above === undefined ? 0 : (this.#exit[above.id] as number);
      if (above !== undefined) this.#exit[above.id] = position + (size[block.id] as number);
      this.#enter[block.id] = position;
      this.#exit[block.id] = position + 1;
      preorder[position] = block;
    }
    this.preorder = preorder as Block[];
  }

  reachable(block: Block): boolean {
    return (this.#enter[block.id] as number) >= 0;
  }

  /** Where a block stands in {@link preorder}; -1 if it is unreachable. */
  enter(block: Block): number {
    return this.#enter[block.id] as number;
  }

  /** One past the last block in {@link preorder} that a reachable block dominates. */
  exit(block: Block): number {
    return this.#exit[block.id] as number;
  }

  /** The closest block that every path from the entry to `block` passes first; undefined for the entry. */
  immediate(block: Block): Block | undefined {
    return this.#immediate[block.id];
  }

  /** Does every path from the entry to `inner` pass `outer`? A block dominates itself. Both are reachable. */
  dominates(outer: Block, inner: Block): boolean {
    const position = this.#enter[inner.id] as number;
    return (this.#enter[outer.id] as number) <= position && position < (this.#exit[outer.id] as number);
  }
}

function immediateDominators(fn: IrFunction, walk: DepthFirst): (Block | undefined)[] {
  const { blocks, parent } = walk;
  const count = blocks.length;
  const { start, sources } = predecessorLists(blocks, fn.blockCount);
  const semi = Int32Array.from(slots(count), (_, v) => v);
  const label = Int32Array.from(semi);
  const ancestor = new Int32Array(count).fill(-1);
  const dominator = new Int32Array(count);
  const bucketHead = new Int32Array(count).fill(-1);
  const bucketNext = new Int32Array(count).fill(-1);
  const path: number[] = [];

  /** The vertex with the least semidominator on the path from `v` up to the root of its tree in the forest. */
  const evaluate = (v: number): number => {
    if ((ancestor[v] as number) < 0) return label[v] as number;
    let u = v;
    while ((ancestor[ancestor[u] as number] as number) >= 0) {
      path.push(u);
      u = ancestor[u] as number;
    }
    for (let w = path.pop(); w !== undefined; w = path.pop()) {
      const above = ancestor[w] as number;
      if ((semi[label[above] as number] as number) < (semi[label[w] as number] as number)) {
        label[w] = label[above] as number;
      }
      ancestor[w] = ancestor[above] as number;
    }
    return label[v] as number;
  };

  for (let w = count - 1; w > 0; w--) {
    const id = elementAt(blocks, w).id;
    for (let i = start[id] as number; i < (start[id + 1] as number); i++) {
      const candidate = semi[evaluate(sources[i] as number)] as number;
      if (candidate < (semi[w] as number)) semi[w] = candidate;
    }
    const s = semi[w] as number;
    bucketNext[w] = bucketHead[s] as number;
    bucketHead[s] = w;
    const p = parent[w] as number;
    ancestor[w] = p;
    for (let v = bucketHead[p] as number; v >= 0; v = bucketNext[v] as number) {
      const u = evaluate(v);
      dominator[v] = (semi[u] as number) < (semi[v] as number) ? u : p;
    }
    bucketHead[p] = -1;
  }
  const result: (Block | undefined)[] = slots(fn.blockCount);
  for (let w = 1; w < count; w++) {
    if (dominator[w] !== semi[w]) dominator[w] = dominator[dominator[w] as number] as number;
    result[elementAt(blocks, w).id] = elementAt(blocks, dominator[w] as number);
  }
  return result;
}

interface DepthFirst {
  /** By preorder number. */
  readonly blocks: readonly Block[];
  readonly parent: readonly number[];
  /** In reverse postorder. */
  readonly order: readonly Block[];
}

function depthFirst(fn: IrFunction): DepthFirst {
  /** By block id. */
  const number = new Int32Array(fn.blockCount);
  const blocks: Block[] = [];
  const parent: number[] = [];
  const order: Block[] = [];
  walkInDepth(
    fn,
    (block) => order.push(block),
    (block, from) => {
      number[block.id] = blocks.length;
      blocks.push(block);
      parent.push(from === undefined ? -1 : (number[from.id] as number));
    },
  );
  return { blocks, parent, order: order.reverse() };
}
