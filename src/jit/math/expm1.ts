/**
 * expm1 and tanh.
 *
 * Problem. e^x - 1 to little more than half an ulp, also where the two nearly cancel. As a pair, since tanh divides it.
 *
 * Strategy. e^x = S (1 + T)(1 + r + p), where S is a power of two times a table's entry that has 26 bits, T the entry's relative
 * tail, r what {@link reduceBySteps} leaves, and p = e^r - 1 - r. With the head r' of r, which has 26 bits too, S - 1 and S r'
 * are exact, so that what is rounded before the end is of the size of S r^2:
 *   e^x - 1 = (S - 1) + S r' + S ((r - r') + T + p + T (r + p)).
 * tanh x = N / (N + 2), where N = e^(2|x|) - 1: a quotient, corrected by its own remainder.
 *
 * 1. Near 0, S is 1 and T is 0: there is nothing to cancel, and results keep the relative accuracy of r.
 * 2. Where S is not 1, |S - 1| is 0.042 or more, and S |r| at most 0.023: sums of the two may be Dekker's.
 *
 * ERROR BUDGET, in ulp of the result, at its largest near |x| = 0.022, where p is 2^-12 and the result 2^-5.5:
 *   the last addition                                                        0.500
 *   p: three roundings                                                       0.012
 *   sums p is in, and the product with S: three roundings                    0.012
 *   polynomial (2^-66.2)                                                     0.004
 *   sum                                                                      0.528
 * Measured over 10^6 points a range: expm1 0.526, tanh 0.524. N of tanh has the same error; its remainder's roundings are 2^-100.
 */
import type { Algebra } from './algebra.ts';
import { fastTwoSum, type Pair, quotientByInverse, twoSum, withSign } from './double-double.ts';
import { exp, powerOfIndex, reduceBySteps } from './exp.ts';
import type { MathFunction } from './math-function.ts';
import { evenOdd } from './polynomial.ts';
import { steps16 } from './tables/exp.ts';

/**
 * e^x - 1, where |x| is below 709. The pair's low part is not below half an ulp: it is up to 2^-25 of S. `sum` is
 * {@link fastTwoSum} where x is not negative.
 */
function expm1Pair<N, W, B>(
  a: Algebra<N, W, B>,
  x: N,
  sum: (a: Algebra<N, W, B>, x: N, y: N) => Pair<N>,
): Pair<N> {
  const { index, rest, restTail } = reduceBySteps(a, x, steps16);
  const r = a.sub(rest, restTail);
  const rTail = a.sub(a.sub(rest, r), restTail);
  const rHead = a.head(r);
  const power = powerOfIndex(a, steps16, index);
  const tail = a.lookup(steps16.table, index, 1);

  const square = a.mul(r, r);
  const p = a.mul(square, evenOdd(a, r, square, steps16.coefficients));
  const linear = a.add(a.sub(r, rHead), a.add(rTail, tail));
  const small = a.add(linear, a.add(p, a.mul(tail, a.add(r, p))));

  const minusOne = sum(a, power, a.number(-1));
  const { high, low } = fastTwoSum(a, minusOne.high, a.mul(power, rHead));
  return { high, low: a.add(low, a.add(minusOne.low, a.mul(power, small))) };
}

/** Usual: magnitudes below 708. The sign of x is the result's, and set, since -0 got lost. */
export const expm1: MathFunction = {
  name: 'expm1',
  arity: 1,
  usual: (a, x) => {
    const { high, low } = expm1Pair(a, x, twoSum);
    return {
      value: withSign(a, a.add(high, low), x),
      isUsual: a.less(a.abs(x), a.number(708)),
    };
  },
  rare: (a, x) => a.select(a.less(x, a.number(0)), a.number(-1), exp.rare(a, x, x)),
};

/** Usual: all but NaN. */
export const tanh: MathFunction = {
  name: 'tanh',
  arity: 1,
  usual: (a, x) => {
    const magnitude = a.abs(x);
    const twice = a.add(magnitude, magnitude);
    // Beyond, the result is 1.
    const limit = a.number(44);
    const parts = expm1Pair(a, a.select(a.less(twice, limit), twice, limit), fastTwoSum);
    const numerator = fastTwoSum(a, parts.high, parts.low);
    const sum = twoSum(a, numerator.high, a.number(2));
    const divisor = { high: sum.high, low: a.add(sum.low, numerator.low) };
    const { high, low } = quotientByInverse(a, numerator, divisor);
    const value = a.add(high, low);
    // Where x^3 is nothing beside x, which may be too small for the product's error.
    const isTiny = a.less(magnitude, a.number(2 ** -28));
    return { value: withSign(a, a.select(isTiny, magnitude, value), x), isUsual: a.equal(x, x) };
  },
  rare: (_, x) => x,
};
