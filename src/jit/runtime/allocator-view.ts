import type { JitAllocator } from '../../mem/jit-allocator.ts';

/** What one can see of an allocator without changing it. */
export type AllocatorView = Pick<
  JitAllocator,
  | 'options'
  | 'hasOption'
  | 'blockSize'
  | 'granularity'
  | 'fillPattern'
  | 'writeView'
  | 'pools'
  | 'statistics'
  | 'blocks'
  | 'query'
  | 'verify'
>;

/** A view, through which the allocator itself cannot be had. */
export function viewOf(allocator: JitAllocator): AllocatorView {
  const { options, blockSize, granularity, fillPattern, writeView, pools } = allocator;
  return Object.freeze({
    options,
    hasOption: (option) => allocator.hasOption(option),
    blockSize,
    granularity,
    fillPattern,
    writeView,
    pools,
    statistics: () => allocator.statistics(),
    blocks: () => allocator.blocks(),
    query: (address) => allocator.query(address),
    verify: () => allocator.verify(),
  } satisfies AllocatorView);
}
