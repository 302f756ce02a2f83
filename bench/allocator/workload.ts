import type { Address } from '../../src/native/address.ts';

/**
 * A fragmenting workload: fill, release a random half, refill it with spans of other sizes, release all in random order.
 * `bench/peers/asmjit-allocator.cc` makes the same one from the same seed.
 */
export interface Workload {
  /** Spans that are live when the allocator is full. */
  readonly live: number;
  /** Bytes: first those of the fill, then those of the refill. */
  readonly sizes: Uint32Array;
  /** In which order spans are released; the first half is refilled. */
  readonly order: Uint32Array;
}

/** Nanoseconds per operation of each phase, and how full the blocks were after the refill. */
export interface WorkloadResult {
  readonly fill: number;
  readonly releaseHalf: number;
  readonly refill: number;
  readonly releaseAll: number;
  readonly usedRatio: number;
  readonly overheadRatio: number;
}

export const phases = ['fill', 'releaseHalf', 'refill', 'releaseAll'] as const;

/** What the workload needs of an allocator. */
export interface WorkloadAllocator {
  alloc(size: number): { readonly rx: Address };
  release(rx: Address): void;
  statistics(): { readonly usedRatio: number; readonly overheadRatio: number };
}

export function makeWorkload(live: number, seed: number): Workload {
  let state = seed;
  // Xorshift32, reduced to 0..bound-1.
  const below = (bound: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
  const sizes = new Uint32Array(live + (live >> 1)).map(() => 8 + below(1024));
  const order = new Uint32Array(live).map((_, index) => index);
  for (let i = live - 1; i > 0; i--) {
    const j = below(i + 1);
    const other = order[j] as number;
    order[j] = order[i] as number;
    order[i] = other;
  }
  return { live, sizes, order };
}

export function runWorkload({ live, sizes, order }: Workload, allocator: WorkloadAllocator): WorkloadResult {
  const half = live >> 1;
  const spans = new Float64Array(live);
  const fill = nanosecondsPer(live, () => {
    for (let i = 0; i < live; i++) spans[i] = allocator.alloc(sizes[i] as number).rx;
  });
  const releaseHalf = nanosecondsPer(half, () => {
    for (let i = 0; i < half; i++) allocator.release(spans[order[i] as number] as Address);
  });
  const refill = nanosecondsPer(half, () => {
    for (let i = 0; i < half; i++) spans[order[i] as number] = allocator.alloc(sizes[live + i] as number).rx;
  });
  const { usedRatio, overheadRatio } = allocator.statistics();
  const releaseAll = nanosecondsPer(live, () => {
    for (let i = 0; i < live; i++) allocator.release(spans[order[i] as number] as Address);
  });
  return { fill, releaseHalf, refill, releaseAll, usedRatio, overheadRatio };
}

function nanosecondsPer(operations: number, body: () => void): number {
  const start = process.hrtime.bigint();
  body();
  return Number(process.hrtime.bigint() - start) / operations;
}
