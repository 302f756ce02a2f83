import type { PoolConfig } from '../../mem/jit-allocator-options.ts';
import type { BlockInfo } from '../../mem/statistics.ts';

/** Where the code of an engine lies: a snapshot for pictures and tools. Sums are in `statistics().memory`. */
export interface MemoryLayout {
  /** By ascending granularity; `pool` of a block is an index into it. */
  readonly pools: readonly PoolConfig[];
  /** By address, each with its live spans. */
  readonly blocks: readonly BlockInfo[];
}
