/**
 * Arcsine and arccosine.
 *
 * Problem: close to 1 the slope has no bound, and the arccosine there is small and to be relatively accurate.
 *
 * Strategy: up to 1/2, asin s = s + s^3 p(s^2). Above it, asin x = pi/2 - 2 asin s with s^2 = (1 - x)/2, which is exact;
 * s is a square root and what that lacks, from one step of Newton. The arccosine uses the same: of x it is pi/2 - asin x
 * up to 1/2, and above it 2 asin s, or pi less that for a negative x.
 *
 * 1. Errors in ulp are largest just above 1/2, where the result is 2^-1 and more and 2 s^3 p(s^2) up to 0.047: 0.5 for the
 *    last addition; 0.12 for the roundings in that term; 0.06 for its sums with what the root and the axis lack; 0.01 for
 *    the polynomial. Sum 0.69, measured 0.65 for asin and 0.63 for acos.
 * 2. Zeros and subnormals need nothing: their s^3 is zero, so they are the result.
 */
import type { Algebra } from './algebra.ts';
import { beyondLinear } from './atan.ts';
import { exactRemainder, fastTwoSum, type Pair, turnedBy, withSign } from './double-double.ts';
import type { MathFunction } from './math-function.ts';
import { arcsinePolynomial, halfPiLow, piLow } from './tables/atan.ts';

interface Arc<N, B> {
  /** The arcsine of s, which is the magnitude of x or the root of (1 - x)/2. */
  readonly arc: Pair<N>;
  /** Is it the root? */
  readonly isRoot: B;
  readonly magnitude: N;
}

function arcOf<N, W, B>(a: Algebra<N, W, B>, x: N): Arc<N, B> {
  const magnitude = a.abs(x);
  const isRoot = a.less(a.number(0.5), magnitude);
  const halfComplement = a.mul(a.number(0.5), a.sub(a.number(1), magnitude));
  const square = a.select(isRoot, halfComplement, a.mul(magnitude, magnitude));
  const s = a.select(isRoot, a.sqrt(halfComplement), magnitude);

  const lacking = exactRemainder(a, halfComplement, s, s);
  // A root is zero or 2^-27 and more: what is added keeps zero by zero away, and changes nothing.
  const step = a.div(lacking, a.add(a.add(s, s), a.number(2 ** -1000)));
  const rootLow = a.select(isRoot, step, a.number(0));

  const cubic = beyondLinear(a, s, square, arcsinePolynomial);
  return { arc: { high: s, low: a.add(cubic, rootLow) }, isRoot, magnitude };
}

/** `axis + factor arc`, where the factor is a power of two and the axis is zero or larger than the other. */
function fromAxis<N, W, B>(a: Algebra<N, W, B>, axis: Pair<N>, factor: N, arc: Pair<N>): N {
  const sum = fastTwoSum(a, axis.high, a.mul(factor, arc.high));
  return a.add(sum.high, a.add(a.add(sum.low, axis.low), a.mul(factor, arc.low)));
}

/** Usual from -1 to 1; there is no other. */
export const asin: MathFunction = {
  name: 'asin',
  arity: 1,
  usual: (a, x) => {
    const { arc, isRoot, magnitude } = arcOf(a, x);
    const pick = (ifRoot: number, otherwise: number) =>
      a.select(isRoot, a.number(ifRoot), a.number(otherwise));
    const axis = { high: pick(Math.PI / 2, 0), low: pick(halfPiLow, 0) };
    return {
      value: withSign(a, fromAxis(a, axis, pick(-2, 1), arc), x),
      isUsual: a.lessOrEqual(magnitude, a.number(1)),
    };
  },
  rare: (a) => a.number(NaN),
};

/** Usual from -1 to 1; there is no other. */
export const acos: MathFunction = {
  name: 'acos',
  arity: 1,
  usual: (a, x) => {
    const { arc, isRoot, magnitude } = arcOf(a, x);
    const isNegative = a.less(x, a.number(0));
    const pick = (halfPi: number, pi: number) =>
      a.select(isRoot, a.select(isNegative, a.number(pi), a.number(0)), a.number(halfPi));
    const axis = { high: pick(Math.PI / 2, Math.PI), low: pick(halfPiLow, piLow) };
    const factor = a.select(isRoot, a.number(2), a.number(-1));
    return {
      value: fromAxis(a, axis, turnedBy(a, factor, x), arc),
      isUsual: a.lessOrEqual(magnitude, a.number(1)),
    };
  },
  rare: (a) => a.number(NaN),
};
