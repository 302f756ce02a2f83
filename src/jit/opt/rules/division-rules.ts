/** Divisions of integers by constants, by what takes less time than the instruction. */
import type { Value } from '../../ir/function.ts';
import { op } from '../../ir/opcode.ts';
import { isInt32 } from './facts.ts';
import { type Rewriter, type Rule, rule } from './rule.ts';

/** k where `value` is 2^k and k is from 1 to `most`. */
function shiftOf(value: Value, most: number): bigint | undefined {
  if (value.op !== op.iconst) return undefined;
  const c = value.immediate as bigint;
  const k = c.toString(2).length - 1;
  return c === 1n << BigInt(k) && k >= 1 && k <= most ? BigInt(k) : undefined;
}

/** 2^k - 1 where `n` is negative, else 0: what makes a shift to the right round toward zero. */
function biasOf(r: Rewriter, n: Value, k: bigint): Value {
  return r.make(op.ishr, r.make(op.isar, n, r.integer(63n)), r.integer(64n - k));
}

function biasOf32(r: Rewriter, n: Value, k: bigint): Value {
  return r.make(op.ishr32, r.make(op.isar32, n, r.integer(31n)), r.integer(32n - k));
}

/**
 * The quotient of the low half `n`, sign-extended, and a constant `c` by a product (Granlund, Montgomery, "Division by Invariant Integers
 * using Multiplication", 1994, figure 5.2): with 2^l >= |c| and p = 31 + l, m is the integer above 2^p / |c|, so that n m / 2^p is too large by
 * less than 1 / |c|. Rounded down, it is one too small where n is negative. m is no more than 2^32, and the product fits.
 */
function quotientBy(c: bigint, r: Rewriter, n: Value): Value {
  const divisor = c < 0n ? -c : c;
  const p = 31n + BigInt((divisor - 1n).toString(2).length);
  const product = r.make(op.imul, n, r.integer(2n ** p / divisor + 1n));
  const down = r.make(op.isar, product, r.integer(p));
  const correction = r.make(op.isar, n, r.integer(63n));
  return c < 0n ? r.make(op.isub, correction, down) : r.make(op.isub, down, correction);
}

/** The low half of a constant that is no trivial divisor. */
function divisor32(value: Value): bigint | undefined {
  if (value.op !== op.iconst) return undefined;
  const c = BigInt.asIntN(32, value.immediate as bigint);
  return c >= -1n && c <= 1n ? undefined : c;
}

function wordOf(r: Rewriter, n: Value): Value {
  return isInt32(n) ? n : r.make(op.isext32, n);
}

/** Divisions of integers by 2^k, and those of low halves by any constant. */
export const divisionRules: readonly Rule[] = [
  rule(op.iudiv, 'iudiv(n, 2^k) = ishr(n, k)', (r, n, y) => {
    const k = shiftOf(y, 62);
    return k === undefined ? undefined : r.make(op.ishr, n, r.integer(k));
  }),
  rule(op.iurem, 'iurem(n, 2^k) = iand(n, 2^k - 1)', (r, n, y) => {
    const k = shiftOf(y, 62);
    return k === undefined ? undefined : r.make(op.iand, n, r.integer((1n << k) - 1n));
  }),
  rule(op.idiv, 'idiv(n, 2^k) = isar(n + bias, k)', (r, n, y) => {
    const k = shiftOf(y, 62);
    return k === undefined ? undefined : r.make(op.isar, r.make(op.iadd, n, biasOf(r, n, k)), r.integer(k));
  }),
  rule(op.irem, 'irem(n, 2^k) = iand(n + bias, 2^k - 1) - bias', (r, n, y) => {
    const k = shiftOf(y, 62);
    if (k === undefined) return undefined;
    const bias = biasOf(r, n, k);
    return r.make(op.isub, r.make(op.iand, r.make(op.iadd, n, bias), r.integer((1n << k) - 1n)), bias);
  }),
  rule(op.idiv32, 'idiv32(n, 2^k) = isar32(n + bias, k)', (r, n, y) => {
    const k = shiftOf(y, 30);
    return k === undefined
      ? undefined
      : r.make(op.isar32, r.make(op.iadd, n, biasOf32(r, n, k)), r.integer(k));
  }),
  rule(op.irem32, 'irem32(n, 2^k) = iand(n + bias, 2^k - 1) - bias', (r, n, y) => {
    const k = shiftOf(y, 30);
    if (k === undefined) return undefined;
    const bias = biasOf32(r, n, k);
    return r.make(op.isub, r.make(op.iand, r.make(op.iadd, n, bias), r.integer((1n << k) - 1n)), bias);
  }),
  rule(op.idiv32, 'idiv32(n, c) = n * m / 2^p, rounded toward zero', (r, n, y) => {
    const c = divisor32(y);
    return c === undefined ? undefined : quotientBy(c, r, wordOf(r, n));
  }),
  rule(op.irem32, 'irem32(n, c) = n - c * idiv32(n, c)', (r, n, y) => {
    const c = divisor32(y);
    if (c === undefined) return undefined;
    const word = wordOf(r, n);
    return r.make(op.isub, word, r.make(op.imul, quotientBy(c, r, word), r.integer(c)));
  }),
];
