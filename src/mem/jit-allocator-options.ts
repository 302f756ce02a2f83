/** How a `JitAllocator` behaves; flags of AsmJit's `JitAllocatorOptions`, same values. */
export const JitAllocatorOptions = Object.freeze({
  None: 0,
  /**
   * Maps every block twice, readable and executable at one address, readable and writable at another, so that
   * no page is ever both. Turns itself on where the OS enforces W^X.
   */
  UseDualMapping: 0x01,
  /** Three pools, with the granularity, twice and four times the granularity, instead of one. */
  UseMultiplePools: 0x02,
  /** Fills new blocks and released memory with the fill pattern. */
  FillUnusedMemory: 0x04,
  /**
   * Unmaps a block inside the very `release`, `shrink` or `reset` that empties it; otherwise each pool keeps
   * one.
   */
  ImmediateRelease: 0x08,
  /** Hands out the first granule of a block too; otherwise no span ever starts where a mapping starts. */
  DisableInitialPadding: 0x10,
  /** Prefers large pages for blocks that can fill one; a hint, regular pages are the fallback. */
  UseLargePages: 0x20,
  /** With `UseLargePages`: rounds every block up to whole large pages, so that all of them can be large. */
  AlignBlockSizeToLargePage: 0x40,
  /** Uses the `fillPattern` parameter rather than the architecture's; a given `fillPattern` implies it. */
  CustomFillPattern: 0x10000000,
} as const);

/** What `JitAllocator.reset` does with the blocks; AsmJit's `ResetPolicy`. */
export const ResetPolicy = Object.freeze({
  /** Each pool may keep one block for reuse. */
  Soft: 0,
  /** Every block is unmapped. */
  Hard: 1,
} as const);

export function requireResetPolicy(policy: unknown): void {
  if (policy === ResetPolicy.Soft || policy === ResetPolicy.Hard) return;
  throw new RangeError(`policy must be ResetPolicy.Soft or ResetPolicy.Hard, not ${String(policy)}`);
}

/** A pool of blocks that share a granularity. */
export interface PoolConfig {
  /** Unit and alignment of the pool's spans in bytes: a power of two. */
  readonly granularity: number;
}
