/** What the rules are made of. A derivative that is left out is 0. */
import type { Value } from '../ir/function.ts';
import { op } from '../ir/opcode.ts';
import type { Emitter } from './emitter.ts';

/** The derivatives of the operands, undefined for those that are 0; at least one is not. */
export type Tangents = readonly (Value | undefined)[];

/** The derivative of a value, whose operands have these. */
export type Rule = (emitter: Emitter, value: Value, tangents: Tangents) => Value;

/** The derivative of `|x|`; to the right where x is 0. */
export function ofMagnitude(e: Emitter, x: Value, dx: Value): Value {
  const zero = e.number(0);
  const beside = e.select(e.emit(op.flt, x, zero), e.emit(op.fneg, dx), dx);
  return e.select(e.emit(op.feq, x, zero), e.emit(op.fabs, dx), beside);
}

export function plus(e: Emitter, dx: Value | undefined, dy: Value | undefined): Value | undefined {
  if (dx === undefined || dy === undefined) return dx ?? dy;
  return e.emit(op.fadd, dx, dy);
}

export function minus(e: Emitter, dx: Value | undefined, dy: Value | undefined): Value | undefined {
  if (dy === undefined) return dx;
  return dx === undefined ? e.emit(op.fneg, dy) : e.emit(op.fsub, dx, dy);
}

export function times(e: Emitter, dx: Value | undefined, factor: Value): Value | undefined {
  return dx && e.emit(op.fmul, dx, factor);
}

export function over(e: Emitter, dx: Value | undefined, divisor: Value): Value | undefined {
  return dx && e.emit(op.fdiv, dx, divisor);
}

/** A derivative as a value. */
export function given(e: Emitter, dx: Value | undefined): Value {
  return dx ?? e.number(0);
}
