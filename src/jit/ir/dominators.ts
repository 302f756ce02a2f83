/**
 * The dominator tree, after Lengauer and Tarjan ("A fast algorithm for finding dominators in a flowgraph", 1979,
 * the simple variant with path compression): O(edges · log blocks) on any graph. The popular iterative scheme is
 * quadratic on a long `a && b && c && …`, whose blocks all leave for one join.
 *
 * Inside, a block is its number in a depth-first preorder. Outside, it is a {@link Block}.
 */
import { elementAt, slots } from '../../support/element.ts';
import { successorAt, successorCount } from './control-flow.ts';
import type { Block, IrFunction } from './function.ts';

export class DominatorTree {
  /** The reachable blocks, each before all that it dominates: a walk down the tree, siblings in reverse postorder. */
  readonly preorder: readonly Block[];
  /** By block id: where the block stands in {@link preorder}; -1 if unreachable. */
  readonly #enter: Int32Array;
  /** By block id: one past the last block that it dominates. */
  readonly #exit: Int32Array;
  readonly #immediate: readonly (Block | undefined)[];

  constructor(fn: IrFunction) {
    const walk = depthFirst(fn);
    const { postorder } = walk;
    const immediate = immediateDominators(fn, walk);
    this.#immediate = immediate;
    this.#enter = new Int32Array(fn.blockCount).fill(-1);
    this.#exit = new Int32Array(fn.blockCount);
    const size = new Int32Array(fn.blockCount);
    for (const block of postorder) {
      size[block.id] = (size[block.id] as number) + 1;
      const above = immediate[block.id];
      if (above !== undefined) size[above.id] = (size[above.id] as number) + (size[block.id] as number);
    }
    // A subtree takes a run of numbers as long as its size; `exit` serves as the parent's fill level meanwhile.
    const preorder = slots<Block>(postorder.length);
    for (let i = postorder.length - 1; i >= 0; i--) {
      const block = elementAt(postorder, i);
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
  const { blocks, parent, number } = walk;
  const count = blocks.length;
  const { start, list } = predecessors(blocks, number, fn.blockCount);
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
      const candidate = semi[evaluate(list[i] as number)] as number;
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
  /** Preorder number by block id, -1 if unreachable. */
  readonly number: Int32Array;
  readonly postorder: readonly Block[];
}

function depthFirst(fn: IrFunction): DepthFirst {
  const number = new Int32Array(fn.blockCount).fill(-1);
  /** How many edges of a block are still to be followed; the last one goes first, as in `reversePostorder`. */
  const remaining = new Uint8Array(fn.blockCount);
  const entry = elementAt(fn.blocks, 0);
  const blocks = [entry];
  const parent = [-1];
  const postorder: Block[] = [];
  number[entry.id] = 0;
  remaining[entry.id] = successorCount(entry);
  const stack = [entry];
  for (let block = stack.at(-1); block !== undefined; block = stack.at(-1)) {
    const left = remaining[block.id] as number;
    if (left === 0) {
      postorder.push(block);
      stack.pop();
      continue;
    }
    remaining[block.id] = left - 1;
    const next = successorAt(block, left - 1)?.target;
    if (next === undefined || (number[next.id] as number) >= 0) continue;
    number[next.id] = blocks.length;
    remaining[next.id] = successorCount(next);
    parent.push(number[block.id] as number);
    blocks.push(next);
    stack.push(next);
  }
  return { blocks, parent, number, postorder };
}

/** Preorder numbers of the predecessors of block `id`: `list[start[id]] … list[start[id + 1] - 1]`. */
function predecessors(
  blocks: readonly Block[],
  number: Int32Array,
  blockCount: number,
): { start: Int32Array; list: Int32Array } {
  const start = new Int32Array(blockCount + 1);
  const visit = (each: (target: number, source: number) => void): void => {
    for (const block of blocks) {
      const count = successorCount(block);
      for (let i = 0; i < count; i++) {
        const target = successorAt(block, i)?.target;
        if (target !== undefined) each(target.id, number[block.id] as number);
      }
    }
  };
  visit((target) => {
    start[target + 1] = (start[target + 1] as number) + 1;
  });
  for (let id = 0; id < blockCount; id++) start[id + 1] = (start[id + 1] as number) + (start[id] as number);
  const list = new Int32Array(start[blockCount] as number);
  const fill = start.slice();
  visit((target, source) => {
    const position = fill[target] as number;
    list[position] = source;
    fill[target] = position + 1;
  });
  return { start, list };
}
