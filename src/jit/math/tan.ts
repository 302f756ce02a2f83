/**
 * Tangent.
 *
 * Problem: a quotient of two rounded functions errs by 1.5 ulp; half an ulp needs more of both.
 *
 * Strategy: x = j pi/16 + r as for the sine (trig.ts), then sine and cosine, each as a sum of two doubles, by rows whose
 * sine and cosine both have heads of 26 bits: their products with the head of r are exact. The quotient of the heads is
 * corrected once by what it leaves, and so there is a single division. Half a period later both change their sign, so
 * rows for one half are enough.
 *
 * 1. Errors in ulp: 0.5 for the last addition; 0.03 for the sine, as in trig.ts, and as much less for the cosine as its
 *    correction is smaller there; 0.003 for the quotient's correction, which is a few ulp. Sum 0.535, measured 0.524.
 * 2. Below 2^-28, x is the result: x^3/3 is less than 0.02 ulp.
 */
import type { Algebra } from './algebra.ts';
import { fastTwoSum, type Pair, quotientByInverse, turnedBy } from './double-double.ts';
import type { MathFunction } from './math-function.ts';
import { type Reduced, reduce, reduceHuge, usualLimit } from './reduction.ts';
import { splitSines } from './tables/trig.ts';
import { ofFinite, restTerms } from './trig.ts';

/** `x - y` without error. (Knuth) */
function twoDifference<N, W, B>(a: Algebra<N, W, B>, x: N, y: N): Pair<N> {
  const high = a.sub(x, y);
  const fromY = a.sub(x, high);
  return { high, low: a.add(a.sub(x, a.add(high, fromY)), a.sub(fromY, y)) };
}

/** The tangent of a reduced angle of no less than 2^-900. */
export function tangent<N, W, B>(a: Algebra<N, W, B>, { sixteenths, rest }: Reduced<N, W>): N {
  const { head, headExcess, sine, cosineLess1 } = restTerms(a, rest);
  const sineHigh = a.lookup(splitSines, sixteenths, 0);
  const sineLow = a.lookup(splitSines, sixteenths, 1);
  const cosineHigh = a.lookup(splitSines, sixteenths, 2);
  const cosineLow = a.lookup(splitSines, sixteenths, 3);

  const sineSum = fastTwoSum(a, sineHigh, a.mul(cosineHigh, head));
  const sineTail = a.sub(
    a.add(sineSum.low, a.add(sineLow, a.mul(cosineLow, sine))),
    a.sub(a.mul(cosineHigh, headExcess), a.mul(a.add(sineHigh, sineLow), cosineLess1)),
  );
  // In rows next to the eighth, the product may be larger than the cosine.
  const cosineSum = twoDifference(a, cosineHigh, a.mul(sineHigh, head));
  const cosineTail = a.add(
    a.add(cosineSum.low, a.sub(cosineLow, a.mul(sineLow, sine))),
    a.add(a.mul(sineHigh, headExcess), a.mul(a.add(cosineHigh, cosineLow), cosineLess1)),
  );
  const { high, low } = quotientByInverse(
    a,
    fastTwoSum(a, sineSum.high, sineTail),
    fastTwoSum(a, cosineSum.high, cosineTail),
  );
  return a.add(high, low);
}

/** Usual below {@link usualLimit}. */
export const tan: MathFunction = {
  name: 'tan',
  arity: 1,
  usual: (a, x) => {
    const magnitude = a.abs(x);
    return {
      value: a.select(a.less(magnitude, a.number(2 ** -28)), x, tangent(a, reduce(a, x))),
      isUsual: a.less(magnitude, a.number(usualLimit)),
    };
  },
  rare: (a, x) => {
    const magnitude = a.abs(x);
    const value = turnedBy(a, tangent(a, reduceHuge(a, magnitude)), x);
    return ofFinite(a, magnitude, value);
  },
};
