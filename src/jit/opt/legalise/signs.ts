/** What moves bits and computes nothing: signs, magnitudes, and the choice between two values. */
import type { Value } from '../../ir/function.ts';
import { op } from '../../ir/opcode.ts';
import { elementOf, lanesOf } from '../../ir/type.ts';
import { type Expander, type LegalTarget, magnitudeBits, signBit } from './expander.ts';

export function negate(value: Value, expander: Expander): void {
  const [x] = value.operands as [Value];
  expander.become(value, op.fbitxor, [x, expander.bits(signBit)]);
}

export function magnitude(value: Value, expander: Expander): void {
  const [x] = value.operands as [Value];
  expander.become(value, op.fbitand, [x, expander.bits(magnitudeBits)]);
}

export function copySign(value: Value, expander: Expander): void {
  const [x, sign] = value.operands as [Value, Value];
  const signOnly = expander.emit(op.fbitand, sign, expander.bits(signBit));
  expander.become(value, op.fbitor, [expander.emit(op.fbitand, x, expander.bits(magnitudeBits)), signOnly]);
}

/** `Math.sign`: the magnitude of 1 for all but zeros and NaN, which stay. */
export function sign(value: Value, expander: Expander): void {
  const [x] = value.operands as [Value];
  const zero = expander.number(0);
  const absolute = expander.emit(op.fbitand, x, expander.bits(magnitudeBits));
  const isNonZero = expander.emit(op.flt, zero, absolute);
  if (expander.hasMasks) {
    const signOnly = expander.emit(op.fbitand, x, expander.bits(signBit));
    const signed = expander.emit(op.fbitor, signOnly, expander.number(1));
    expander.become(value, op.select, [isNonZero, signed, x]);
    return;
  }
  const mask = expander.emit(op.fbitand, expander.emit(op.bbits, isNonZero), expander.bits(magnitudeBits));
  becomeMerged(value, mask, expander.number(1), x, expander);
}

/**
 * Is a `select` of numbers made of operations on bits? With +0 on one side it is; else where no instruction selects. With masks
 * all lanes are selected by one instruction.
 */
export function isChoiceOfBits({ type, operands }: Value, { hasSelect, hasMasks }: LegalTarget): boolean {
  if (elementOf(type) !== 'f64') return false;
  if (hasMasks && lanesOf(type) > 1) return false;
  const [, whenTrue, whenFalse] = operands as [Value, Value, Value];
  return !hasSelect || isPositiveZero(whenFalse) || isPositiveZero(whenTrue);
}

export function chosenBits(value: Value, expander: Expander): void {
  const [condition, whenTrue, whenFalse] = value.operands as [Value, Value, Value];
  const mask = expander.emit(op.bbits, condition);
  if (isPositiveZero(whenFalse)) expander.become(value, op.fbitand, [mask, whenTrue]);
  else if (isPositiveZero(whenTrue)) expander.become(value, op.fbitandnot, [mask, whenFalse]);
  else becomeMerged(value, mask, whenTrue, whenFalse, expander);
}

/** Bits of `whenSet` where the mask is set, of `whenClear` elsewhere; bit by bit. */
export function becomeMerged(
  value: Value,
  mask: Value,
  whenSet: Value,
  whenClear: Value,
  expander: Expander,
): void {
  const set = expander.emit(op.fbitand, mask, whenSet);
  expander.become(value, op.fbitor, [expander.emit(op.fbitandnot, mask, whenClear), set]);
}

function isPositiveZero({ op: opcode, immediate }: Value): boolean {
  return opcode === op.fconst && Object.is(immediate, 0);
}

/** Truth values in general registers have no such instruction on every target. */
export function secondAndNotFirst(value: Value, expander: Expander): void {
  const [first, second] = value.operands as [Value, Value];
  expander.become(value, op.band, [expander.emit(op.bnot, first), second]);
}
