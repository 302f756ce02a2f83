/** Algebra of floating-point arithmetic that holds bit for bit. */
import { op } from '../../ir/opcode.ts';
import { isFiniteNumber, isIntegral, isNonNegative } from './facts.ts';
import { isNumber, numberOf, type Rule, rule, under } from './rule.ts';

const { NaN: notANumber, POSITIVE_INFINITY: infinity } = Number;

/** x = -y for one of the two, by construction or as constants. */
function negated(value: Parameters<typeof under>[1]): ReturnType<typeof under> {
  return under(op.fneg, value);
}

export const arithmeticRules: readonly Rule[] = [
  rule(op.fadd, 'x + -0 = x', (_, x, y) => (isNumber(y, -0) ? x : undefined)),
  rule(op.fadd, 'x + 0 = x where x is never -0', (_, x, y) =>
    isNumber(y, 0) && isNonNegative(x) ? x : undefined,
  ),
  rule(op.fadd, 'x + NaN = NaN', (_, _x, y) => (isNumber(y, notANumber) ? y : undefined)),
  rule(op.fadd, 'x + -y = x - y', (r, x, y) => {
    const positive = negated(y);
    return positive && r.make(op.fsub, x, positive);
  }),
  rule(op.fadd, '-x + y = y - x', (r, x, y) => {
    const positive = negated(x);
    return positive && r.make(op.fsub, y, positive);
  }),

  rule(op.fsub, 'x - 0 = x', (_, x, y) => (isNumber(y, 0) ? x : undefined)),
  rule(op.fsub, '-0 - x = -x', (r, x, y) => (isNumber(x, -0) ? r.make(op.fneg, y) : undefined)),
  rule(op.fsub, 'x - NaN = NaN', (_, x, y) =>
    isNumber(y, notANumber) ? y : isNumber(x, notANumber) ? x : undefined,
  ),
  rule(op.fsub, 'x - -y = x + y', (r, x, y) => {
    const positive = negated(y);
    return positive && r.make(op.fadd, x, positive);
  }),
  rule(op.fsub, 'x - x = 0 where x is finite', (r, x, y) =>
    x === y && isFiniteNumber(x) ? r.number(0) : undefined,
  ),

  rule(op.fmul, 'x * 1 = x', (_, x, y) => (isNumber(y, 1) ? x : undefined)),
  rule(op.fmul, 'x * -1 = -x', (r, x, y) => (isNumber(y, -1) ? r.make(op.fneg, x) : undefined)),
  rule(op.fmul, 'x * NaN = NaN', (_, _x, y) => (isNumber(y, notANumber) ? y : undefined)),
  rule(op.fmul, '-x * -y = x * y', (r, x, y) => {
    const [first, second] = [negated(x), negated(y)];
    return first && second && r.make(op.fmul, first, second);
  }),
  rule(op.fmul, '-x * c = x * -c', (r, x, y) => {
    const [positive, c] = [negated(x), numberOf(y)];
    return positive && c !== undefined ? r.make(op.fmul, positive, r.number(-c)) : undefined;
  }),
  rule(op.fmul, '|x| * |x| = x * x', (r, x, y) => {
    const inner = under(op.fabs, x);
    return x === y && inner ? r.make(op.fmul, inner, inner) : undefined;
  }),

  rule(op.fdiv, 'x / 1 = x', (_, x, y) => (isNumber(y, 1) ? x : undefined)),
  rule(op.fdiv, 'x / -1 = -x', (r, x, y) => (isNumber(y, -1) ? r.make(op.fneg, x) : undefined)),
  rule(op.fdiv, 'x / NaN = NaN', (_, x, y) =>
    isNumber(y, notANumber) ? y : isNumber(x, notANumber) ? x : undefined,
  ),
  rule(op.fdiv, '-x / -y = x / y', (r, x, y) => {
    const [first, second] = [negated(x), negated(y)];
    return first && second && r.make(op.fdiv, first, second);
  }),
  rule(op.fdiv, '-x / c = x / -c', (r, x, y) => {
    const [positive, c] = [negated(x), numberOf(y)];
    return positive && c !== undefined ? r.make(op.fdiv, positive, r.number(-c)) : undefined;
  }),
  rule(op.fdiv, 'c / -x = -c / x', (r, x, y) => {
    const [c, positive] = [numberOf(x), negated(y)];
    return positive && c !== undefined ? r.make(op.fdiv, r.number(-c), positive) : undefined;
  }),

  rule(op.frem, 'x % -y = x % y', (r, x, y) => {
    const positive = negated(y);
    return positive && r.make(op.frem, x, positive);
  }),
  rule(op.frem, 'x % |y| = x % y', (r, x, y) => {
    const inner = under(op.fabs, y);
    return inner && r.make(op.frem, x, inner);
  }),
  rule(op.frem, 'x % -c = x % c', (r, x, y) => {
    const c = numberOf(y);
    return c !== undefined && c < 0 ? r.make(op.frem, x, r.number(-c)) : undefined;
  }),
  rule(op.frem, 'x % y % y = x % y', (_, x, y) => (x.op === op.frem && x.operands[1] === y ? x : undefined)),
  rule(op.frem, 'x % 0 = NaN', (r, _x, y) =>
    numberOf(y) === 0 || isNumber(y, notANumber) ? r.number(notANumber) : undefined,
  ),

  rule(op.fneg, '-(-x) = x', (_, x) => negated(x)),
  rule(op.fneg, '-(x * c) = x * -c', (r, x) => {
    const [first, second] = x.operands;
    const c = x.op === op.fmul && second ? numberOf(second) : undefined;
    return first && c !== undefined ? r.make(op.fmul, first, r.number(-c)) : undefined;
  }),

  rule(op.fabs, '|-x| = |x|', (r, x) => {
    const inner = negated(x);
    return inner && r.make(op.fabs, inner);
  }),
  rule(op.fabs, '|x| = x where x is never negative', (_, x) => (isNonNegative(x) ? x : undefined)),
  rule(op.fabs, '|copysign(x, y)| = |x|', (r, x) => {
    const inner = under(op.fcopysign, x);
    return inner && r.make(op.fabs, inner);
  }),

  rule(op.ffloor, 'floor(n) = n where n is integral', (_, x) => (isIntegral(x) ? x : undefined)),
  rule(op.fceil, 'ceil(n) = n where n is integral', (_, x) => (isIntegral(x) ? x : undefined)),
  rule(op.ftrunc, 'trunc(n) = n where n is integral', (_, x) => (isIntegral(x) ? x : undefined)),
  rule(op.fround, 'round(n) = n where n is integral', (_, x) => (isIntegral(x) ? x : undefined)),
  rule(op.fsign, 'sign(sign(x)) = sign(x)', (_, x) => (x.op === op.fsign ? x : undefined)),
  rule(op.fsign, 'sign(btof(p)) = btof(p)', (_, x) => (x.op === op.btof ? x : undefined)),
  rule(op.fdemote, 'fround(fround(x)) = fround(x)', (_, x) =>
    x.op === op.fdemote || x.op === op.btof ? x : undefined,
  ),
  rule(op.fcopysign, 'copysign(-x, y) = copysign(x, y)', (r, x, y) => {
    const inner = negated(x) ?? under(op.fabs, x);
    return inner && r.make(op.fcopysign, inner, y);
  }),
  rule(op.fcopysign, 'copysign(x, x) = x', (_, x, y) => (x === y ? x : undefined)),
  rule(op.fcopysign, 'copysign(x, c) = |x| or -|x|', (r, x, y) => {
    const c = numberOf(y);
    if (c === undefined || Number.isNaN(c)) return undefined;
    const magnitude = r.make(op.fabs, x);
    return c < 0 || Object.is(c, -0) ? r.make(op.fneg, magnitude) : magnitude;
  }),

  rule(op.fmin, 'min(x, x) = x', (_, x, y) => (x === y ? x : undefined)),
  rule(op.fmin, 'min(x, inf) = x', (_, x, y) => (isNumber(y, infinity) ? x : undefined)),
  rule(op.fmin, 'min(x, NaN) = NaN', (_, _x, y) => (isNumber(y, notANumber) ? y : undefined)),
  rule(op.fmin, 'min(min(x, y), y) = min(x, y)', (_, x, y) =>
    x.op === op.fmin && x.operands.includes(y)
      ? x
      : y.op === op.fmin && y.operands.includes(x)
        ? y
        : undefined,
  ),
  rule(op.fmin, 'min(min(x, c), d) = min(x, min(c, d))', (r, x, y) => {
    const [first, second] = x.operands;
    const d = numberOf(y);
    const c = x.op === op.fmin && second ? numberOf(second) : undefined;
    return first && c !== undefined && d !== undefined
      ? r.make(op.fmin, first, r.number(Math.min(c, d)))
      : undefined;
  }),
  rule(op.fmax, 'max(x, x) = x', (_, x, y) => (x === y ? x : undefined)),
  rule(op.fmax, 'max(x, -inf) = x', (_, x, y) => (isNumber(y, -infinity) ? x : undefined)),
  rule(op.fmax, 'max(x, NaN) = NaN', (_, _x, y) => (isNumber(y, notANumber) ? y : undefined)),
  rule(op.fmax, 'max(max(x, y), y) = max(x, y)', (_, x, y) =>
    x.op === op.fmax && x.operands.includes(y)
      ? x
      : y.op === op.fmax && y.operands.includes(x)
        ? y
        : undefined,
  ),
  rule(op.fmax, 'max(max(x, c), d) = max(x, max(c, d))', (r, x, y) => {
    const [first, second] = x.operands;
    const d = numberOf(y);
    const c = x.op === op.fmax && second ? numberOf(second) : undefined;
    return first && c !== undefined && d !== undefined
      ? r.make(op.fmax, first, r.number(Math.max(c, d)))
      : undefined;
  }),
];
