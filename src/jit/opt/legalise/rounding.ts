/**
 * Rounding to integers, bit for bit as JavaScript's `Math`.
 *
 * Without an instruction a double is rounded by adding and subtracting 2^52, whose ulp is 1: below it in magnitude this
 * leaves the nearest integer, and from there on every double is an integer already. All results have the sign of
 * their argument, -0 included, so the sign is not computed but kept: the magnitude bits come from the rounded value
 * where the argument was below 2^52, and all other bits, NaN and infinity among them, from the argument.
 */
import type { Value } from '../../ir/function.ts';
import { op } from '../../ir/opcode.ts';
import { type Expander, magnitudeBits, signBit } from './expander.ts';
import { becomeMerged } from './signs.ts';

export type RoundingMode = 'down' | 'up' | 'zero';

const firstInteger = 2 ** 52;

/** `Math.floor`, `ceil` and `trunc` where no instruction does it. */
export function roundTo(mode: RoundingMode): (value: Value, expander: Expander) => void {
  return (value, expander) => {
    const [x] = value.operands as [Value];
    const magnitude = expander.emit(op.fbitand, x, expander.bits(magnitudeBits));
    const shift = expander.number(firstInteger);
    const nearest = expander.emit(op.fsub, expander.emit(op.fadd, magnitude, shift), shift);
    const isSmall = expander.emit(op.flt, magnitude, expander.number(firstInteger));
    const mask = expander.emit(op.fbitand, expander.emit(op.bbits, isSmall), expander.bits(magnitudeBits));
    becomeMerged(value, mask, corrected(mode, x, magnitude, nearest, expander), x, expander);
  };
}

/** The nearest integer, less or more one where it lies on the wrong side. */
function corrected(
  mode: RoundingMode,
  x: Value,
  magnitude: Value,
  nearest: Value,
  expander: Expander,
): Value {
  if (mode === 'zero') {
    const isAbove = expander.emit(op.flt, magnitude, nearest);
    return expander.emit(op.fsub, nearest, oneWhere(isAbove, expander));
  }
  const sign = expander.emit(op.fbitand, x, expander.bits(signBit));
  const signed = expander.emit(op.fbitor, nearest, sign);
  if (mode === 'down') {
    const isAbove = expander.emit(op.flt, x, signed);
    return expander.emit(op.fsub, signed, oneWhere(isAbove, expander));
  }
  const isBelow = expander.emit(op.flt, signed, x);
  return expander.emit(op.fadd, signed, oneWhere(isBelow, expander));
}

/**
 * `Math.round`: the integer above, less one if it is more than a half away. With it 0.49999999999999994 and
 * what lies beyond 2^52 are right, as `floor(x + 0.5)` would not have them, and -0.5 gives -0.
 */
export function roundHalfUp(value: Value, expander: Expander): void {
  const [x] = value.operands as [Value];
  const above = rounded('up', x, expander);
  const half = expander.emit(op.fsub, above, expander.number(0.5));
  const isTooFar = expander.emit(op.flt, x, half);
  expander.become(value, op.fsub, [above, oneWhere(isTooFar, expander)]);
}

/** An intermediate value rounded, by an instruction if there is one. */
export function rounded(mode: 'up' | 'zero', x: Value, expander: Expander): Value {
  const opcode = mode === 'up' ? op.fceil : op.ftrunc;
  if (expander.target.hasRound) return expander.emit(opcode, x);
  const value = expander.declare(opcode, x);
  roundTo(mode)(value, expander);
  return value;
}

function oneWhere(condition: Value, expander: Expander): Value {
  if (expander.hasMasks) {
    return expander.emit(op.select, condition, expander.number(1), expander.number(0));
  }
  return expander.emit(op.fbitand, expander.emit(op.bbits, condition), expander.number(1));
}
