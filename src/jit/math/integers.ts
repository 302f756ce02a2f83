/** Whole numbers, as doubles and in words. */
import type { Algebra } from './algebra.ts';

/** Added to a double of magnitude below 2^51, it rounds that to an integer, and leaves it in the low bits. */
export const integerRounder = 1.5 * 2 ** 52;

export interface Rounded<N, W> {
  readonly integer: N;
  /** The integer in the low 51 bits, in two's complement. */
  readonly index: W;
}

/** The integer next to a number of magnitude below 2^51. */
export function roundToInteger<N, W, B>(a: Algebra<N, W, B>, x: N): Rounded<N, W> {
  const rounder = a.number(integerRounder);
  const rounded = a.add(x, rounder);
  return { integer: a.sub(rounded, rounder), index: a.wordOf(rounded) };
}

/** 2^52 and the integer that is all of a word, and below that. */
export function above2To52<N, W, B>(a: Algebra<N, W, B>, word: W): N {
  return a.doubleOf(a.orWords(word, a.word(0x43300000, 0)));
}
