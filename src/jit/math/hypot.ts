/**
 * hypot of any number of arguments.
 *
 * Problem. Squares overflow and underflow long before their root does, and the rounding errors of a plain sum of squares and of its
 * root add up to more than 1 ulp (those of V8's `Math.hypot` do, even for two arguments).
 *
 * Strategy. The arguments are scaled by a power of two. Each square is formed with its error and the squares are added with theirs, so
 * that the sum is known to some hundred bits; one step of Newton's repairs the root of its rounding.
 *
 * 1. The greatest magnitude, scaled, is from 2^-474 to 2^500, so no square, no sum and no split overflows, for up to 2^20 arguments.
 * 2. Scaled up, all arguments are multiples of 2^-474. So squares and all parts of their errors are multiples of 2^-948, and doubles.
 *    The root's last place is 2^-526 or more, its square's 2^-1052. So whoever computes the errors, fused or not, gets the same.
 * 3. Not scaled up, the root is 2^-400 at least. The error of an argument below 2^-480 may be off, by less than 2^-1070, and so may
 *    scaling down an argument. But whatever else is summed is a double above that, or zero, which such an addend does not change
 *    until nothing but it is left: the root is not repaired by it.
 * 4. Scaled up, a root that will be subnormal is rounded once, at the place of 2^-1074, and not when it is scaled down.
 *
 * ERROR BUDGET, in ulp of the result:
 *   the last addition                          0.500
 *   Newton's step, its rounding and next term  0.001
 *   sum                                        0.501
 *   measured                                   0.5000, subnormal results too
 */
import { elementAt } from '../../support/element.ts';
import type { Algebra } from './algebra.ts';
import { exactRemainder, fastTwoSum, type Pair, roundAt, twoProduct, twoSum } from './double-double.ts';
import type { MathFunction } from './math-function.ts';
import { isBetweenPowers } from './power-range.ts';

/** Magnitudes above are scaled down, so that no square or split overflows. */
const large = 2 ** 500;
/** Magnitudes below are scaled up, so that no error underflows. */
const small = 2 ** -400;
const scale = 2 ** 600;

/** Keeps the division from being that of zero by zero, and changes no other. */
const negligible = 2 ** -1000;

/** The sum of squares as a pair; its parts may overlap. */
function sumOfSquares<N, W, B>(a: Algebra<N, W, B>, xs: readonly N[]): Pair<N> {
  return xs
    .map((x) => twoProduct(a, x, x))
    .reduce((sum, square) => {
      const total = twoSum(a, sum.high, square.high);
      return { high: total.high, low: a.add(sum.low, a.add(total.low, square.low)) };
    });
}

/** The root, and what repairs it of its rounding. */
function rootOfSum<N, W, B>(a: Algebra<N, W, B>, sum: Pair<N>): Pair<N> {
  const { high, low } = fastTwoSum(a, sum.high, sum.low);
  const root = a.sqrt(high);
  const rest = a.add(exactRemainder(a, high, root, root), low);
  return { high: root, low: a.div(rest, a.add(a.add(root, root), a.number(negligible))) };
}

/** Of any doubles; of none it is 0. Infinite where one is, even beside NaN. */
export function hypotOf<N, W, B>(a: Algebra<N, W, B>, xs: readonly N[]): N {
  const magnitudes = xs.map((x) => a.abs(x));
  if (magnitudes.length === 0) return a.number(0);
  if (magnitudes.length === 1) return elementAt(magnitudes, 0);

  const infinity = a.number(Number.POSITIVE_INFINITY);
  const isInfinite = magnitudes
    .map((magnitude) => a.equal(magnitude, infinity))
    .reduce((b, c) => a.either(b, c));
  const greatest = magnitudes.reduce((x, y) => a.select(a.less(x, y), y, x));
  const isLarge = a.less(a.number(large), greatest);
  const isSmall = a.less(greatest, a.number(small));
  const [up, down, one] = [a.number(scale), a.number(1 / scale), a.number(1)];
  const factor = a.select(isLarge, down, a.select(isSmall, up, one));
  const inverse = a.select(isLarge, up, a.select(isSmall, down, one));

  const sum = sumOfSquares(
    a,
    magnitudes.map((magnitude) => a.mul(magnitude, factor)),
  );
  const root = rootOfSum(a, sum);

  // Added, it puts the last place where that of subnormal numbers is, times the scale.
  const isSubnormal = a.less(root.high, a.number(scale * 2 ** -1022));
  const position = a.select(isSubnormal, a.number(scale * 2 ** -1022), a.number(0));
  return a.select(isInfinite, infinity, a.mul(roundAt(a, position, root), inverse));
}

/** Usual: where the sum of squares is from 2^-800 to 2^1000, or both arguments are zero. The same bits as of {@link hypotOf}. */
export const hypot: MathFunction = {
  name: 'hypot',
  arity: 2,
  usual: (a, x, y) => {
    const sum = sumOfSquares(a, [x, y]);
    const root = rootOfSum(a, sum);
    // Of a NaN these bits are those of a NaN, whatever the other argument has.
    const areZero = a.equal(a.orBits(x, y), a.number(0));
    return {
      value: a.add(root.high, root.low),
      isUsual: a.either(areZero, isBetweenPowers(a, a.wordOf(sum.high), -800, 1000)),
    };
  },
  rare: (a, x, y) => hypotOf(a, [x, y]),
};
