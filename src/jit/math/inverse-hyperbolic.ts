/**
 * asinh, acosh and atanh.
 *
 * Problem. They are logarithms of x + sqrt(x^2 + 1), of x + sqrt(x^2 - 1), and of the root of (1 + x) / (1 - x). Where that is near 1,
 * its rounding is all of the result.
 *
 * Strategy. Each makes its argument of the logarithm as a pair of doubles, good to some hundred bits, from squares and quotients with
 * their errors; `logOfSum` takes it from there.
 *
 * 1. Odd functions are computed of the magnitude, and take the sign in the end: they are odd in every bit.
 * 2. Below 2^-27 asinh x and atanh x are x to less than a fifth of an ulp, and x is what they give. Above, the pair's error of 2^-104
 *    is small beside a result of 2^-27.
 * 3. acosh is sqrt(2t) near 1, where t = x - 1 is a double: the square of its argument's root is t (2 + t), not x^2 - 1.
 * 4. From 2^500 on, where squares overflow, asinh x and acosh x are ln 2x.
 *
 * ERROR BUDGET, in ulp of the result:
 *   logOfSum                            0.517
 *   the pair's error, 2^-104 of 2^-27   0.001
 *   sum                                 0.518, all three
 *   measured                            asinh 0.513, acosh 0.510, atanh 0.513
 */
import type { Algebra } from './algebra.ts';
import {
  exactRemainder,
  fastTwoSum,
  type Pair,
  quotientByInverse,
  twoProduct,
  twoSum,
  withSign,
} from './double-double.ts';
import { naturalLog } from './log.ts';
import { logOfSum } from './log1p.ts';
import type { MathFunction } from './math-function.ts';
import { isBetweenPowers } from './power-range.ts';

/** The root of a pair as a pair, to a hundred bits or so. */
function rootOfPair<N, W, B>(a: Algebra<N, W, B>, { high, low }: Pair<N>): Pair<N> {
  const root = a.sqrt(high);
  const rest = a.add(exactRemainder(a, high, root, root), low);
  return { high: root, low: a.div(rest, a.add(root, root)) };
}

/** Is its own asinh and atanh. */
const tiny = 2 ** -27;
/** From here on squares of arguments are rare. */
const hugeExponent = 500;

/** ln 2x of magnitudes that are huge, infinite or NaN. */
function ofHuge<N, W, B>(a: Algebra<N, W, B>, magnitude: N): N {
  const isBelowInfinity = a.less(magnitude, a.number(Number.POSITIVE_INFINITY));
  return a.select(isBelowInfinity, naturalLog(a, a.wordOf(magnitude), a.number(1)), magnitude);
}

/** Usual: magnitudes below 2^500. */
export const asinh: MathFunction = {
  name: 'asinh',
  arity: 1,
  usual: (a, x) => {
    const magnitude = a.abs(x);
    const square = twoProduct(a, magnitude, magnitude);
    const sum = twoSum(a, a.number(1), square.high);
    const root = rootOfPair(a, { high: sum.high, low: a.add(sum.low, square.low) });
    const { high, low } = fastTwoSum(a, root.high, magnitude);
    const value = logOfSum(a, { high, low: a.add(low, root.low) });
    const isTiny = a.less(magnitude, a.number(tiny));
    return {
      value: a.select(isTiny, x, withSign(a, value, x)),
      isUsual: a.less(magnitude, a.number(2 ** hugeExponent)),
    };
  },
  rare: (a, x) => {
    const magnitude = a.abs(x);
    const isNumber = a.equal(x, x);
    return a.select(isNumber, withSign(a, ofHuge(a, magnitude), x), x);
  },
};

/** Usual: from above 1 to 2^500. */
export const acosh: MathFunction = {
  name: 'acosh',
  arity: 1,
  usual: (a, x) => {
    const beyondOne = a.sub(x, a.number(1));
    const square = twoProduct(a, beyondOne, beyondOne);
    const sum = twoSum(a, a.add(beyondOne, beyondOne), square.high);
    const root = rootOfPair(a, { high: sum.high, low: a.add(sum.low, square.low) });
    const { high, low } = fastTwoSum(a, x, root.high);
    const value = logOfSum(a, { high, low: a.add(low, root.low) });
    return { value, isUsual: isBetweenPowers(a, a.wordOf(beyondOne), -52, hugeExponent) };
  },
  rare: (a, x) => {
    const small = a.select(a.equal(x, a.number(1)), a.number(0), a.number(Number.NaN));
    return a.select(a.less(a.number(1), x), ofHuge(a, x), small);
  },
};

/** Usual: magnitudes below 1. */
export const atanh: MathFunction = {
  name: 'atanh',
  arity: 1,
  usual: (a, x) => {
    const one = a.number(1);
    const magnitude = a.abs(x);
    const numerator = fastTwoSum(a, one, magnitude);
    const high = a.sub(one, magnitude);
    const low = a.sub(a.sub(one, high), magnitude);
    const value = logOfSum(a, quotientByInverse(a, numerator, { high, low }));
    const half = a.mul(value, a.number(0.5));
    return {
      value: a.select(a.less(magnitude, a.number(tiny)), x, withSign(a, half, x)),
      isUsual: a.less(magnitude, one),
    };
  },
  rare: (a, x) => {
    const isOne = a.equal(a.abs(x), a.number(1));
    return a.select(isOne, withSign(a, a.number(Number.POSITIVE_INFINITY), x), a.number(Number.NaN));
  },
};
