import type { Address } from '../src/native/address.ts';

/**
 * A fragmenting workload: fill, release a random half, refill it with spans of other sizes, release all in
 * random order. `bench/peers/allocator-asmjit.cc` makes the same one from the same seed.
 */
export interface Workload {
  /** Spans that are live when the allocator is full. */
  readonly live: number;
  /** Bytes: first those of the fill, then those of the refill. */
  readonly sizes: Uint32Array;
  /**
   * How the spans are shuffled after the fill: then they are released in order, and the first half is
   * refilled.
   */
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

export const phaseNames: Readonly<Record<(typeof phases)[number], string>> = {
  fill: 'fill',
  releaseHalf: 'release half, at random',
  refill: 'refill (fragmented)',
  releaseAll: 'release all, at random',
};

/** The medians over all rounds of one configuration. */
export interface AllocatorRow {
  readonly configuration: string;
  readonly live: number;
  readonly ours: WorkloadResult;
  /** Undefined without the peer. */
  readonly peer: WorkloadResult | undefined;
  /** Ours divided by the peer's, round by round; `total` is the whole sequence. */
  readonly ratios: Readonly<Record<(typeof phases)[number] | 'total', number>> | undefined;
}

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
  // Touched before the clock starts, as the peer's is: else the fill would pay for its pages.
  const filled = new Float64Array(live).fill(-1);
  const fill = nanosecondsPer(live, () => {
    for (let i = 0; i < live; i++) filled[i] = allocator.alloc(sizes[i] as number).rx;
  });
  const spans = new Float64Array(order).map((index) => filled[index] as number);
  const releaseHalf = nanosecondsPer(half, () => {
    for (let i = 0; i < half; i++) allocator.release(spans[i] as Address);
  });
  const refill = nanosecondsPer(half, () => {
    for (let i = 0; i < half; i++) spans[i] = allocator.alloc(sizes[live + i] as number).rx;
  });
  const { usedRatio, overheadRatio } = allocator.statistics();
  const releaseAll = nanosecondsPer(live, () => {
    for (let i = 0; i < live; i++) allocator.release(spans[i] as Address);
  });
  return { fill, releaseHalf, refill, releaseAll, usedRatio, overheadRatio };
}

/**
 * Processor time rather than time on the clock, for both peers: it leaves out when the process had to wait
 * for another. Ours includes that of V8's helper threads.
 */
function nanosecondsPer(operations: number, body: () => void): number {
  const before = process.cpuUsage();
  body();
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / operations;
}
