/**
 * Sine and cosine.
 *
 * Problem: near half an ulp everywhere, in few operations, and both of one angle for little more than one.
 *
 * Strategy: x = j pi/16 + r (reduction.ts), and sin x = S + C sin r + S (cos r - 1), where S and C, sine and cosine of
 * j pi/16, come from a table of half a period. The cosine is the sine of eight sixteenths more: until the lookup the two
 * compute the same.
 *
 * C is a head of 26 bits and a tail, r has a head h: the product C h is exact, and so is what its sum with S, the
 * result's head, lacks. All else is at most 2^-8 of the result.
 *
 * 1. Errors in ulp are largest below 1/8 in the rows beside the first, where S is 0.195: 0.5 for the last addition; 0.016
 *    for the four roundings in S (cos r - 1), which is below 2^-10 there; 0.003 for C r^3 p(r^2); 0.012 for the sums of
 *    the correction; below 0.001 for the polynomials and the reduction. Sum 0.532, measured 0.532 for sin, 0.530 for cos.
 * 2. The correction is computed with its sign turned and subtracted: it is +0 for a zero, which so keeps its sign (the
 *    sine of row 0 is -0).
 */
import type { Algebra } from './algebra.ts';
import { type Pair, turnedBy } from './double-double.ts';
import type { MathFunction } from './math-function.ts';
import { horner } from './polynomial.ts';
import { type Reduced, reduce, reduceHuge, usualLimit } from './reduction.ts';
import { cosinePolynomial, sinePolynomial, sines } from './tables/trig.ts';

/** What sine, cosine and tangent need of a rest r. */
export interface RestTerms<N> {
  /** The upper 26 bits of r. */
  readonly head: N;
  /** The head less sin r. */
  readonly headExcess: N;
  /** sin r, without the lower part of r. */
  readonly sine: N;
  /** cos r - 1. */
  readonly cosineLess1: N;
}

export function restTerms<N, W, B>(a: Algebra<N, W, B>, { high: r, low }: Pair<N>): RestTerms<N> {
  const square = a.mul(r, r);
  const head = a.head(r);
  const cubic = a.mul(a.mul(r, square), horner(a, square, sinePolynomial));
  return {
    head,
    headExcess: a.sub(a.sub(a.sub(head, r), low), cubic),
    sine: a.add(r, cubic),
    cosineLess1: a.mul(square, horner(a, square, cosinePolynomial)),
  };
}

/** y with its sign turned in every other half period. */
function signed<N, W, B>(a: Algebra<N, W, B>, sixteenths: W, y: N): N {
  return a.xorBits(y, a.doubleOf(a.andWords(a.shiftLeft(sixteenths, 59), a.word(0x80000000, 0))));
}

/** The sine of a reduced angle. */
export function sine<N, W, B>(a: Algebra<N, W, B>, { sixteenths, rest }: Reduced<N, W>): N {
  const { head, headExcess, sine: restSine, cosineLess1 } = restTerms(a, rest);
  const sineHigh = a.lookup(sines, sixteenths, 0);
  const sineLow = a.lookup(sines, sixteenths, 1);
  const cosineHigh = a.lookup(sines, sixteenths, 2);
  const cosineLow = a.lookup(sines, sixteenths, 3);
  const product = a.mul(cosineHigh, head);
  const high = a.add(sineHigh, product);
  const highExcess = a.sub(a.sub(high, sineHigh), product);
  const small = a.sub(highExcess, a.add(sineLow, a.mul(cosineLow, restSine)));
  const large = a.sub(a.mul(cosineHigh, headExcess), a.mul(sineHigh, cosineLess1));
  return signed(a, sixteenths, a.sub(high, a.add(small, large)));
}

/** The angle a quarter of a period later, whose sine is the cosine. */
export function quarterLater<N, W, B>(
  a: Algebra<N, W, B>,
  { sixteenths, rest }: Reduced<N, W>,
): Reduced<N, W> {
  return { sixteenths: a.addWords(sixteenths, a.word(0, 8)), rest };
}

/** `value`, but of an infinity or NaN there is none. */
export function ofFinite<N, W, B>(a: Algebra<N, W, B>, magnitude: N, value: N): N {
  return a.select(a.less(magnitude, a.number(Infinity)), value, a.number(NaN));
}

/** Usual below {@link usualLimit}. */
export const sin: MathFunction = {
  name: 'sin',
  arity: 1,
  usual: (a, x) => ({
    value: sine(a, reduce(a, x)),
    isUsual: a.less(a.abs(x), a.number(usualLimit)),
  }),
  rare: (a, x) => {
    const magnitude = a.abs(x);
    const value = turnedBy(a, sine(a, reduceHuge(a, magnitude)), x);
    return ofFinite(a, magnitude, value);
  },
};

/** Usual below {@link usualLimit}. */
export const cos: MathFunction = {
  name: 'cos',
  arity: 1,
  usual: (a, x) => ({
    value: sine(a, quarterLater(a, reduce(a, x))),
    isUsual: a.less(a.abs(x), a.number(usualLimit)),
  }),
  rare: (a, x) => {
    const magnitude = a.abs(x);
    return ofFinite(a, magnitude, sine(a, quarterLater(a, reduceHuge(a, magnitude))));
  },
};
