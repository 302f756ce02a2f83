/** Numbers as unevaluated sums of two doubles, and the error-free transformations that make them. */
import type { Algebra } from './algebra.ts';

/** `high + low`, where `low` is at most half an ulp of `high` unless it is said otherwise. */
export interface Pair<N> {
  readonly high: N;
  readonly low: N;
}

/** `x + y` without error, where the magnitude of x is not below that of y, x is zero, or the sum less x is a double. (Dekker) */
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

/** `x - q y` without error, where q is close to `x / y`. */
export function exactRemainder<N, W, B>(a: Algebra<N, W, B>, x: N, q: N, y: N): N {
  const product = twoProduct(a, q, y);
  return a.sub(a.sub(x, product.high), product.low);
}

/** `x y`, where y is a pair. The low part may be some ulp of the high one. */
export function timesPair<N, W, B>(a: Algebra<N, W, B>, x: N, y: Pair<N>): Pair<N> {
  const { high, low } = twoProduct(a, x, y.high);
  return { high, low: a.add(low, a.mul(x, y.low)) };
}

/** `x - q y` of pairs, where q is close to `x / y`. */
export function remainder<N, W, B>(a: Algebra<N, W, B>, x: Pair<N>, q: N, y: Pair<N>): N {
  return a.add(exactRemainder(a, x.high, q, y.high), a.sub(x.low, a.mul(q, y.low)));
}

/** `x / y` of pairs by a single division. The low part may be some ulp of the high one. */
export function quotientByInverse<N, W, B>(a: Algebra<N, W, B>, x: Pair<N>, y: Pair<N>): Pair<N> {
  const inverse = a.div(a.number(1), y.high);
  const high = a.mul(x.high, inverse);
  return { high, low: a.mul(remainder(a, x, high, y), inverse) };
}

/** A pair that is not negative, rounded once at the last place that its sum with `place` has. */
export function roundAt<N, W, B>(a: Algebra<N, W, B>, place: N, { high, low }: Pair<N>): N {
  const sum = fastTwoSum(a, place, high);
  return a.sub(a.add(sum.high, a.add(sum.low, low)), place);
}

/** The magnitude of x, a number that is not negative, with the sign of y. */
export function withSign<N, W, B>(a: Algebra<N, W, B>, x: N, y: N): N {
  return a.orBits(x, a.andBits(y, a.number(-0)));
}

/** x with its sign turned where y is negative. */
export function turnedBy<N, W, B>(a: Algebra<N, W, B>, x: N, y: N): N {
  return a.xorBits(x, a.andBits(y, a.number(-0)));
}
