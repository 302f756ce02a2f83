/**
 * Integers of 64 bits between JavaScript and code, which pass numbers to each other: as two of 32 bits without a sign, which
 * doubles hold exactly.
 */
import type { Value } from '../ir/function.ts';
import { type Opcode, op } from '../ir/opcode.ts';

/** Where operations go. */
export interface Emitter {
  emit(opcode: Opcode, ...operands: Value[]): Value;
  integer(value: bigint): Value;
}

const lowBits = 0xffff_ffffn;

/** Both halves of an integer, as numbers. */
export function emitHalves(builder: Emitter, value: Value): { low: Value; high: Value } {
  const low = builder.emit(op.iand, value, builder.integer(lowBits));
  const high = builder.emit(op.ishr, value, builder.integer(32n));
  return { low: builder.emit(op.itof, low), high: builder.emit(op.itof, high) };
}

/** The integer that halves as numbers make. */
export function emitWhole(builder: Emitter, low: Value, high: Value): Value {
  const upper = builder.emit(op.ishl, builder.emit(op.ftoi, high), builder.integer(32n));
  return builder.emit(op.ior, upper, builder.emit(op.ftoi, low));
}

const integer = new BigInt64Array(1);
const halves = new Uint32Array(integer.buffer);
const [lowAt, highAt] = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? [0, 1] : [1, 0];

/** Modulo 2^64. */
export function halvesOf(value: bigint): readonly [low: number, high: number] {
  integer[0] = value;
  return [halves[lowAt] as number, halves[highAt] as number];
}

/** With a sign. */
export function wholeOf(low: number, high: number): bigint {
  halves[lowAt] = low;
  halves[highAt] = high;
  return integer[0] as bigint;
}
