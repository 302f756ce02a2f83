/**
 * Reduction of angles: x = n pi/16 + r, with n a whole number and r at most pi/32 in magnitude, as a sum of two doubles.
 *
 * Problem: sin, cos and tan of a large x are as accurate as r is, relative to r where x is close to a multiple of pi/2.
 * By continued fractions for each exponent, the closest double to one, other than zero, is 2^-60.9 away: 5.3e255.
 *
 * Below {@link usualLimit}, Cody and Waite: n is below 2^22, so its products with pieces of pi/16 of 31 bits are exact.
 * They are taken off one by one. What the first leaves is a double; what each of the next two leaves is one and the
 * error of the subtraction, which is a double too: the minuend is a multiple of the subtrahend's ulp. The product with
 * the last piece is below 2^-74, and so its rounding errs by 2^-127.
 *
 * From 2^12 on, Payne and Hanek: of the digits of 16/pi only those count whose product with x is not a multiple of 32,
 * the period of n. Those are eight, of 26 bits, from a table that the exponent of x indexes.
 *
 * 1. x, scaled by 2^-200, is head + tail of 26 bits each; digits d(k), scaled by 2^200, have 25 bits and a sign. Be u the
 *    weight of the last bit of tail times d(0): it is 2^(s - 21), where s, from 0 to 25, is how x lies to the digits.
 * 2. c(k) = tail d(k) + head d(k+1) is exact: multiples of 2^(-26 k) u, below 1.5 2^52 of them. Products with digits
 *    before the first, and head d(0), are multiples of 32. What follows c(6) is below 2^-125.
 * 3. c(0) and c(1), taken modulo 64, have an exact sum: 2^53 multiples of 2^(s - 47). The others are small.
 * 4. The fraction of the sum loses no bit by c(2), c(3), c(4) where it is close to zero, as their errors are kept.
 */
import type { Algebra } from './algebra.ts';
import { fastTwoSum, type Pair, twoProduct, twoSum } from './double-double.ts';
import { above2To52, integerRounder, roundToInteger } from './integers.ts';
import {
  inversePiDigits,
  sixteenthHigh,
  sixteenthLow,
  sixteenthOfPi0,
  sixteenthOfPi1,
  sixteenthOfPi2,
  sixteenthOfPi3,
  sixteenthsInRadian,
} from './tables/trig.ts';

/** An angle of `sixteenths` times pi/16, and a rest. */
export interface Reduced<N, W> {
  /** Modulo 32, in the low bits. */
  readonly sixteenths: W;
  /** `low` may be a few ulp of `high`. */
  readonly rest: Pair<N>;
}

/** Magnitudes below this are reduced by {@link reduce}. */
export const usualLimit = 800_000;

/** Of an angle below {@link usualLimit}. */
export function reduce<N, W, B>(a: Algebra<N, W, B>, x: N): Reduced<N, W> {
  const { integer: n, index } = roundToInteger(a, a.mul(x, a.number(sixteenthsInRadian)));
  const second = a.number(sixteenthOfPi1);
  const third = a.number(sixteenthOfPi2);
  const rest0 = a.subProduct(x, n, a.number(sixteenthOfPi0));
  const rest1 = a.subProduct(rest0, n, second);
  const error1 = a.subProduct(a.sub(rest0, rest1), n, second);
  const high = a.subProduct(rest1, n, third);
  const error2 = a.subProduct(a.sub(rest1, high), n, third);
  const low = a.sub(a.add(error1, error2), a.mul(n, a.number(sixteenthOfPi3)));
  return { sixteenths: index, rest: { high, low } };
}

/** What is left of a number below 2^57 by taking off multiples of 64. */
function modulo64<N, W, B>(a: Algebra<N, W, B>, x: N): N {
  const shift = a.number(integerRounder * 64);
  return a.sub(x, a.sub(a.add(x, shift), shift));
}

/**
 * The number of the first digit of 16/pi that counts, (e - 53)/26 rounded down for an exponent e; and 64 more, which
 * keeps what is rounded positive, and which the lookup ignores. The factor is a little below 1/26: halves go down.
 */
function firstDigit<N, W, B>(a: Algebra<N, W, B>, x: N): W {
  const biased = above2To52(a, a.shiftRight(a.wordOf(x), 52));
  const offset = a.sub(biased, a.number(2 ** 52 + 1023 + 65 - 26 * 64));
  return roundToInteger(a, a.mul(offset, a.number(0.03846))).index;
}

/** Of a finite angle from 2^12 on. */
export function reduceHuge<N, W, B>(a: Algebra<N, W, B>, x: N): Reduced<N, W> {
  const first = firstDigit(a, x);
  const digit = (k: number) => a.lookup(inversePiDigits, a.addWords(first, a.word(0, k)), 0);

  const scaled = a.mul(x, a.number(2 ** -200));
  const spread = a.mul(scaled, a.number(2 ** 27 + 1));
  const head = a.sub(spread, a.sub(spread, scaled));
  const tail = a.sub(scaled, head);
  const part = (k: number) => a.addProduct(a.mul(tail, digit(k)), head, digit(k + 1));

  const top = a.add(modulo64(a, part(0)), modulo64(a, part(1)));
  const part2 = part(2);
  const { integer, index } = roundToInteger(a, a.add(top, part2));
  const sum2 = twoSum(a, a.sub(top, integer), part2);
  const sum3 = twoSum(a, sum2.high, part(3));
  const sum4 = twoSum(a, sum3.high, part(4));
  const errors = a.add(a.add(sum2.low, sum3.low), sum4.low);
  const turn = fastTwoSum(a, sum4.high, a.add(errors, a.add(part(5), part(6))));

  const { high, low } = twoProduct(a, turn.high, a.number(sixteenthHigh));
  const rounding = a.add(a.mul(turn.high, a.number(sixteenthLow)), a.mul(turn.low, a.number(sixteenthHigh)));
  return { sixteenths: index, rest: { high, low: a.add(low, rounding) } };
}
