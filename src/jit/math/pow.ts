/**
 * pow.
 *
 * Problem. x^y = e^(y ln x) multiplies the error of ln x by y ln x, which goes up to 745: the logarithm has to have some 65 bits.
 *
 * Strategy. x = 2^k z with z in [0.71, 1.42); a table of 128 rows has c near 1/z, so few bits of it that r = z c - 1 is exact, and
 * -ln c as a head on a grid of 2^-42 and a tail. ln x = k ln 2 - ln c + (r - r^2/2 + r^3 q(r)) is summed as a pair: k ln 2 and the
 * head exactly, then r, then the head of r^2/2. The product with y is a pair too, and e to that power goes by a table of 128 rows.
 * Since the error is that small, each result that is a double is met, as of integers and of powers of two.
 *
 * 1. x^2 is x x, and x^0.5 the square root of x + 0, in each bit: the optimiser writes those instead. The first is a selection
 *    in the usual range; the second is rare.
 * 2. ECMAScript: NaN^0 is 1, (+-1)^Infinity and (+-1)^NaN are NaN.
 *
 * ERROR BUDGET, in ulp of the result, which may be as small as 2^-53 of the power:
 *   the last addition                                                        0.5000
 *   power times p, p < 2^-8.5: one rounding of 2^-62                         0.0020
 *   p: roundings of r, with the product's tail, with the entry's tail, and of the last sum, each 2^-62    0.0078
 *   logarithm and product with y: 2^-64 or less of y ln x, or absolute       0.0005
 *   polynomial (2^-65.3)                                                     0.0002
 *   sum                                                                      0.5105
 * Measured over 10^6 points a range: 0.5070.
 */
import type { Algebra } from './algebra.ts';
import { fastTwoSum, type Pair, timesPair } from './double-double.ts';
import { clamp, growth, powerOfIndex, reduceBySteps, scaleOnce } from './exp.ts';
import { ofPowerAndRow, reduceLog } from './log.ts';
import type { MathFunction } from './math-function.ts';
import { evenOdd } from './polynomial.ts';
import { steps128 } from './tables/exp.ts';
import { ln2High, ln2Low } from './tables/log.ts';
import { intervals128 } from './tables/pow.ts';

/** ln x of a positive normal number, with an absolute error of 2^-75 (measured: 2^-76.4) besides that of the pair. */
export function logarithm<N, W, B>(a: Algebra<N, W, B>, x: N): Pair<N> {
  const reduction = reduceLog(a, intervals128, a.wordOf(x));
  const ofRow = ofPowerAndRow(a, reduction);
  const r = reduction.rest;
  const rHead = a.head(r);
  const square = a.mul(r, r);
  const cubic = a.mul(square, a.mul(r, evenOdd(a, r, square, intervals128.coefficients)));

  const first = fastTwoSum(a, ofRow.high, r);
  const second = fastTwoSum(a, first.high, a.mul(a.number(-0.5), a.mul(rHead, rHead)));
  const squareTail = a.mul(a.number(0.5), a.mul(a.sub(r, rHead), a.add(r, rHead)));
  const low = a.add(a.add(a.add(ofRow.low, first.low), a.sub(second.low, squareTail)), cubic);
  return fastTwoSum(a, second.high, low);
}

/** e^(high + low) in parts, as {@link scaleOnce} and the last addition need them. */
function exponentialParts<N, W, B>(a: Algebra<N, W, B>, { high, low }: Pair<N>) {
  const { steps, index, rest, restTail } = reduceBySteps(a, high, steps128);
  return { steps, index, p: growth(a, steps128, index, a.add(a.sub(rest, restTail), low)) };
}

/** Usual: positive normal bases with results between e^-700 and e^700, but for square roots. */
export const pow: MathFunction = {
  name: 'pow',
  arity: 2,
  usual: (a, x, y) => {
    const product = timesPair(a, y, logarithm(a, x));
    const { index, p } = exponentialParts(a, product);
    const power = powerOfIndex(a, steps128, index);
    const value = a.add(power, a.mul(power, p));
    const isNormal = a.both(a.lessOrEqual(a.number(2 ** -1022), x), a.less(x, a.number(Infinity)));
    // The low part is NaN where x is 1 and y so large that the product's error cannot be computed.
    const isBounded = a.less(a.abs(a.add(product.high, product.low)), a.number(700));
    return {
      value: a.select(a.equal(y, a.number(2)), a.mul(x, x), value),
      isUsual: a.both(a.both(isNormal, isBounded), a.not(a.equal(y, a.number(0.5)))),
    };
  },
  rare: (a, x, y) => {
    const [zero, half, infinity] = [a.number(0), a.number(0.5), a.number(Infinity)];
    const magnitude = a.abs(x);
    const isInteger = a.equal(a.floor(y), y);
    const halfOfY = a.mul(y, half);
    const isOdd = a.both(isInteger, a.not(a.equal(a.floor(halfOfY), halfOfY)));
    const isRising = a.less(zero, y);

    // Finite bases but 0. Subnormal ones are scaled, exactly, and y times what that adds to the logarithm is taken off again.
    const isSubnormal = a.less(magnitude, a.number(2 ** -1022));
    const normal = a.select(isSubnormal, a.mul(magnitude, a.number(2 ** 54)), magnitude);
    const scaled = logarithm(a, normal);
    const shift = a.select(isSubnormal, a.number(-54), zero);
    const log = fastTwoSum(a, a.addProduct(scaled.high, shift, a.number(ln2High)), scaled.low);
    const product = timesPair(a, y, {
      high: log.high,
      low: a.add(log.low, a.mul(shift, a.number(ln2Low))),
    });
    // From such a y on, the product is far beyond the bounds, or 0.
    const isModerate = a.less(a.abs(y), a.number(2 ** 64));
    const high = clamp(a, product.high, -750, 712);
    const low = a.select(a.both(isModerate, a.equal(high, product.high)), product.low, zero);
    const { steps, index, p } = exponentialParts(a, { high, low });
    const regular = scaleOnce(a, steps128, { steps, index }, p);

    const isZero = a.equal(x, zero);
    const isInfinite = a.equal(magnitude, infinity);
    const isPole = a.either(a.both(isZero, a.not(isRising)), a.both(isInfinite, isRising));
    const limit = a.select(isPole, infinity, zero);
    const positive = a.select(a.either(isZero, isInfinite), limit, regular);

    // The sign of x, -0 included, stays with odd exponents.
    const isNegative = a.less(a.orBits(a.andBits(x, a.number(-0)), a.number(1)), zero);
    const signed = a.select(a.both(isNegative, isOdd), a.sub(a.number(-0), positive), positive);

    const isRegular = a.both(a.not(isZero), a.not(isInfinite));
    const isComplex = a.both(a.both(isNegative, isRegular), a.not(isInteger));
    const isUndecided = a.both(a.equal(magnitude, a.number(1)), a.equal(a.abs(y), infinity));
    const isNumber = a.both(a.equal(x, x), a.equal(y, y));
    const isUndefined = a.either(a.either(isComplex, isUndecided), a.not(isNumber));
    const defined = a.select(isUndefined, a.number(NaN), signed);

    const root = a.select(isInfinite, infinity, a.sqrt(a.add(x, zero)));
    const ofHalf = a.select(a.equal(y, half), root, defined);
    const ofTwo = a.select(a.equal(y, a.number(2)), a.mul(x, x), ofHalf);
    return a.select(a.equal(y, zero), a.number(1), ofTwo);
  },
};
