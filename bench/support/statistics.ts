import { invariant } from '../../src/support/invariant.ts';

/** The middle value, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  invariant(values.length > 0, 'the median of nothing');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** The median of the ratios between samples that were taken in the same round. */
export function medianRatio(samples: readonly number[], baseline: readonly number[]): number {
  return median(samples.map((sample, round) => sample / (baseline[round] as number)));
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
