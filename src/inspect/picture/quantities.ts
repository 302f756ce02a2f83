import type { EngineModel } from '../engine-model.ts';
import type { Quantity } from './memory-cells.ts';

/** What colours can mean. */
export type ColourBy = 'age' | 'pool' | 'calls';

/** A mark on a scale from 0 to 1. */
export interface ScaleMark {
  readonly at: number;
  readonly value: number;
}

/** A quantity with its scale. */
export interface Scale {
  readonly quantity: Quantity;
  readonly marks: readonly ScaleMark[];
}

/** Milliseconds; older than that is as old as anything. */
const ages = [1000, 10_000, 60_000, 600_000, 3_600_000];

/** Young is 1, old is 0, by the logarithm, from a second to an hour or the age of the oldest. */
export function ageScale({ last }: EngineModel): Scale {
  const { time } = last;
  const longest = ages.find((age) => age >= time) ?? 3_600_000;
  const oldest = Math.max(longest, 10_000);
  const youngest = 1000;
  const place = (age: number) =>
    1 - Math.log(Math.min(Math.max(age, youngest), oldest) / youngest) / Math.log(oldest / youngest);
  return {
    quantity: ({ born }) => (born === null ? undefined : place(time - born)),
    marks: ages.filter((age) => age <= oldest).map((age) => ({ at: place(age), value: age })),
  };
}

/** Never called is 0, the most that anything was is 1, by the logarithm. */
export function callScale({ functions }: EngineModel): Scale {
  let most = 1;
  for (const { calls } of functions) if (calls !== null && calls > most) most = calls;
  const place = (calls: number) => Math.log1p(calls) / Math.log1p(most);
  const digits = Math.floor(Math.log10(most));
  const powers = Array.from({ length: digits + 1 }, (_, exponent) => 10 ** exponent);
  const step = Math.ceil(powers.length / 4);
  const shown = powers.filter((_, index) => index % step === 0);
  const marks = [0, ...shown].map((value) => ({ at: place(value), value }));
  return { quantity: ({ calls }) => (calls === null ? undefined : place(calls)), marks };
}

/** Granularities, ascending: what pools are told apart by. */
export function poolsOf({ blocks }: EngineModel): number[] {
  return [...new Set(blocks.map(({ granularity }) => granularity))].sort((a, b) => a - b);
}
