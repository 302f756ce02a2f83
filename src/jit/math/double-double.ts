/** Numbers as unevaluated sums of two doubles, and the error-free transformations that make them. */
import type { Algebra } from './algebra.ts';

/** `high + low`, where `low` is at most half an ulp of `high` unless it is said otherwise. */
export interface Pair<N> {
  readonly high: N;
  readonly low: N;
}

/** `x + y` without error, where the magnitude of x is not below that of y, or x is zero. (Dekker) */
export function fastTwoSum<N, W, B>(a: Algebra<N, W, B>, x: N, y: N): Pair<N> {
  const high = a.add(x, y);
  return { high, low: a.sub(y, a.sub(high, x)) };
}

/** `x + y` without error. (Knuth) */
export function twoSum<N, W, B>(a: Algebra<N, W, B>, x: N, y: N): Pair<N> {
  const high = a.add(x, y);
  const fromY = a.sub(high, x);
  return { high, low: a.add(a.sub(x, a.sub(high, fromY)), a.sub(y, fromY)) };
}

/** `x y` without error. */
export function twoProduct<N, W, B>(a: Algebra<N, W, B>, x: N, y: N): Pair<N> {
  const high = a.mul(x, y);
  return { high, low: a.productError(x, y, high) };
}

/** The magnitude of x, a number that is not negative, with the sign of y. */
export function withSign<N, W, B>(a: Algebra<N, W, B>, x: N, y: N): N {
  return a.orBits(x, a.andBits(y, a.number(-0)));
}
