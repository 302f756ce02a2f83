import { extent } from 'd3-array';

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** How far beyond nine tenths of the values a range goes for the others, in parts of what these need. */
const usualMargin = 3;

/** `count` points from the low end to the high one, both included. */
export function evenPoints({ low, high }: Range, count: number): Float64Array {
  const x = new Float64Array(count);
  const span = high - low;
  const last = count - 1;
  for (let i = 0; i < count; i++) {
    // Distances beyond the largest double are put together of what lies on both sides.
    x[i] = Number.isFinite(span * last) ? low + (span * i) / last : low * (1 - i / last) + high * (i / last);
  }
  x[last] = high;
  return x;
}

/**
 * The range of values to show: that of the finite ones, but where the extremes lie far outside of what nine tenths of them
 * need, these decide. A constant gets one unit around it, or a tenth if that is more. The low end is always below the high
 * end. Undefined where no value is finite.
 */
export function visibleRange(values: Float64Array, margin = usualMargin): Range | undefined {
  const finite = values.filter(Number.isFinite).sort();
  const [low, high] = extent(finite);
  if (low === undefined || high === undefined) return undefined;
  if (low === high) {
    const room = Math.max(1, Math.abs(low) / 10);
    return { low: Math.max(low - room, -Number.MAX_VALUE), high: Math.min(high + room, Number.MAX_VALUE) };
  }
  const most = mostOf(finite);
  const room = margin * (most.high - most.low);
  // Most values are alike: the others are what there is to see.
  if (room === 0) return { low, high };
  return { low: Math.max(low, most.low - room), high: Math.min(high, most.high + room) };
}

/** Half of the distance that nine tenths of the finite values need, which is finite; all of them, where those are alike. */
export function halfSpread(values: Float64Array): number {
  const finite = values.filter(Number.isFinite).sort();
  const most = mostOf(finite);
  const [low, high] = most.low < most.high ? [most.low, most.high] : extent(finite);
  return (high ?? 0) / 2 - (low ?? 0) / 2;
}

function mostOf(sorted: Float64Array): Range {
  const q = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  return { low: q(0.05), high: q(0.95) };
}

/** The middle of two numbers, whose sum may be beyond the largest double. */
export function middleOf(low: number, high: number): number {
  const sum = low + high;
  return Number.isFinite(sum) ? sum / 2 : low / 2 + high / 2;
}
