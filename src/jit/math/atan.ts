/**
 * Arctangent, of a number and of a quotient.
 *
 * Problem: half an ulp over all four quadrants, with one division and without a loss where the quotient is rounded.
 *
 * Strategy: of |y| and |x|, the smaller is n and the larger d. The arctangent of n/d is b + atan t, with b the arctangent
 * of the closest c of 0, 1/2 and 1, and t = (n - c d)/(d + c n), at most 1/4. The numerator is exact, by Sterbenz' lemma;
 * the denominator and t are sums of two doubles. What remains is to add k + s (b + atan t), where k is 0, pi/2 or pi, and
 * s a sign, largest first.
 *
 * 1. Errors in ulp are largest below a quotient of 1/4, where t is the quotient: 0.5 for the last addition; 0.053 for the
 *    roundings in t^3 p(t^2), a fiftieth of the result; 0.016 for its sum with the low part of t, which is zero where d is
 *    1. Sum 0.569, measured 0.545 for atan and 0.559 for atan2.
 * 2. Where both are 2^-400 to 2^400 nothing under- or overflows. An n of zero is as good; the arctangent of a single
 *    number has d = 1 where n is small, and then t is n, exactly.
 */
import type { Algebra } from './algebra.ts';
import { exactRemainder, fastTwoSum, type Pair, turnedBy, withSign } from './double-double.ts';
import type { MathFunction } from './math-function.ts';
import { evenOdd } from './polynomial.ts';
import {
  arctangentPolynomial,
  atanHalfHigh,
  atanHalfLow,
  halfPiLow,
  piLow,
  quarterPiLow,
} from './tables/atan.ts';

/** What is no larger than it and no smaller than its inverse can be divided safely. */
const largest = 2 ** 400;

/**
 * `t^3 p(t^2)`. The constant of the polynomial is added last: the rounding of the rest, which is smaller, counts less then.
 */
export function beyondLinear<N, W, B>(
  a: Algebra<N, W, B>,
  t: N,
  square: N,
  [constant = 0, ...rest]: readonly number[],
): N {
  const higher = a.mul(square, evenOdd(a, square, a.mul(square, square), rest));
  return a.mul(a.mul(t, square), a.add(a.number(constant), higher));
}

/** The smaller and the larger of two magnitudes. */
interface Ratio<N, B> {
  readonly numerator: N;
  readonly denominator: N;
  /** Was y, the first, the larger? */
  readonly swapped: B;
}

function ratio<N, W, B>(a: Algebra<N, W, B>, y: N, x: N): Ratio<N, B> {
  const swapped = a.less(x, y);
  return {
    numerator: a.select(swapped, x, y),
    denominator: a.select(swapped, y, x),
    swapped,
  };
}

/** `axis` plus the arctangent of a ratio, with a sign that is that of the zero `turn`. */
function fromAxis<N, W, B>(
  a: Algebra<N, W, B>,
  { numerator, denominator }: Ratio<N, B>,
  axis: Pair<N>,
  turn: N,
): N {
  const isMiddle = a.less(a.mul(a.number(0.25), denominator), numerator);
  const isUpper = a.less(a.mul(a.number(0.75), denominator), numerator);
  const choose = (upper: number, middle: number) =>
    a.select(isUpper, a.number(upper), a.select(isMiddle, a.number(middle), a.number(0)));
  const centre = choose(1, 0.5);
  const baseHigh = choose(Math.PI / 4, atanHalfHigh);
  const baseLow = choose(quarterPiLow, atanHalfLow);

  const above = a.subProduct(numerator, centre, denominator);
  const below = a.addProduct(denominator, centre, numerator);
  const belowLow = a.addProduct(a.sub(denominator, below), centre, numerator);
  const inverse = a.div(a.number(1), below);
  const t = a.mul(above, inverse);
  const tLow = a.mul(a.sub(exactRemainder(a, above, t, below), a.mul(t, belowLow)), inverse);

  const square = a.mul(t, t);
  const cubic = beyondLinear(a, t, square, arctangentPolynomial);
  const small = a.add(a.sub(tLow, a.mul(tLow, square)), cubic);

  const base = fastTwoSum(a, axis.high, a.xorBits(baseHigh, turn));
  const sum = fastTwoSum(a, base.high, a.xorBits(t, turn));
  const low = a.add(axis.low, a.xorBits(a.add(baseLow, small), turn));
  return a.add(sum.high, a.add(a.add(base.low, sum.low), low));
}

/** The arctangent of y/x in four quadrants, for a ratio of their magnitudes. */
function inQuadrant<N, W, B>(a: Algebra<N, W, B>, of: Ratio<N, B>, y: N, x: N): N {
  const isLeft = a.less(x, a.number(0));
  const pick = (halfPi: number, pi: number) =>
    a.select(of.swapped, a.number(halfPi), a.select(isLeft, a.number(pi), a.number(0)));
  const axis = { high: pick(Math.PI / 2, Math.PI), low: pick(halfPiLow, piLow) };
  const swap = a.select(of.swapped, a.number(-0), a.number(0));
  return withSign(a, fromAxis(a, of, axis, turnedBy(a, swap, x)), y);
}

/** Usual below 2^400. */
export const atan: MathFunction = {
  name: 'atan',
  arity: 1,
  usual: (a, x) => {
    const magnitude = a.abs(x);
    const of = ratio(a, magnitude, a.number(1));
    const pick = (halfPi: number) => a.select(of.swapped, a.number(halfPi), a.number(0));
    const axis = { high: pick(Math.PI / 2), low: pick(halfPiLow) };
    return {
      value: withSign(a, fromAxis(a, of, axis, pick(-0)), x),
      isUsual: a.less(magnitude, a.number(largest)),
    };
  },
  rare: (a, x) => a.select(a.equal(x, x), withSign(a, a.number(Math.PI / 2), x), a.number(NaN)),
};

/**
 * The angle of the point (x, y), in this order of arguments: `atan2(y, x)`. Usual where the larger magnitude is below
 * 2^400 and the smaller not below 2^-400, or it is zero and the larger not below 2^-400.
 */
export const atan2: MathFunction = {
  name: 'atan2',
  arity: 2,
  usual: (a, y, x) => {
    const of = ratio(a, a.abs(y), a.abs(x));
    const { numerator, denominator } = of;
    const smallest = a.select(a.equal(numerator, a.number(0)), denominator, numerator);
    return {
      // The sign of a zero x does not count: beside it, y is the larger, and the ratio is zero.
      value: inQuadrant(a, of, y, x),
      isUsual: a.both(a.lessOrEqual(a.number(1 / largest), smallest), a.less(denominator, a.number(largest))),
    };
  },
  rare: (a, y, x) => {
    const given = ratio(a, a.abs(y), a.abs(x));
    const { numerator, denominator, swapped } = given;
    const zero = a.number(0);
    const one = a.number(1);
    const infinity = a.number(Infinity);

    // Into the range of the core. What underflows here is below 2^-400 of the denominator.
    const scale = a.select(a.less(denominator, one), a.number(2 ** 600), a.number(2 ** -600));
    const isInfinite = a.equal(denominator, infinity);
    const corner = a.select(a.equal(numerator, infinity), one, zero);
    const scaled = a.mul(denominator, scale);
    const of = {
      numerator: a.select(isInfinite, corner, a.mul(numerator, scale)),
      denominator: a.select(a.either(isInfinite, a.equal(denominator, zero)), one, scaled),
      swapped,
    };
    const angle = inQuadrant(a, of, y, withSign(a, one, x));

    // Beside the positive half of the axis of x, the quotient is the angle, rounded once, and it may be subnormal.
    const quotient = a.div(numerator, denominator);
    const isQuotient = a.both(
      a.both(a.less(zero, x), a.not(swapped)),
      a.both(a.less(quotient, a.number(2 ** -30)), a.less(denominator, infinity)),
    );
    const isNumber = a.both(a.equal(x, x), a.equal(y, y));
    return a.select(isNumber, a.select(isQuotient, withSign(a, quotient, y), angle), a.number(NaN));
  },
};
