/** What calls cost, in nanoseconds each. */
export interface Timing {
  readonly median: number;
  /** Half of the samples lie between these. */
  readonly lowerQuartile: number;
  readonly upperQuartile: number;
  /** Samples, and calls in each. */
  readonly samples: number;
  readonly calls: number;
}

/** Makes as many calls as it is told. */
export type Repeat = (calls: number) => void;

/** A clock in milliseconds. */
export type Clock = () => number;

/** Milliseconds that a sample takes at least, to drown the clock's own steps. */
const leastSample = 2;

export interface TimingOptions {
  readonly samples?: number;
  /** Milliseconds in which V8 gets to know what is timed before the first sample. */
  readonly warmUp?: number;
  readonly clock?: Clock;
  /** Milliseconds beyond which no further sample is begun: what takes long gets fewer of them, one at the least. */
  readonly budget?: number;
}

const systemClock: Clock = () => performance.now();

/** What calls of one thing cost. */
export function timeCalls(repeat: Repeat, options?: TimingOptions): Timing {
  const [timing] = timeInTurns([repeat], options);
  return timing as Timing;
}

/** Times several things that take turns, sample by sample, so that a busy machine slows all of them. */
export function timeInTurns(
  repeats: readonly Repeat[],
  { samples = 25, warmUp = 20, clock = systemClock, budget = Number.POSITIVE_INFINITY }: TimingOptions = {},
): Timing[] {
  const time = (repeat: Repeat, calls: number): number => {
    const start = clock();
    repeat(calls);
    return clock() - start;
  };
  const begin = clock();
  const warm = repeats.map((repeat) => {
    let calls = 1;
    let spent = 0;
    let last = 0;
    while ((spent < warmUp || last < leastSample) && calls < 2 ** 30) {
      last = time(repeat, calls);
      spent += last;
      if (last < leastSample) calls *= 2;
    }
    return { calls, last };
  });
  const costs = warm.map((): number[] => []);
  // So many milliseconds a round will take, if it is as long as the one before.
  let round = warm.reduce((sum, { last }) => sum + last, 0);
  for (let i = 0; i < samples && clock() - begin + round <= budget; i++) {
    const start = clock();
    for (const [index, repeat] of repeats.entries())
      costs[index]?.push(time(repeat, warm[index]?.calls ?? 1));
    round = clock() - start;
  }
  return warm.map(({ calls, last }, index) => {
    const taken = costs[index] ?? [];
    // Where there was no time for more, what warmed up is all there is.
    const times = taken.length > 0 ? taken : [last];
    return summarize(Float64Array.from(times, (sample) => (sample * 1e6) / calls).sort(), calls);
  });
}

function summarize(sorted: Float64Array, calls: number): Timing {
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
  return {
    median: at(0.5),
    lowerQuartile: at(0.25),
    upperQuartile: at(0.75),
    samples: sorted.length,
    calls,
  };
}
