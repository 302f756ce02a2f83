/**
 * The cube root.
 *
 * Problem. No instruction has it, and a step of Newton's from a good guess still leaves two roundings. Cubes of integers are to have
 * exact roots.
 *
 * Strategy. A third of the bits is a guess g to 4 %. A cubic polynomial in g^3/x makes that t, to 2^-19, which is cut to 17 bits.
 * Then f = (x - t^3) / x is small, and the root is t (1 - f)^(-1/3) = t (1 + f/3 + 2 f^2/9 + 14 f^3/81 + ...).
 *
 * 1. t^3 has 51 bits, and so near x the difference is a double too. f is wrong only by 1/x and one product.
 * 2. Cutting takes up to 2^-16 of t. The polynomial adds what is lost in the middle, so that f is of either sign and half as large.
 * 3. The one division is of 1 by x. It depends on no guess, and is done by when it is needed.
 *
 * ERROR BUDGET, in ulp of the result:
 *   the last addition                                            0.500
 *   t times the series, below 2^-16.4 of t, a few roundings      0.000
 *   next term of the series: 35 f^4/243, where |f| < 2^-14.8     0.004
 *   sum                                                          0.504
 *   measured                                                     0.5002
 */
import type { Algebra } from './algebra.ts';
import { withSign } from './double-double.ts';
import { above2To52 } from './integers.ts';
import type { MathFunction } from './math-function.ts';
import { horner } from './polynomial.ts';
import { isBetweenPowers } from './power-range.ts';
import { inverseCubeRootCoefficients } from './tables/log.ts';

/**
 * High half of a third of the bits of a number, beside those of its cube root: 1023 (1 - 1/3) in the exponent, less what spreads the error
 * of taking bits for a logarithm to both sides. (W. Kahan and K. C. Ng's B1)
 */
const bitsOfRoot = 715094163;

/** (1 - f)^(-1/3) - 1, but for the fourth power of f and more. */
const seriesCoefficients: readonly number[] = [1 / 3, 2 / 9, 14 / 81];

/** Of a number from 2^-1022 to 2^1022. */
function rootOfNormal<N, W, B>(a: Algebra<N, W, B>, x: N): N {
  const inverse = a.div(a.number(1), x);
  // The upper half of the bits is the integer at the end of these.
  const upper = above2To52(a, a.shiftRight(a.wordOf(x), 32));
  // 2^52 and the sum: its low half has an integer again.
  const third = a.add(a.mul(upper, a.number(1 / 3)), a.number(2 ** 52 - 2 ** 52 / 3 + bitsOfRoot));
  const guess = a.doubleOf(a.shiftLeft(a.wordOf(third), 32));

  const cubeOverX = a.mul(a.mul(guess, guess), a.mul(guess, inverse));
  const better = a.mul(guess, horner(a, cubeOverX, inverseCubeRootCoefficients));
  const t = a.doubleOf(a.andWords(a.wordOf(better), a.word(-16, 0)));
  const f = a.mul(a.subProduct(x, a.mul(t, t), t), inverse);
  return a.add(t, a.mul(t, a.mul(f, horner(a, f, seriesCoefficients))));
}

/** Usual: zeros, and magnitudes from 2^-1022 to 2^1022. */
export const cbrt: MathFunction = {
  name: 'cbrt',
  arity: 1,
  usual: (a, x) => {
    const magnitude = a.abs(x);
    const isZero = a.equal(x, a.number(0));
    return {
      value: a.select(isZero, x, withSign(a, rootOfNormal(a, magnitude), x)),
      isUsual: a.either(isZero, isBetweenPowers(a, a.wordOf(magnitude), -1022, 1022)),
    };
  },
  rare: (a, x) => {
    const magnitude = a.abs(x);
    const isLarge = a.less(a.number(1), magnitude);
    const scaled = a.mul(magnitude, a.select(isLarge, a.number(2 ** -60), a.number(2 ** 60)));
    const root = a.mul(rootOfNormal(a, scaled), a.select(isLarge, a.number(2 ** 20), a.number(2 ** -20)));
    const isFiniteNumber = a.less(magnitude, a.number(Number.POSITIVE_INFINITY));
    return a.select(isFiniteNumber, withSign(a, root, x), x);
  },
};
