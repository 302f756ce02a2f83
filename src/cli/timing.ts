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
  { samples = 25, warmUp = 20, clock = systemClock }: TimingOptions = {},
): Timing[] {
  const time = (repeat: Repeat, calls: number): number => {
    const start = clock();
    repeat(calls);
    return clock() - start;
  };
  const counts = repeats.map((repeat) => {
    let calls = 1;
    let spent = 0;
    for (let last = 0; (spent < warmUp || last < leastSample) && calls < 2 ** 30; spent += last) {
      last = time(repeat, calls);
      if (last < leastSample) calls *= 2;
    }
    return calls;
  });
  const costs = repeats.map(() => new Float64Array(samples));
  for (let i = 0; i < samples; i++) {
    for (const [index, repeat] of repeats.entries()) {
      const calls = counts[index] as number;
      (costs[index] as Float64Array)[i] = (time(repeat, calls) * 1e6) / calls;
    }
  }
  return costs.map((values, index) => summarize(values.sort(), counts[index] as number));
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
