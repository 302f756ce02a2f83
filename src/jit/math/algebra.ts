/**
 * What the functions of the math library are written over: arithmetic on numbers, on their bits, and a lookup in tables.
 *
 * A function is written once, in these operations, and computes wherever there is an algebra: `NumberAlgebra` has JavaScript's
 * numbers, `IrAlgebra` makes IR, of one lane or of several. Each operation gives the same bits in all of them, so each function
 * does. That rests on rules that the functions keep:
 *
 * 1. Polynomials and all sums are additions and multiplications that round each; nothing is fused.
 * 2. The operations called exact ({@link Algebra.addProduct} and the three behind it) may be fused, because what they
 *    compute is exact either way. Their conditions are the caller's to prove.
 * 3. There is no branch. What a lane computes outside of a function's usual range is thrown away, and may be anything.
 * 4. No function looks at the bits of a NaN that an operation made: they differ from CPU to CPU.
 */
import type { Table } from './table.ts';

/** `N` is a double, `W` a word of 64 bits, `B` a truth value; or as many of them side by side as there are lanes. */
export interface Algebra<N, W, B> {
  number(value: number): N;
  /** Two halves of 32 bits. */
  word(high: number, low: number): W;

  add(x: N, y: N): N;
  sub(x: N, y: N): N;
  mul(x: N, y: N): N;
  div(x: N, y: N): N;
  sqrt(x: N): N;
  floor(x: N): N;
  abs(x: N): N;

  // Exact. The sign of a zero that one of these four gives is unspecified.

  /** `c + x y`, where the product is a double. */
  addProduct(c: N, x: N, y: N): N;
  /** `c - x y`, where the product is a double. */
  subProduct(c: N, x: N, y: N): N;
  /** `x y + c`, where that is a double, and `y` has no more than 26 significant bits. */
  exactMultiplyAdd(x: N, y: N, c: N): N;
  /** What `product`, which is `x y` rounded, lacks; where magnitudes are such that neither it nor the splits of Dekker's product leave the doubles. */
  productError(x: N, y: N, product: N): N;

  /** The bits of a double as a word, and back. */
  wordOf(x: N): W;
  doubleOf(w: W): N;
  /** Of a finite number, its upper 26 significant bits. */
  head(x: N): N;
  /** Operations on the bits of doubles that are no NaN. */
  andBits(x: N, y: N): N;
  orBits(x: N, y: N): N;
  xorBits(x: N, y: N): N;
  addWords(v: W, w: W): W;
  subWords(v: W, w: W): W;
  andWords(v: W, w: W): W;
  orWords(v: W, w: W): W;
  /** By a constant number of bits below 64; to the right, zeros follow. */
  shiftLeft(w: W, count: number): W;
  shiftRight(w: W, count: number): W;

  less(x: N, y: N): B;
  lessOrEqual(x: N, y: N): B;
  equal(x: N, y: N): B;
  both(a: B, b: B): B;
  either(a: B, b: B): B;
  not(a: B): B;
  select(condition: B, whenTrue: N, whenFalse: N): N;

  /** One column of the row whose number is in the low bits of `index`; those above are ignored. */
  lookup(table: Table, index: W, column: number): N;
}
