/** Where the edges into each block come from. */

import { successorAt, successorCount } from './control-flow.ts';
import type { Block } from './function.ts';

/** How many edges lead to each block, by block id; edges from the given blocks only. */
export function predecessorCounts(blocks: readonly Block[], blockCount: number): Int32Array {
  const counts = new Int32Array(blockCount);
  for (const block of blocks) {
    const count = successorCount(block);
    for (let i = 0; i < count; i++) {
      const target = successorAt(block, i)?.target;
      if (target !== undefined) counts[target.id] = (counts[target.id] as number) + 1;
    }
  }
  return counts;
}

/** The sources of the edges into each block, as numbers, in the order in which they were added; in two flat arrays. */
export class PredecessorLists {
  /** Those of block `b` are `sources[start[b]] … sources[start[b + 1] - 1]`. */
  readonly start: Int32Array;
  readonly sources: Int32Array;
  /** By block: where its next source goes. */
  readonly #next: Int32Array;

  /** For so many blocks, to each of which so many edges lead. */
  constructor(counts: Int32Array, blockCount: number) {
    const start = new Int32Array(blockCount + 1);
    for (let block = 0; block < blockCount; block++) {
      start[block + 1] = (start[block] as number) + (counts[block] as number);
    }
    this.start = start;
    this.sources = new Int32Array(start[blockCount] as number);
    this.#next = start.slice();
  }

  add(target: number, source: number): void {
    const at = this.#next[target] as number;
    this.sources[at] = source;
    this.#next[target] = at + 1;
  }
}

/** By block id: positions in `blocks` of the sources of the edges from there. */
export function predecessorLists(blocks: readonly Block[], blockCount: number): PredecessorLists {
  const lists = new PredecessorLists(predecessorCounts(blocks, blockCount), blockCount);
  for (let position = 0; position < blocks.length; position++) {
    const block = blocks[position] as Block;
    const count = successorCount(block);
    for (let i = 0; i < count; i++) {
      const target = successorAt(block, i)?.target;
      if (target !== undefined) lists.add(target.id, position);
    }
  }
  return lists;
}
