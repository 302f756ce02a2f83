import type { Block } from './block.ts';
import type { BlockDirectory } from './block-directory.ts';
import type { Pool } from './pool.ts';

/** What an allocator holds; sizes in bytes. A snapshot, exact when taken. */
export interface Statistics {
  /** Blocks mapped. */
  readonly blockCount: number;
  /** Spans that are live. */
  readonly allocationCount: number;
  /** Bytes in live spans, each rounded up to its pool's granularity. */
  readonly usedSize: number;
  /** Bytes in blocks; memory that is mapped twice counts once. */
  readonly reservedSize: number;
  /** `reservedSize - usedSize`: free runs and the padding of blocks. */
  readonly unusedSize: number;
  /** Bytes in blocks that `collapse` has moved onto huge pages; blocks of `UseLargePages` are not counted. */
  readonly collapsedSize: number;
  /**
   * Bytes of bookkeeping on the JavaScript side: arrays exactly, objects by estimate. None of it is
   * executable.
   */
  readonly overheadSize: number;
  /** Fractions of `reservedSize`, 0 if nothing is reserved. */
  readonly usedRatio: number;
  readonly unusedRatio: number;
  readonly overheadRatio: number;
}

/** One block, for pictures and tools. */
export interface BlockInfo {
  /** Where the block is executable. */
  readonly address: number;
  /** Where it is writable; equals `address` unless it is mapped twice. */
  readonly rw: number;
  /** Bytes. */
  readonly size: number;
  /** Bytes in live spans. */
  readonly usedSize: number;
  /** Index into the allocator's `pools`. */
  readonly pool: number;
  /** Bytes. */
  readonly granularity: number;
  readonly largePages: boolean;
  /** Bytes that `collapse` has moved onto huge pages. */
  readonly collapsedSize: number;
  /** The live spans by address, each as a run of bytes from the block's start. */
  readonly spans: readonly { readonly offset: number; readonly size: number }[];
}

/** What of a block is in use, for pictures that are drawn again and again; sizes in bytes. */
export interface BlockRuns extends Pick<BlockInfo, 'address' | 'size' | 'granularity'> {
  /** Runs of live spans, neighbours as one: an offset, a size, the next offset. */
  readonly runs: readonly number[];
}

/** Heap in bytes that an allocator and each of its blocks take besides the arrays that are counted exactly. */
const allocatorObjectBytes = 1024;
const blockObjectBytes = 900;

export function collectStatistics(directory: BlockDirectory, pools: readonly Pool[]): Statistics {
  let allocationCount = 0;
  let usedSize = 0;
  let reservedSize = 0;
  let collapsedSize = 0;
  let overheadSize = allocatorObjectBytes + directory.bytes;
  for (const pool of pools) overheadSize += pool.bytes;
  for (const block of directory) {
    allocationCount += block.map.spanCount;
    usedSize += block.map.used * block.granularity;
    reservedSize += block.size;
    collapsedSize += block.collapsedSize;
    overheadSize += block.map.bytes + blockObjectBytes;
  }
  const ratio = (size: number) => (reservedSize === 0 ? 0 : size / reservedSize);
  return {
    blockCount: directory.size,
    allocationCount,
    usedSize,
    reservedSize,
    unusedSize: reservedSize - usedSize,
    collapsedSize,
    overheadSize,
    usedRatio: ratio(usedSize),
    unusedRatio: ratio(reservedSize - usedSize),
    overheadRatio: ratio(overheadSize),
  };
}

export function runsOf({ rx, size, granularity, map }: Block): BlockRuns {
  const runs = map.usedRuns();
  for (let i = 0; i < runs.length; i += 2) {
    const start = runs[i] as number;
    runs[i] = start * granularity;
    runs[i + 1] = ((runs[i + 1] as number) - start) * granularity;
  }
  return { address: rx, size, granularity, runs };
}

export function describeBlock(block: Block, pool: number): BlockInfo {
  const { rx, rw, size, granularity, map, collapsedSize } = block;
  return {
    address: rx,
    rw,
    size,
    usedSize: map.used * granularity,
    pool,
    granularity,
    largePages: block.mapping.largePages,
    collapsedSize,
    spans: Array.from(map.spans(), ({ start, length }) => ({
      offset: start * granularity,
      size: length * granularity,
    })),
  };
}
