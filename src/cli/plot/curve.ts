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
  const span = high - low;
  const last = count - 1;
  for (let i = 0; i < count; i++) {
    // Distances beyond the largest double are put together of what lies on both sides.
    x[i] = Number.isFinite(span * last) ? low + (span * i) / last : low * (1 - i / last) + high * (i / last);
  }
  x[last] = high;
  return { label, x, y: x.map((value) => f(value)) };
}

/**
 * The range of y to show: that of the finite samples, but poles are cut: where the extremes lie far outside of
 * what nine tenths of the samples need, these decide. A constant gets one unit around it, or a tenth if that is more. The
 * low end is always below the high end.
 */
export function visibleRange(y: Float64Array): Range {
  const finite = y.filter(Number.isFinite).sort();
  const [low, high] = extent(finite);
  if (low === undefined || high === undefined) return { low: -1, high: 1 };
  if (low === high) {
    const room = Math.max(1, Math.abs(low) / 10);
    return { low: Math.max(low - room, -Number.MAX_VALUE), high: Math.min(high + room, Number.MAX_VALUE) };
  }
  const q = (share: number): number => finite[Math.floor(share * (finite.length - 1))] ?? 0;
  const margin = 3 * (q(0.95) - q(0.05));
  // Most samples are alike: the others are what there is to see.
  if (margin === 0) return { low, high };
  return { low: Math.max(low, q(0.05) - margin), high: Math.min(high, q(0.95) + margin) };
}

/** The middle of two numbers, whose sum may be beyond the largest double. */
export function middleOf(low: number, high: number): number {
  const sum = low + high;
  return Number.isFinite(sum) ? sum / 2 : low / 2 + high / 2;
}
