/**
 * Reductions that need the results of all rows at once: variances, which need their mean first, and quantiles. They work on an array that nobody
 * else has, in TypeScript, so their bits are the same whatever computed the results.
 */
import { reduceValues } from '../../jit/kernel/reductions.ts';
import { describeValue } from '../../support/describe-value.ts';
import type { ReduceOptions } from './run-options.ts';

/** Kinds of reductions that are such. */
export const statisticKinds = Object.freeze(['var', 'std', 'median', 'quantile'] as const);
export type StatisticKind = (typeof statisticKinds)[number];

export interface Statistic {
  readonly kind: StatisticKind;
  /** Of a quantile: 0 to 1. */
  readonly q: number;
  /** Of a variance: how many less than rows it divides by. */
  readonly ddof: number;
}

/**
 * What a kind and its options ask for; undefined for kinds that kernels reduce to.
 *
 * @throws TypeError or RangeError for options that are impossible, or another kind's.
 */
export function statisticOf(kind: string, { q, ddof }: ReduceOptions): Statistic | undefined {
  if (q !== undefined && kind !== 'quantile')
    throw new TypeError(`q is an option of quantile, not of ${kind}`);
  if (ddof !== undefined && kind !== 'var' && kind !== 'std') {
    throw new TypeError(`ddof is an option of var and std, not of ${kind}`);
  }
  const own = statisticKinds.find((each) => each === kind);
  if (own === undefined) return undefined;
  if (own === 'quantile' && !(typeof q === 'number' && q >= 0 && q <= 1)) {
    throw new RangeError(`q must be a number from 0 to 1, not ${describeValue(q)}`);
  }
  if (ddof !== undefined && !(typeof ddof === 'number' && ddof >= 0 && ddof < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`ddof must be a number of at least 0, not ${describeValue(ddof)}`);
  }
  return {
    kind: own,
    q: own === 'quantile' ? (q as number) : 0.5,
    ddof: typeof ddof === 'number' ? ddof : 0,
  };
}

/** Of the results of all rows, which are used up. */
export function computeStatistic({ kind, q, ddof }: Statistic, values: Float64Array): number {
  if (values.length === 0) return Number.NaN;
  if (kind === 'median' || kind === 'quantile') return quantile(values, q);
  const variance = varianceOf(values, ddof);
  return kind === 'std' ? Math.sqrt(variance) : variance;
}

function varianceOf(values: Float64Array, ddof: number): number {
  const count = values.length;
  if (count <= ddof) return Number.NaN;
  const mean = reduceValues('sum', values) / count;
  for (let i = 0; i < count; i++) {
    const deviation = (values[i] as number) - mean;
    values[i] = deviation * deviation;
  }
  return reduceValues('sum', values) / (count - ddof);
}

/** Between the two values next to `q (count - 1)` in order of size. */
function quantile(values: Float64Array, q: number): number {
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) return Number.NaN;
  const last = values.length - 1;
  const position = q * last;
  const below = Math.floor(position);
  const share = position - below;
  select(values, below);
  const lower = values[below] as number;
  if (share === 0) return lower + 0;
  // What is behind is not smaller.
  let upper = values[below + 1] as number;
  for (let i = below + 2; i <= last; i++) if ((values[i] as number) < upper) upper = values[i] as number;
  if (lower === upper) return lower + 0;
  const distance = upper - lower;
  // One of them is infinite, or they are too far apart.
  if (distance === Number.POSITIVE_INFINITY) return lower * (1 - share) + upper * share;
  return share < 0.5 ? lower + distance * share : upper - distance * (1 - share);
}

/**
 * Puts the value that is at `place` in order of size there, none that is larger before it and none that is smaller behind (Hoare). Pivots are
 * chosen at random, so that no order of the rows is a slow one; the value at the place is the same whatever they are.
 */
function select(values: Float64Array, place: number): void {
  let first = 0;
  let last = values.length - 1;
  while (first < last) {
    const pivot = values[first + Math.floor(Math.random() * (last - first + 1))] as number;
    let i = first;
    let j = last;
    while (i <= j) {
      while ((values[i] as number) < pivot) i++;
      while (pivot < (values[j] as number)) j--;
      if (i > j) break;
      const value = values[i] as number;
      values[i] = values[j] as number;
      values[j] = value;
      i++;
      j--;
    }
    if (place <= j) last = j;
    else if (place >= i) first = i;
    else return;
  }
}
