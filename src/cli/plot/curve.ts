import { extent } from 'd3-array';

/** A function sampled at evenly spaced points; `y` may be NaN or infinite, where nothing is drawn. */
export interface Curve {
  readonly label: string;
  readonly x: Float64Array;
  readonly y: Float64Array;
}

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Samples `f` at `count` points from `low` to `high`, both included. */
export function sampleCurve(
  label: string,
  f: (x: number) => number,
  { low, high }: Range,
  count: number,
): Curve {
  const x = new Float64Array(count);
  for (let i = 0; i < count; i++) x[i] = low + ((high - low) * i) / (count - 1);
  return { label, x, y: x.map((value) => f(value)) };
}

/**
 * The range of y to show: that of the finite samples, but poles are cut: where the extremes lie far outside of
 * what nine tenths of the samples need, these decide. A constant gets one unit around it.
 */
export function visibleRange(y: Float64Array): Range {
  const finite = y.filter(Number.isFinite).sort();
  const [low, high] = extent(finite);
  if (low === undefined || high === undefined) return { low: -1, high: 1 };
  if (low === high) return { low: low - 1, high: high + 1 };
  const q = (share: number): number => finite[Math.floor(share * (finite.length - 1))] ?? 0;
  const margin = 3 * (q(0.95) - q(0.05));
  return { low: Math.max(low, q(0.05) - margin), high: Math.min(high, q(0.95) + margin) };
}
