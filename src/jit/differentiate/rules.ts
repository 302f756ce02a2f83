/**
 * The derivative of each operation, from those of its operands. docs/language.md has the rules in a table.
 *
 * 1. An operation without a rule is piecewise constant: its derivative is 0 wherever it has one, and 0 where it jumps.
 * 2. Where the two sides differ (`abs` at 0, `min` of equals) it is the derivative to the right, in the direction in which the variable
 *    grows: that of `abs(u)` where u is 0 is `|u'|`, whatever the sign of u'.
 * 3. Rounding counts as no operation: the derivative of a rounded sum is that of the sum, and that of `fround(x)` is x'.
 * 4. What is selected does not meet what is not: no 0 is multiplied by an infinity of the other side.
 */
import { elementAt, maybeAt } from '../../support/element.ts';
import type { Value } from '../ir/function.ts';
import { type Opcode, op } from '../ir/opcode.ts';
import type { Emitter } from './emitter.ts';
import { mathRules } from './math-rules.ts';
import { given, minus, ofMagnitude, over, plus, type Rule, type Tangents, times } from './parts.ts';

const rules = new Map<Opcode, Rule>();

function unary(opcode: Opcode, derivative: (e: Emitter, dx: Value, x: Value, result: Value) => Value): void {
  rules.set(opcode, (e, value, tangents) =>
    derivative(e, elementAt(tangents, 0), elementAt(value.operands, 0), value),
  );
}

interface Pair {
  readonly x: Value;
  readonly y: Value;
  readonly dx: Value | undefined;
  readonly dy: Value | undefined;
}

function binary(opcode: Opcode, derivative: (e: Emitter, pair: Pair, result: Value) => Value): void {
  rules.set(opcode, (e, value, tangents) => derivative(e, pairOf(value, tangents), value));
}

function pairOf({ operands }: Value, tangents: Tangents): Pair {
  const [x, y] = [elementAt(operands, 0), elementAt(operands, 1)];
  return { x, y, dx: maybeAt(tangents, 0), dy: maybeAt(tangents, 1) };
}

unary(op.vary, (_, dx) => dx);
unary(op.fneg, (e, dx) => e.emit(op.fneg, dx));
unary(op.fabs, (e, dx, x) => ofMagnitude(e, x, dx));
unary(op.fsqrt, (e, dx, _, y) => e.emit(op.fdiv, dx, e.emit(op.fadd, y, y)));
unary(op.fdemote, (_, dx) => dx);

binary(op.fadd, (e, { dx, dy }) => given(e, plus(e, dx, dy)));
binary(op.fsub, (e, { dx, dy }) => given(e, minus(e, dx, dy)));
binary(op.fmul, (e, { x, y, dx, dy }) => given(e, plus(e, times(e, dx, y), times(e, dy, x))));
binary(op.fdiv, (e, { y, dx, dy }, quotient) => given(e, over(e, minus(e, dx, times(e, dy, quotient)), y)));
// x - n y, where n is the quotient towards zero: what is left divides without a rest, so the nearest integer is exact.
binary(op.frem, (e, { x, y, dx, dy }, rest) => {
  if (dy === undefined) return given(e, dx);
  const quotient = e.emit(op.fround, e.emit(op.fdiv, e.emit(op.fsub, x, rest), y));
  return given(e, minus(e, dx, times(e, dy, quotient)));
});
binary(op.fmin, (e, pair) => ofExtremum(e, pair, op.flt, op.fgt, op.fmin));
binary(op.fmax, (e, pair) => ofExtremum(e, pair, op.fgt, op.flt, op.fmax));
binary(op.fcopysign, (e, { x, y, dx }) => {
  if (dx === undefined) return e.number(0);
  if (isRemainder(x, y)) return dx;
  return e.emit(op.fmul, e.emit(op.fcopysign, e.number(1), y), ofMagnitude(e, x, dx));
});

rules.set(op.ffma, (e, { operands }, tangents) => {
  const product = plus(
    e,
    times(e, maybeAt(tangents, 0), elementAt(operands, 1)),
    times(e, maybeAt(tangents, 1), elementAt(operands, 0)),
  );
  return given(e, plus(e, product, maybeAt(tangents, 2)));
});
rules.set(op.select, (e, { operands }, tangents) =>
  e.select(elementAt(operands, 0), given(e, maybeAt(tangents, 1)), given(e, maybeAt(tangents, 2))),
);
rules.set(op.callmath, (e, value, tangents) => {
  const name = String(value.immediate);
  const rule = mathRules.get(name);
  return rule === undefined ? e.number(0) : rule(e, value, tangents);
});

/** That of the operand that the result is; of equals, the one that becomes the result to the right. */
function ofExtremum(e: Emitter, pair: Pair, isFirst: Opcode, isSecond: Opcode, extremum: Opcode): Value {
  const { x, y } = pair;
  const [dx, dy] = [given(e, pair.dx), given(e, pair.dy)];
  const otherwise = e.select(e.emit(isSecond, x, y), dy, e.emit(extremum, dx, dy));
  return e.select(e.emit(isFirst, x, y), dx, otherwise);
}

/** What strength reduction makes of `x % c`: `copysign(x - trunc(x / c) * c, x)`, which is x but for steps and the sign of 0. */
function isRemainder(difference: Value, x: Value): boolean {
  if (difference.op !== op.fsub || difference.operands[0] !== x) return false;
  const steps = difference.operands[1];
  const whole = steps?.op === op.fmul ? steps.operands[0] : steps;
  return whole?.op === op.ftrunc;
}

/** The rule of an operation; undefined if its derivative is 0. */
export function ruleOf(opcode: Opcode): Rule | undefined {
  return rules.get(opcode);
}
