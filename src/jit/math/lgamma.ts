/**
 * The logarithm of the magnitude of the gamma function, and what it shares with the gamma function itself.
 *
 * Problem. log gamma has zeros at 1 and 2, and two between each two poles from -2 on to the left; the gamma function is its
 * exponential, and needs it to an absolute error well below 2^-53 at values of up to 710.
 *
 * Strategy.
 * - z >= 1/2: (z - 1/2) log z - z + s(1/z), Stirling's formula, in two doubles. s is a smooth function of 1/z on all of (0, 2];
 *   eight polynomials give it, so there is neither an asymptotic series nor a recurrence.
 * - about 1 and 2, 0.78 < x < 2.14: (x - 1)(x - 2) q(x), with eight polynomials for q.
 * - 0 < x < 1/2: log gamma(1 + x) - log x.
 * - x < 0: log(pi / sin(pi |x|)) - log gamma(1 + |x|), the reflection, where |x| less the nearest integer is exact.
 *
 * ERROR BUDGET, in ulp of the result, for x > 0:
 *   the last addition                                                                         0.50
 *   outside of 0.78 to 2.14, where the magnitude is 1/16 or more: Stirling's rows add up to 2^-6.3 to
 *   their constants; roundings of that, of its coefficients and of its sums with the rest     0.37
 *   within: q's rows add up to 0.05 of their constants, the product is in two doubles         0.20
 *   sum, the larger                                                                           0.87
 * Measured over 2 10^5 points a range: 0.837 (usual, near 2.24), 0.568 (rare).
 *
 * For x < 0 the same bound holds where the magnitude of the result is at least 1/8; measured 0.561. Near the zeros there, which are
 * those of -20 < x < -2, the relative error is not bounded. What is guaranteed is the absolute error beyond that of
 * the last rounding: below 2^-57; measured 2^-57.65. Further to the left doubles lie too far apart to come close to a zero.
 */
import { elementAt } from '../../support/element.ts';
import type { Algebra } from './algebra.ts';
import { fastTwoSum, type Pair, timesPair, twoProduct, twoSum } from './double-double.ts';
import { type RowValue, rowPolynomial } from './extended.ts';
import { integerRounder } from './integers.ts';
import type { MathFunction } from './math-function.ts';
import { evenOdd } from './polynomial.ts';
import { logarithm } from './pow.ts';
import { gammaRows, logPiPair, sineCoefficients, sineHeads, sineTails } from './tables/gamma.ts';
import { ln2High, ln2Low } from './tables/log.ts';

const rowStep = 11 / 64;
/** Of the variable of Stirling's rows, which is this by z. */
const rowScale = 5 / 8;

/** `high + low` is `rowScale / z` to some 80 bits; `high` has 26. */
function scaledReciprocal<N, W, B>(a: Algebra<N, W, B>, z: N): Pair<N> {
  const w = a.div(a.number(rowScale), z);
  const high = a.head(w);
  const excess = a.exactMultiplyAdd(z, high, a.number(-rowScale));
  return { high, low: a.mul(excess, a.mul(w, a.number(-1 / rowScale))) };
}

/** The row about `high`, and its polynomial at `high + low`; `offset` is added to the row's number. */
function gammaRow<N, W, B>(a: Algebra<N, W, B>, { high, low }: Pair<N>, offset: N): RowValue<N> {
  const shifted = a.add(a.mul(high, a.number(1 / rowStep)), offset);
  const d = a.subProduct(high, a.sub(shifted, offset), a.number(rowStep));
  return rowPolynomial(a, gammaRows, a.wordOf(shifted), a.add(d, low));
}

/** Stirling's formula, given the row for `rowScale / z`; without the tail of z. The low part may be as large as 1/50. */
function stirling<N, W, B>(a: Algebra<N, W, B>, z: N, log: Pair<N>, { head, rest }: RowValue<N>): Pair<N> {
  const product = timesPair(a, a.sub(z, a.number(0.5)), log);
  const difference = twoSum(a, product.high, a.sub(a.number(0), z));
  const sum = twoSum(a, difference.high, head);
  return { high: sum.high, low: a.add(a.add(a.add(difference.low, sum.low), product.low), rest) };
}

/** log gamma(z), to an absolute error of 2^-57.6; for z from 1/2 to 2^52. */
export function logGamma<N, W, B>(a: Algebra<N, W, B>, z: N): Pair<N> {
  const row = gammaRow(a, scaledReciprocal(a, z), a.number(integerRounder));
  const { high, low } = stirling(a, z, logarithm(a, z), row);
  return fastTwoSum(a, high, low);
}

/** log gamma(1 + x) for x from -1/2 to 2^52, as accurate. */
export function logFactorial<N, W, B>(a: Algebra<N, W, B>, x: N): Pair<N> {
  const one = a.number(1);
  const { high: z, low: lost } = fastTwoSum(a, one, x);
  const w = scaledReciprocal(a, z);
  const log = logarithm(a, z);
  const { high, low } = stirling(a, z, log, gammaRow(a, w, a.number(integerRounder)));
  // What z lacks of 1 + x, times the derivative log z - 1/(2 z) + ...
  const slope = a.sub(log.high, a.mul(w.high, a.number(0.5 / rowScale)));
  return fastTwoSum(a, high, a.add(low, a.mul(lost, slope)));
}

/** A number that is not negative less the nearest integer, and the sign that sin(pi x) has from that integer's parity. */
export interface Reduced<N> {
  readonly fraction: N;
  /** A zero. */
  readonly sign: N;
}

/** Exact below 2^52. */
export function nearestInteger<N, W, B>(a: Algebra<N, W, B>, x: N): Reduced<N> {
  const shift = a.number(2 ** 52);
  const shifted = a.add(x, shift);
  return {
    fraction: a.sub(x, a.sub(shifted, shift)),
    sign: a.doubleOf(a.shiftLeft(a.wordOf(shifted), 63)),
  };
}

/** `c + x y` in pairs, where c is above the product. */
function multiplyAdd<N, W, B>(a: Algebra<N, W, B>, x: Pair<N>, y: Pair<N>, c: Pair<N>): Pair<N> {
  const product = twoProduct(a, x.high, y.high);
  const cross = a.add(a.mul(x.high, y.low), a.mul(x.low, y.high));
  const sum = fastTwoSum(a, c.high, product.high);
  return { high: sum.high, low: a.add(a.add(sum.low, c.low), a.add(product.low, cross)) };
}

/** sin(pi f) for 0 <= f <= 1/2, to 2^-58 of itself. */
export function sinePi<N, W, B>(a: Algebra<N, W, B>, f: N): Pair<N> {
  const square = twoProduct(a, f, f);
  const coefficient = (i: 0 | 1 | 2): Pair<N> => ({
    high: a.number(sineHeads[i]),
    low: a.number(sineTails[i]),
  });
  const series = evenOdd(a, square.high, a.mul(square.high, square.high), sineCoefficients);
  const third = coefficient(2);
  const { high: top, low: left } = fastTwoSum(a, third.high, a.mul(square.high, series));
  let sum = multiplyAdd(a, square, { high: top, low: a.add(left, third.low) }, coefficient(1));
  sum = multiplyAdd(a, square, sum, coefficient(0));
  return timesPair(a, f, sum);
}

/** Beyond this x - 1/2 is no double, and the product by the logarithm may leave the doubles. */
const usualEnd = 2 ** 50;
/** About the zeros at 1 and 2, within rows 8 to 15. */
const zerosCentre = 1.46;
const zerosReach = 0.68;
/** Below this the result is -log|x| on both sides of zero, and sines would be subnormal. */
const tinyEnd = 2 ** -60;
const smallestNormal = 2 ** -1022;

/** Usual: 1/2 to 2^50. Infinity at the poles and at both infinities. */
export const lgamma: MathFunction = {
  name: 'lgamma',
  arity: 1,
  usual: (a, x) => {
    const nearZeros = a.less(a.abs(a.sub(x, a.number(zerosCentre))), a.number(zerosReach));
    // Row 8 is about the fifth multiple of the step.
    const offset = a.select(nearZeros, a.number(integerRounder + 3), a.number(integerRounder));
    const w = scaledReciprocal(a, x);
    const place = {
      high: a.select(nearZeros, x, w.high),
      low: a.select(nearZeros, a.number(0), w.low),
    };
    const row = gammaRow(a, place, offset);
    const far = stirling(a, x, logarithm(a, x), row);

    const fromOne = a.sub(x, a.number(1));
    const product = timesPair(a, fromOne, fastTwoSum(a, a.number(-2), x));
    const near = twoProduct(a, product.high, row.head);
    const nearLow = a.add(a.add(near.low, a.mul(product.low, row.head)), a.mul(product.high, row.rest));

    const high = a.select(nearZeros, near.high, far.high);
    const low = a.select(nearZeros, nearLow, far.low);
    return {
      value: a.add(high, low),
      isUsual: a.both(a.lessOrEqual(a.number(0.5), x), a.less(x, a.number(usualEnd))),
    };
  },
  rare: (a, x) => {
    const zero = a.number(0);
    const infinity = a.number(Number.POSITIVE_INFINITY);
    const magnitude = a.abs(x);
    const tiny = a.less(magnitude, a.number(tinyEnd));
    const negative = a.less(x, zero);
    const fraction = a.abs(nearestInteger(a, magnitude).fraction);
    const reflected = a.both(negative, a.not(tiny));

    // -log of the sine where reflected, else of the argument; that raised by 2^64 where it is subnormal.
    const sine = sinePi(a, fraction);
    const subnormal = a.less(magnitude, a.number(smallestNormal));
    const raised = a.select(subnormal, a.mul(magnitude, a.number(2 ** 64)), magnitude);
    const log = logarithm(a, a.select(reflected, sine.high, raised));
    const adjusted = twoSum(a, a.select(subnormal, a.number(64 * ln2High), zero), a.sub(zero, log.high));
    const adjustedTail = a.select(subnormal, a.number(64 * ln2Low), zero);
    const sineTail = a.select(reflected, a.div(sine.low, sine.high), zero);
    const logTail = a.sub(a.sub(a.add(adjusted.low, adjustedTail), log.low), sineTail);

    const factorial = logFactorial(a, magnitude);
    const [logPi, logPiTail] = logPiPair;
    const upper = twoSum(a, a.select(reflected, a.number(logPi), zero), adjusted.high);
    const signed = a.select(reflected, a.sub(zero, factorial.high), factorial.high);
    const sum = twoSum(a, upper.high, signed);
    const signedTail = a.select(reflected, a.sub(a.number(logPiTail), factorial.low), factorial.low);
    const tails = a.add(a.add(upper.low, sum.low), a.add(logTail, signedTail));
    const moderate = a.add(sum.high, tails);

    // Beyond 2^50: x (log x - 1) - log(x)/2 + 0.9..., scaled so that it overflows at its last multiplication only.
    const scale = a.number(2 ** -200);
    const scaled = a.mul(magnitude, scale);
    const less = fastTwoSum(a, log.high, a.number(-1));
    const large = twoProduct(a, scaled, less.high);
    const constant = a.number(elementAt(gammaRows.values, 0));
    const minor = a.mul(a.sub(constant, a.mul(log.high, a.number(0.5))), scale);
    const largeTail = a.add(a.add(large.low, minor), a.mul(scaled, a.add(less.low, log.low)));
    const huge = a.mul(a.add(large.high, largeTail), a.number(2 ** 200));

    const result = a.select(a.less(x, a.number(usualEnd)), moderate, huge);
    const pole = a.either(
      a.equal(magnitude, infinity),
      a.either(
        a.equal(x, zero),
        a.both(reflected, a.either(a.equal(fraction, zero), a.lessOrEqual(a.number(2 ** 52), magnitude))),
      ),
    );
    const value = a.select(pole, infinity, result);
    return a.select(a.equal(x, x), value, a.add(x, x));
  },
};
