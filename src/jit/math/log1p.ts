/**
 * log1p, and the logarithm of an unevaluated sum, which the inverse hyperbolic functions are made of.
 *
 * Problem. ln(1 + x) is to have a small error beside itself also where x is far below 1, and 1 + x has lost x.
 *
 * Strategy. 1 + x is a pair. Its high part goes the way of every logarithm (log.ts), whose last step has ln(1 + r); its low part,
 * brought to the same scale, is added to r there.
 *
 * 1. In the interval around 1, with k = 0, r and the low part together are x: their sum is a double, and nothing is lost.
 * 2. Elsewhere what r loses in that sum joins the small terms. It is a double: all in it are multiples of a place 2^-64 or of the low
 *    part's last place, and it is below 2^-52.
 * 3. The scale 2^-k is a double where the high part is below 2^1023.
 *
 * ERROR BUDGET, in ulp of the result:
 *   as log                                                            0.513
 *   r + low rounded, in its square only: 2^-53 of 1/250, twice        0.004
 *   low part times 2^-k c, rounded: below 2^-53, so 2^-106 of 2^-7    0.000
 *   sum                                                               0.517
 *   measured                                                          0.515
 */
import type { Algebra } from './algebra.ts';
import { type Pair, twoSum, withSign } from './double-double.ts';
import { beyondRest, naturalLog, ofPowerAndRow, reduceLog } from './log.ts';
import type { MathFunction } from './math-function.ts';
import { isBetweenPowers } from './power-range.ts';
import { intervals64 } from './tables/log.ts';

/**
 * ln(high + low), where `high` is from 2^-1022 to below 2^1023, and `low` may be some ulp of it.
 *
 * Near 1 the error is small beside the result as long as that of `low` is: those who have it rounded have results above 2^-28.
 */
export function logOfSum<N, W, B>(a: Algebra<N, W, B>, { high, low }: Pair<N>): N {
  const reduction = reduceLog(a, intervals64, a.wordOf(high));
  const exponent = a.andWords(reduction.moved, a.word(-(2 ** 20), 0));
  const scale = a.doubleOf(a.subWords(a.word((1023 + 1024) * 2 ** 20, 0), exponent));
  const lowRest = a.mul(a.mul(low, reduction.inverse), scale);

  const rest = a.add(reduction.rest, lowRest);
  const ofRow = ofPowerAndRow(a, reduction);
  const sum = a.add(ofRow.high, rest);
  const lost = a.add(a.sub(reduction.rest, a.sub(sum, ofRow.high)), lowRest);
  return a.add(sum, a.add(a.add(ofRow.low, lost), beyondRest(a, intervals64, rest)));
}

/** Usual: from above -1 to 2^1023. */
export const log1p: MathFunction = {
  name: 'log1p',
  arity: 1,
  usual: (a, x) => {
    const sum = twoSum(a, a.number(1), x);
    const value = logOfSum(a, sum);
    return {
      // Of -0 it is 0 so far. Other signs are there already.
      value: withSign(a, value, x),
      isUsual: isBetweenPowers(a, a.wordOf(sum.high), -1022, 1023),
    };
  },
  rare: (a, x) => {
    const infinity = a.number(Number.POSITIVE_INFINITY);
    const negative = a.select(
      a.equal(x, a.number(-1)),
      a.number(Number.NEGATIVE_INFINITY),
      a.number(Number.NaN),
    );
    const ofFinite = a.select(a.less(a.number(0), x), naturalLog(a, a.wordOf(x)), negative);
    return a.select(a.equal(x, infinity), infinity, ofFinite);
  },
};
