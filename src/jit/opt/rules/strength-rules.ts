/**
 * Strength reduction: cheaper operations for the same bits. These run last, because their results are harder to
 * recognise for all other rules.
 */
import type { Value } from '../../ir/function.ts';
import { op } from '../../ir/opcode.ts';
import { divisionRules } from './division-rules.ts';
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
