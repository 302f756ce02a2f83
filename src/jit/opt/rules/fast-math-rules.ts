/**
 * What `fastMath` adds: algebra of real numbers, which may change the rounding, the sign of zero, and what comes of
 * NaN and infinities. `docs/ir.md` lists these; a test holds the two together.
 */
import type { Value } from '../../ir/function.ts';
import { type Opcode, op } from '../../ir/opcode.ts';
import { numberOf, type Rewriter, type Rule, rule, under } from './rule.ts';

/** `(x ~ c) ~ d = x ~ (c ~ d)`. */
function reassociate(opcode: Opcode, sign: string, compute: (c: number, d: number) => number): Rule {
  return rule(opcode, `(x ${sign} c) ${sign} d = x ${sign} (c ${sign} d)`, (r, x, y) => {
    const [inner, second] = x.operands;
    const d = numberOf(y);
    const c = x.op === opcode && second !== undefined ? numberOf(second) : undefined;
    return inner && c !== undefined && d !== undefined
      ? r.make(opcode, inner, r.number(compute(c, d)))
      : undefined;
  });
}

/** The exponents up to which a power is multiplied out. */
const maxPower = 8;

function multiplyOut(r: Rewriter, x: Value, exponent: number): Value {
  if (exponent === 1) return x;
  const half = multiplyOut(r, x, exponent >> 1);
  const square = r.make(op.fmul, half, half);
  return exponent % 2 === 1 ? r.make(op.fmul, square, x) : square;
}

export const fastMathRules: readonly Rule[] = [
  rule(op.fadd, 'x + 0 = x', (_, x, y) => (numberOf(y) === 0 ? x : undefined)),
  rule(op.fsub, '0 - x = -x', (r, x, y) => (numberOf(x) === 0 ? r.make(op.fneg, y) : undefined)),
  rule(op.fsub, 'x - x = 0', (r, x, y) => (x === y ? r.number(0) : undefined)),
  rule(op.fsub, 'x - c = x + -c', (r, x, y) => {
    const c = numberOf(y);
    return c !== undefined && numberOf(x) === undefined ? r.make(op.fadd, x, r.number(-c)) : undefined;
  }),
  rule(op.fmul, 'x * 0 = 0', (r, _x, y) => (numberOf(y) === 0 ? r.number(0) : undefined)),
  rule(op.fdiv, 'x / x = 1', (r, x, y) => (x === y ? r.number(1) : undefined)),
  rule(op.fdiv, 'x / c = x * (1 / c)', (r, x, y) => {
    const c = numberOf(y);
    const reciprocal = c === undefined ? Number.NaN : 1 / c;
    return Number.isFinite(reciprocal) && reciprocal !== 0
      ? r.make(op.fmul, x, r.number(reciprocal))
      : undefined;
  }),
  rule(op.fneg, '-(x - y) = y - x', (r, x) => {
    const [first, second] = x.operands;
    return x.op === op.fsub && first && second ? r.make(op.fsub, second, first) : undefined;
  }),
  reassociate(op.fadd, '+', (c, d) => c + d),
  reassociate(op.fmul, '*', (c, d) => c * d),
  rule(op.fsqrt, 'sqrt(x * x) = |x|', (r, x) =>
    x.op === op.fmul && x.operands[0] === x.operands[1] && x.operands[0]
      ? r.make(op.fabs, x.operands[0])
      : undefined,
  ),
  rule(op.feq, 'x == x is true', (r, x, y) => (x === y ? r.boolean(true) : undefined)),
  rule(op.fne, 'x != x is false', (r, x, y) => (x === y ? r.boolean(false) : undefined)),
  {
    algebra: 'pow(x, n) = x * x * … for n from -8 to 8',
    opcode: op.callmath,
    apply: ({ immediate, operands: [x, y] }, r) => {
      const n = y && numberOf(y);
      if (immediate !== 'pow' || x === undefined || n === undefined) return undefined;
      if (!Number.isInteger(n) || n === 0 || Math.abs(n) > maxPower) return undefined;
      const product = multiplyOut(r, x, Math.abs(n));
      return n > 0 ? product : r.make(op.fdiv, r.number(1), product);
    },
  },
  {
    algebra: 'pow(x, 0.5) = sqrt(x)',
    opcode: op.callmath,
    apply: ({ immediate, operands: [x, y] }, r) =>
      immediate === 'pow' && x && y && numberOf(y) === 0.5 ? r.make(op.fsqrt, x) : undefined,
  },
];

/** Contraction, where the target has fused multiply-add: one rounding instead of two. */
export const contractionRules: readonly Rule[] = [
  rule(op.fadd, 'x * y + z = fma(x, y, z)', (r, x, z) => contract(r, x, z) ?? contract(r, z, x)),
  rule(op.fsub, 'x * y - z = fma(x, y, -z)', (r, x, z) => {
    const [first, second] = x.operands;
    return x.op === op.fmul && first && second
      ? r.make(op.ffma, first, second, r.make(op.fneg, z))
      : undefined;
  }),
  rule(op.fsub, 'z - x * y = fma(-x, y, z)', (r, z, x) => {
    const [first, second] = x.operands;
    return x.op === op.fmul && first && second
      ? r.make(op.ffma, r.make(op.fneg, first), second, z)
      : undefined;
  }),
];

function contract(r: Rewriter, product: Value, z: Value): Value | undefined {
  const [first, second] = product.operands;
  if (product.op !== op.fmul || first === undefined || second === undefined) return undefined;
  return under(op.fneg, z) === undefined ? r.make(op.ffma, first, second, z) : undefined;
}
