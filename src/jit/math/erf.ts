/**
 * The error function and its complement.
 *
 * Problem. erf is odd and flattens to 1; its complement falls to 2^-1075, and has to be accurate relative to that. Both have to
 * stay monotone where neighbouring arguments have results that differ by less than an ulp.
 *
 * Strategy.
 * - erf: a polynomial for each sixteenth of [0, 6.05], about its centre. Below 0.977 the polynomials are of erf(x) - x, and x
 *   is added last; above, the head of erf at the centre is. What is added to that is small, so are its roundings.
 * - erfc, |x| < 15/32: 1 - x - (erf(x) - x), from a polynomial in x^2.
 * - erfc, beyond: e^(-x^2) w g(w) with w = 2/(2 + |x|), where g is smooth: seven polynomials. x^2, w and the products are carried
 *   in two doubles. Of a negative argument it is 2 less that of the positive.
 *
 * ERROR BUDGET of erf, in ulp of the result:
 *   the last addition                                                                         0.50
 *   the addend, at most 2^-2.7 where the result's ulp is 2^-53: its last sum and product      0.25
 *   sum of the polynomial, rounding of its coefficients                                       0.11
 *   polynomial (2^-58)                                                                        0.02
 *   sum                                                                                       0.88
 * Near 2^-1021 the addend is subnormal, to 0.25 ulp; with its coefficient's rounding the sum is 0.87.
 * Measured over 4 10^5 points a range: 0.795; near 2^-1021 0.816.
 *
 * ERROR BUDGET of erfc:
 *   the last addition                                                                         0.50
 *   e^(-x^2)                                                                                  0.04
 *   g, whose polynomial adds up to 0.09 to its row's constant: roundings as above             0.25
 *   products by e^(-x^2) and w: what they lack is rounded, at 2^-6 of the result              0.03
 *   sum                                                                                       0.82
 * Measured over 3 10^5 points a range: 0.690; below 15/32 0.626, for negative arguments 0.544. Beyond
 * 25.5 0.596, subnormal results 0.504.
 */
import type { Algebra } from './algebra.ts';
import { exactRemainder, fastTwoSum, type Pair, timesPair, twoProduct, withSign } from './double-double.ts';
import { exponential, rowPolynomial, scaleDown } from './extended.ts';
import { integerRounder, roundToInteger } from './integers.ts';
import type { MathFunction } from './math-function.ts';
import { erfcRows, erfRows } from './tables/erf.ts';

const erfStep = 25 / 64;
/** From here on erf is 1 in double precision, and so is what the last row gives. */
const erfEnd = 6;

/** Usual: all but NaN. */
export const erf: MathFunction = {
  name: 'erf',
  arity: 1,
  usual: (a, x) => {
    const magnitude = a.abs(x);
    const within = a.select(a.less(magnitude, a.number(erfEnd)), magnitude, a.number(erfEnd));
    const { integer: count, index } = roundToInteger(a, a.mul(within, a.number(1 / erfStep)));
    const d = a.subProduct(within, count, a.number(erfStep));
    const { head, rest } = rowPolynomial(a, erfRows, index, d);
    const base = a.select(a.less(count, a.number(2.5)), within, head);
    return { value: withSign(a, a.add(base, rest), x), isUsual: a.equal(x, x) };
  },
  rare: (a, x) => a.add(x, x),
};

const complementStep = 7 / 64;
/** Where the polynomial in x^2 ends. Before that erfc is above 1/2, whose ulp is that of 1. */
const nearEnd = 15 / 32;
/** Below this neither the result nor the low parts behind it are subnormal. */
const usualEnd = 25.5;
/** From here on the result is less than half the smallest subnormal. */
const complementEnd = 28;

interface ComplementTerms<N, B> {
  readonly near: B;
  /** For |x| < 15/32, (erf(x) - x) / x. */
  readonly slope: N;
  /** Otherwise 2^bias erfc(|x|). */
  readonly scaled: Pair<N>;
}

function complementTerms<N, W, B>(a: Algebra<N, W, B>, magnitude: N, bias: number): ComplementTerms<N, B> {
  const two = a.number(2);
  const square = twoProduct(a, magnitude, magnitude);
  const power = exponential(
    a,
    { high: a.sub(a.number(0), square.high), low: a.sub(a.number(0), square.low) },
    bias,
  );

  const denominator = fastTwoSum(a, two, magnitude);
  const w = a.div(two, denominator.high);
  const residual = a.sub(exactRemainder(a, two, w, denominator.high), a.mul(w, denominator.low));
  const correction = a.mul(residual, a.number(0.5));

  // Row 0 is that of arguments near zero.
  const near = a.less(magnitude, a.number(nearEnd));
  const shift = a.number(integerRounder);
  const shifted = a.select(near, shift, a.add(a.mul(w, a.number(1 / complementStep)), shift));
  const count = a.sub(shifted, shift);
  const far = a.add(a.subProduct(w, count, a.number(complementStep)), a.mul(w, correction));
  const { head, rest } = rowPolynomial(a, erfcRows, a.wordOf(shifted), a.select(near, square.high, far));

  const weighted = timesPair(a, w, fastTwoSum(a, head, rest));
  const { high, low } = timesPair(a, power.scale, weighted);
  const relative = a.add(power.fraction, correction);
  return { near, slope: rest, scaled: { high, low: a.add(low, a.mul(high, relative)) } };
}

/** Usual: magnitudes below 25.5. */
export const erfc: MathFunction = {
  name: 'erfc',
  arity: 1,
  usual: (a, x) => {
    const magnitude = a.abs(x);
    const { near, slope, scaled } = complementTerms(a, magnitude, 0);
    // Near zero (1 - x) - x slope; else (0 + scaled), or (2 - scaled) where x is negative.
    const zero = a.number(0);
    const flip = a.xorBits(a.andBits(x, a.number(-0)), a.number(-0));
    const base = a.select(near, a.number(1), a.select(a.less(x, zero), a.number(2), zero));
    const subtrahend = a.select(near, x, a.xorBits(scaled.high, flip));
    const small = a.select(near, a.mul(x, slope), a.xorBits(scaled.low, flip));
    const high = a.sub(base, subtrahend);
    const low = a.sub(a.sub(base, high), subtrahend);
    return { value: a.add(high, a.sub(low, small)), isUsual: a.less(magnitude, a.number(usualEnd)) };
  },
  rare: (a, x) => {
    const end = a.number(complementEnd);
    const magnitude = a.abs(x);
    const within = a.select(a.less(magnitude, end), magnitude, end);
    const { scaled } = complementTerms(a, within, 200);
    const tail = scaleDown(a, scaled);
    const value = a.select(a.less(x, a.number(0)), a.number(2), tail);
    return a.select(a.equal(x, x), value, a.add(x, x));
  },
};
