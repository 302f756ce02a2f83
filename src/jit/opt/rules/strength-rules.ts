/**
 * Strength reduction: cheaper operations for the same bits. These run last, because their results are harder to
 * recognise for all other rules.
 */
import type { Value } from '../../ir/function.ts';
import { op } from '../../ir/opcode.ts';
import { isNumber, numberOf, type Rewriter, type Rule, rule } from './rule.ts';

const infinity = Number.POSITIVE_INFINITY;

/** ±2^k for which 2^-k is a double without loss: a normal number, whose reciprocal is one too. */
function isInvertiblePowerOfTwo(c: number): boolean {
  const exponent = Math.log2(Math.abs(c));
  return Number.isInteger(exponent) && Math.abs(exponent) <= 1022 && 2 ** exponent === Math.abs(c);
}

/** Calls of one function of the math library with a constant second argument. */
function power(exponent: number, algebra: string, apply: (r: Rewriter, x: Value) => Value): Rule {
  return {
    algebra,
    opcode: op.callmath,
    apply: ({ immediate, operands: [x, y] }, r) =>
      immediate === 'pow' && x !== undefined && y !== undefined && isNumber(y, exponent)
        ? apply(r, x)
        : undefined,
  };
}

/** Exact by the definition of the math library, see `math-library.ts`. They make work for the other rules. */
export const powerRules: readonly Rule[] = [
  power(2, 'pow(x, 2) = x * x', (r, x) => r.make(op.fmul, x, x)),
  // x + 0 makes 0 of -0, whose root would be -0.
  power(0.5, 'pow(x, 0.5) = x == -inf ? inf : sqrt(x + 0)', (r, x) =>
    r.makeSelect(
      r.make(op.feq, x, r.number(-infinity)),
      r.number(infinity),
      r.make(op.fsqrt, r.make(op.fadd, x, r.number(0))),
    ),
  ),
  power(1, 'pow(x, 1) = x', (_, x) => x),
  power(0, 'pow(x, 0) = 1', (r) => r.number(1)),
  power(-0, 'pow(x, -0) = 1', (r) => r.number(1)),
];

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

/** Divisions of integers by 2^k; those of the low half by 2^31 would divide by the least integer. */
const divisionRules: readonly Rule[] = [
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
];

export const strengthRules: readonly Rule[] = [
  ...divisionRules,
  rule(op.fmul, 'x * 2 = x + x', (r, x, y) => (isNumber(y, 2) ? r.make(op.fadd, x, x) : undefined)),
  rule(op.fdiv, 'x / c = x * (1 / c) where c is a power of two', (r, x, y) => {
    const c = numberOf(y);
    return c !== undefined && isInvertiblePowerOfTwo(c) ? r.make(op.fmul, x, r.number(1 / c)) : undefined;
  }),
  // The quotient is exact or, where it is subnormal, truncated to 0; so are the product and the difference.
  rule(op.frem, 'x % c = copysign(x - trunc(x / c) * c, x) where c >= 1 is a power of two', (r, x, y) => {
    const c = numberOf(y);
    if (c === undefined || c < 1 || c === infinity || !isInvertiblePowerOfTwo(c)) return undefined;
    const quotient = r.make(op.ftrunc, c === 1 ? x : r.make(op.fmul, x, r.number(1 / c)));
    const product = c === 1 ? quotient : r.make(op.fmul, quotient, r.number(c));
    return r.make(op.fcopysign, r.make(op.fsub, x, product), x);
  }),
];
