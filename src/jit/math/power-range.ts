/** Is a double between two powers of two? By one addition and one comparison, instead of two comparisons and a conjunction. */
import type { Algebra } from './algebra.ts';

/**
 * Whether the double with these bits is positive, and from 2^`least` to below 2^`limit`; of any bits, where
 * -1022 <= least < limit <= 1024.
 *
 * Added is what makes the bits of 2^limit those of the NaN after -Infinity, 0xfff0000000000001. So the range ends at
 * -Infinity, and everything in it is a negative number not above the sum for 2^least. What is above the range becomes a NaN
 * or, as negative numbers do, goes around to numbers that are greater than that sum.
 */
export function isBetweenPowers<N, W, B>(a: Algebra<N, W, B>, bits: W, least: number, limit: number): B {
  const moved = a.addWords(bits, a.word(-(2 ** 31) + (1024 - limit) * 2 ** 20, 1));
  return a.less(a.doubleOf(moved), a.number(-(2 ** (least - limit + 1024))));
}
