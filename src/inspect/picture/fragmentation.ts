import type { BlockSnapshot } from '../snapshot.ts';

/** How free memory lies. */
export interface Fragmentation {
  /** Free memory as a share of all. */
  readonly unused: number;
  /** The share of the free memory that is not in the largest hole of its block: what a large piece of code finds no room in. */
  readonly scattered: number;
  /** How many pieces free memory is in. */
  readonly holes: number;
}

export function fragmentationOf(blocks: readonly BlockSnapshot[]): Fragmentation {
  let total = 0;
  let free = 0;
  let together = 0;
  let holes = 0;
  for (const { size, runs } of blocks) {
    total += size;
    let largest = 0;
    let end = 0;
    for (let i = 0; i <= runs.length; i += 2) {
      const start = runs[i] ?? size;
      const length = start - end;
      // Before the first run comes the padding of the block, in which nothing is allocated.
      if (length > 0 && i > 0) {
        free += length;
        holes++;
        largest = Math.max(largest, length);
      }
      end = start + (runs[i + 1] ?? 0);
    }
    together += largest;
  }
  return {
    unused: total === 0 ? 0 : free / total,
    scattered: free === 0 ? 0 : 1 - together / free,
    holes,
  };
}
