/**
 * Integers in lanes of 64 bits.
 *
 * A vector unit adds them, shifts them by constants and multiplies their low halves, and does little else.
 *
 * - Conversions: `magic` has an ulp of 1, so an integer added to its bits makes the double that is as much larger; the way back
 *   is the same. A double holds what has no more than 51 bits, so that products and comparisons are those of doubles. Wider
 *   integers are for `integer-widths.ts` to keep away.
 * - Shifts by other than constants: a product of low halves with a power of two, whose double is made of its exponent.
 * - The operations of JavaScript on 32 bits see low halves only, so what stands above them may be anything.
 */
import { bitsOf } from '../../../support/float.ts';
import type { Value } from '../../ir/function.ts';
import { type Opcode, op } from '../../ir/opcode.ts';
import type { Expander } from './expander.ts';
import { withoutMultiple } from './integers.ts';
import { rounded } from './rounding.ts';

const magic = 1.5 * 2 ** 52;
const magicBits = bitsOf(magic);
const lowHalfBits = 0xffff_ffffn;
const mostShift = 31n;
const exponentShift = 52n;
const exponentBias = 1023n;

// Conversions

/** `itof`. */
export function toDouble(value: Value, expander: Expander): void {
  const [x] = value.operands as [Value];
  const higher = expander.emit(op.iasf, expander.emit(op.iadd, x, expander.integer(magicBits)));
  expander.become(value, op.fsub, [higher, expander.number(magic)]);
}

/** `ftoi`. */
export function toInteger(value: Value, expander: Expander): void {
  const [x] = value.operands as [Value];
  becomeInteger(value, isWhole(x) ? x : rounded('zero', x, expander), expander);
}

/** `ftoi32`: what is left fits, and NaN, the second operand here, becomes a number whose low half is 0. */
export function toInt32OfLanes(value: Value, expander: Expander): void {
  const [x] = value.operands as [Value];
  const rest = withoutMultiple(x, expander);
  if (expander.hasMasks) {
    expander.become(value, op.isext32, [expander.emit(op.ftoi, rest)]);
    return;
  }
  const number = expander.emit(op.fmore, rest, expander.number(-(2 ** 32)));
  // The low half of the bits of `magic` is 0, so it need not be taken off again.
  const higher = expander.emit(op.fadd, rounded('zero', number, expander), expander.number(magic));
  expander.become(value, op.isext32, [expander.emit(op.fasi, higher)]);
}

function doubleOf(x: Value, expander: Expander): Value {
  const constant = constantOf(x);
  if (constant !== undefined) return expander.number(Number(constant));
  if (expander.hasMasks) return expander.emit(op.itof, x);
  const double = expander.declare(op.itof, x);
  toDouble(double, expander);
  return double;
}

function becomeInteger(value: Value, whole: Value, expander: Expander): void {
  if (expander.hasMasks) {
    expander.become(value, op.ftoi, [whole]);
    return;
  }
  const higher = expander.emit(op.fasi, expander.emit(op.fadd, whole, expander.number(magic)));
  expander.become(value, op.isub, [higher, expander.integer(magicBits)]);
}

// Comparisons and products

export function comparedAsDoubles(comparison: Opcode): (value: Value, expander: Expander) => void {
  return (value, expander) => {
    const [x, y] = value.operands as [Value, Value];
    expander.become(value, comparison, [doubleOf(x, expander), doubleOf(y, expander)]);
  };
}

/** `imul`. */
export function product(value: Value, expander: Expander): void {
  const [x, y] = value.operands as [Value, Value];
  becomeInteger(value, expander.emit(op.fmul, doubleOf(x, expander), doubleOf(y, expander)), expander);
}

export function product32(value: Value, expander: Expander): void {
  const [x, y] = value.operands as [Value, Value];
  expander.become(value, op.isext32, [expander.emit(op.imulu32, lowHalf(x), lowHalf(y))]);
}

// Shifts

export function shiftLeft32(value: Value, expander: Expander): void {
  const [x, count] = value.operands as [Value, Value];
  const constant = constantOf(count);
  let shifted: Value;
  if (constant === undefined) {
    const exponent = expander.emit(op.iadd, countOf(count, expander), expander.integer(exponentBias));
    shifted = expander.emit(op.imulu32, lowHalf(x), powerOfTwo(exponent, expander));
  } else {
    shifted = expander.emit(op.ishl, lowHalf(x), expander.integer(constant & mostShift));
  }
  expander.become(value, op.isext32, [shifted]);
}

export function shiftRight32(value: Value, expander: Expander): void {
  const [x, count] = value.operands as [Value, Value];
  const constant = constantOf(count);
  if (constant === undefined) {
    expander.become(value, op.ishr, multiplied(lowHalf(x), complement(count, expander), expander));
    return;
  }
  const bits = constant & mostShift;
  const unsigned = [lowHalf(x), expander.integer(lowHalfBits)];
  if (bits === 0n) expander.become(value, op.iand, unsigned);
  else expander.become(value, op.ishr, [expander.emit(op.iand, ...unsigned), expander.integer(bits)]);
}

/** The instruction shifts what is sign-extended, by a constant. */
export function shiftRightSigned32(value: Value, expander: Expander): void {
  const [x, count] = value.operands as [Value, Value];
  const constant = constantOf(count);
  if (constant !== undefined) {
    const word = isWord(x) ? x : expander.emit(op.isext32, x);
    expander.become(value, op.isar32, [word, expander.integer(constant & mostShift)]);
    return;
  }
  // As an unsigned number 2^31 higher; what that shifts to is 2^(31 - count) too high.
  const factor = complement(count, expander);
  const higher = expander.emit(op.ixor, lowHalf(x), expander.integer(1n << 31n));
  const shifted = expander.emit(op.ishr, ...multiplied(higher, factor, expander));
  const excess = expander.emit(op.iand, factor, expander.integer(lowHalfBits));
  expander.become(value, op.isub, [shifted, excess]);
}

/** Is an `isar32` one that the machine has? */
export function isShiftOfWord({ operands }: Value): boolean {
  const [x, count] = operands as [Value, Value];
  const constant = constantOf(count);
  return constant !== undefined && constant === (constant & mostShift) && isWord(x);
}

/** Operands of the `ishr` that shifts the low half by as many bits as `factor`, 2^(31 - count), says. */
function multiplied(x: Value, factor: Value, expander: Expander): [Value, Value] {
  return [expander.emit(op.imulu32, x, factor), expander.integer(mostShift)];
}

function countOf(count: Value, expander: Expander): Value {
  return expander.emit(op.iand, lowHalf(count), expander.integer(mostShift));
}

/** 2^(31 - count), in the low half. */
function complement(count: Value, expander: Expander): Value {
  const most = expander.integer(exponentBias + mostShift);
  return powerOfTwo(expander.emit(op.isub, most, countOf(count, expander)), expander);
}

/** In the low half, of its exponent as doubles have it. */
function powerOfTwo(exponent: Value, expander: Expander): Value {
  const power = expander.emit(op.iasf, expander.emit(op.ishl, exponent, expander.integer(exponentShift)));
  return expander.emit(op.fasi, expander.emit(op.fadd, power, expander.number(2 ** 52)));
}

// Bits

/**
 * The exponent of x + 1/2 is the position of the highest bit that is set, and -1 for 0. With the bits of 2^52 above it, x is the double
 * that is as much larger.
 */
export function leadingZeros32(value: Value, expander: Expander): void {
  const [x] = value.operands as [Value];
  const unsigned = expander.emit(op.iand, lowHalf(x), expander.integer(lowHalfBits));
  const higher = expander.emit(op.ior, unsigned, expander.integer(bitsOf(2 ** 52)));
  const half = expander.emit(op.fsub, expander.emit(op.iasf, higher), expander.number(2 ** 52 - 0.5));
  const exponent = expander.emit(op.ishr, expander.emit(op.fasi, half), expander.integer(exponentShift));
  expander.become(value, op.isub, [expander.integer(exponentBias + mostShift), exponent]);
}

// What is known of operands

function constantOf({ op: opcode, immediate }: Value): bigint | undefined {
  return opcode === op.iconst ? (immediate as bigint) : undefined;
}

function isWhole({ op: opcode }: Value): boolean {
  return opcode === op.ftrunc || opcode === op.ffloor || opcode === op.fceil;
}

/** What has the same low half: that which was sign-extended. */
function lowHalf(x: Value): Value {
  return x.op === op.isext32 ? (x.operands[0] ?? x) : x;
}

/** How far {@link isWord} looks: values that are used twice at each step would be looked at 2^n times. */
const mostDepth = 6;

/** Is it known to be a sign-extended integer of 32 bits? Operands of what is not expanded yet may be missing. */
function isWord({ op: opcode, operands, immediate }: Value, depth = 0): boolean {
  switch (opcode) {
    case op.isext32:
    case op.isar32:
      return true;
    case op.iconst:
      return immediate === BigInt.asIntN(32, immediate as bigint);
    case op.iand:
    case op.ior:
    case op.ixor: {
      const [x, y] = operands;
      return areWords(x, y, depth);
    }
    case op.select: {
      const [, x, y] = operands;
      return areWords(x, y, depth);
    }
    default:
      return false;
  }
}

function areWords(x: Value | undefined, y: Value | undefined, depth: number): boolean {
  if (x === undefined || y === undefined || depth === mostDepth) return false;
  return isWord(x, depth + 1) && isWord(y, depth + 1);
}
