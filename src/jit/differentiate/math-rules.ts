/**
 * The derivatives of the functions of the math library. Where a formula with the result alone would lose digits (`1 - tanh(x)^2` for large
 * x), it is another one.
 */
import { elementAt, maybeAt } from '../../support/element.ts';
import type { Value } from '../ir/function.ts';
import { op } from '../ir/opcode.ts';
import type { Emitter } from './emitter.ts';
import { given, minus, plus, type Rule, type Tangents, times } from './parts.ts';

const rules = new Map<string, Rule>();

/** `dx` times a factor. */
function scaled(name: string, factor: (e: Emitter, x: Value, result: Value) => Value): void {
  rules.set(name, (e, value, tangents) =>
    e.emit(op.fmul, elementAt(tangents, 0), factor(e, elementAt(value.operands, 0), value)),
  );
}

/** `dx` over a divisor. */
function divided(name: string, divisor: (e: Emitter, x: Value, result: Value) => Value): void {
  rules.set(name, (e, value, tangents) =>
    e.emit(op.fdiv, elementAt(tangents, 0), divisor(e, elementAt(value.operands, 0), value)),
  );
}

const square = (e: Emitter, x: Value): Value => e.emit(op.fmul, x, x);
const oneLess = (e: Emitter, x: Value): Value => e.emit(op.fsub, e.number(1), x);
const oneMore = (e: Emitter, x: Value): Value => e.emit(op.fadd, e.number(1), x);
/** 1 - x^2, of which nothing is lost near 1. */
const oneLessSquare = (e: Emitter, x: Value): Value => e.emit(op.fmul, oneLess(e, x), oneMore(e, x));
const negative = (e: Emitter, x: Value): Value => e.emit(op.fneg, x);

divided('cbrt', (e, _, y) => e.emit(op.fmul, e.number(3), square(e, y)));
scaled('exp', (_, _x, y) => y);
scaled('exp2', (e, _, y) => e.emit(op.fmul, y, e.number(Math.LN2)));
scaled('expm1', (e, x) => e.math('exp', x));
divided('log', (_, x) => x);
divided('log1p', (e, x) => oneMore(e, x));
divided('log10', (e, x) => e.emit(op.fmul, x, e.number(Math.LN10)));
divided('log2', (e, x) => e.emit(op.fmul, x, e.number(Math.LN2)));

scaled('sin', (e, x) => e.math('cos', x));
scaled('cos', (e, x) => negative(e, e.math('sin', x)));
scaled('tan', (e, _, y) => oneMore(e, square(e, y)));
divided('asin', (e, x) => e.emit(op.fsqrt, oneLessSquare(e, x)));
divided('acos', (e, x) => negative(e, e.emit(op.fsqrt, oneLessSquare(e, x))));
divided('atan', (e, x) => oneMore(e, square(e, x)));
scaled('sinpi', (e, x) => e.emit(op.fmul, e.number(Math.PI), e.math('cospi', x)));
scaled('cospi', (e, x) => e.emit(op.fmul, e.number(-Math.PI), e.math('sinpi', x)));
scaled('tanpi', (e, _, y) => e.emit(op.fmul, e.number(Math.PI), oneMore(e, square(e, y))));

scaled('sinh', (e, x) => e.math('cosh', x));
scaled('cosh', (e, x) => e.math('sinh', x));
divided('tanh', (e, x) => square(e, e.math('cosh', x)));
divided('asinh', (e, x) => e.math('hypot', x, e.number(1)));
divided('acosh', (e, x) =>
  e.emit(
    op.fmul,
    e.emit(op.fsqrt, e.emit(op.fsub, x, e.number(1))),
    e.emit(op.fsqrt, e.emit(op.fadd, x, e.number(1))),
  ),
);
divided('atanh', (e, x) => oneLessSquare(e, x));

scaled('sigmoid', (e, x, y) => e.emit(op.fmul, y, e.math('sigmoid', negative(e, x))));
scaled('softplus', (e, x) => e.math('sigmoid', x));
const twoOverRootPi = 1.1283791670955126;
const bell = (e: Emitter, x: Value): Value => e.math('exp', negative(e, square(e, x)));
scaled('erf', (e, x) => e.emit(op.fmul, e.number(twoOverRootPi), bell(e, x)));
scaled('erfc', (e, x) => e.emit(op.fmul, e.number(-twoOverRootPi), bell(e, x)));
scaled('gamma', (e, x, y) => e.emit(op.fmul, y, e.digamma(x)));
scaled('fac', (e, x, y) => e.emit(op.fmul, y, e.digamma(oneMore(e, x))));
scaled('lgamma', (e, x) => e.digamma(x));

// By the base `n x^(n - 1)`, 0 for n = 0; by the exponent `log(x) x^n`, 0 where x^n is 0.
rules.set('pow', (e, value, tangents) => {
  const { base, exponent } = { base: elementAt(value.operands, 0), exponent: elementAt(value.operands, 1) };
  const [dBase, dExponent] = [maybeAt(tangents, 0), maybeAt(tangents, 1)];
  const zero = e.number(0);
  const byBase = (): Value => {
    const lower = e.math('pow', base, e.emit(op.fsub, exponent, e.number(1)));
    return e.select(e.emit(op.feq, exponent, zero), zero, e.emit(op.fmul, exponent, lower));
  };
  const byExponent = (): Value =>
    e.select(e.emit(op.feq, value, zero), zero, e.emit(op.fmul, value, e.math('log', base)));
  return given(
    e,
    plus(e, dBase && e.emit(op.fmul, dBase, byBase()), dExponent && e.emit(op.fmul, dExponent, byExponent())),
  );
});

// (y' x - x' y) / (x^2 + y^2), by parts that neither overflow nor underflow.
rules.set('atan2', (e, { operands }, tangents) => {
  const [y, x] = [elementAt(operands, 0), elementAt(operands, 1)];
  const radius = e.math('hypot', y, x);
  const turn = minus(
    e,
    times(e, maybeAt(tangents, 0), e.emit(op.fdiv, x, radius)),
    times(e, maybeAt(tangents, 1), e.emit(op.fdiv, y, radius)),
  );
  return e.emit(op.fdiv, given(e, turn), radius);
});

// To the right of the origin it grows by the length of the step.
rules.set('hypot', (e, value, tangents) => {
  const grown = value.operands.reduce<Value | undefined>(
    (sum, x, index) => plus(e, sum, times(e, maybeAt(tangents, index), e.emit(op.fdiv, x, value))),
    undefined,
  );
  const isOrigin = e.emit(op.feq, value, e.number(0));
  return e.select(isOrigin, stepLength(e, tangents), given(e, grown));
});

function stepLength(e: Emitter, tangents: Tangents): Value {
  const steps = tangents.filter((dx) => dx !== undefined);
  if (steps.length === 1) return e.emit(op.fabs, elementAt(steps, 0));
  const sum = steps.reduce<Value | undefined>((squares, dx) => plus(e, squares, square(e, dx)), undefined);
  return e.emit(op.fsqrt, given(e, sum));
}

/** By the library's names of the functions. */
export const mathRules: ReadonlyMap<string, Rule> = rules;
