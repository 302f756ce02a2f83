/**
 * Values of all types between JavaScript and code, which pass numbers to each other. An integer of 64 bits goes as two of 32 bits
 * without a sign, which doubles hold exactly.
 */
import type { ValueBoundaryType } from '../ir/boundary-type.ts';
import type { Value } from '../ir/function.ts';
import { type Opcode, op } from '../ir/opcode.ts';

/** Where operations go. */
export interface Emitter {
  emit(opcode: Opcode, ...operands: Value[]): Value;
  number(value: number): Value;
  integer(value: bigint): Value;
}

/** How many numbers a value is. */
export function numberCount(type: ValueBoundaryType): 1 | 2 {
  return type === 'i64' ? 2 : 1;
}

/** The numbers that a value is, as {@link numberCount} counts them: of an integer of 64 bits the lower half first. */
export function emitNumbers(emitter: Emitter, type: ValueBoundaryType, value: Value): Value[] {
  switch (type) {
    case 'f64':
      return [value];
    case 'f32':
      return [emitter.emit(op.fdemote, value)];
    case 'i32':
      return [emitter.emit(op.itof, emitter.emit(op.isext32, value))];
    case 'u32':
      return [emitter.emit(op.itof, emitter.emit(op.izext32, value))];
    case 'bool':
      return [emitter.emit(op.btof, value)];
    case 'i64': {
      const upper = emitter.emit(op.ishr, value, emitter.integer(32n));
      return [emitter.emit(op.itof, emitter.emit(op.izext32, value)), emitter.emit(op.itof, upper)];
    }
  }
}

/** The value that numbers are, the inverse of {@link emitNumbers}. Any number is a value: those of 32 bits go by ToInt32. */
export function emitValue(emitter: Emitter, type: ValueBoundaryType, numbers: readonly Value[]): Value {
  const [low, high] = numbers as [Value, Value];
  switch (type) {
    case 'f64':
      return low;
    case 'f32':
      return emitter.emit(op.fdemote, low);
    case 'i32':
      return emitter.emit(op.ftoi32, low);
    case 'u32':
      return emitter.emit(op.izext32, emitter.emit(op.ftoi32, low));
    case 'bool':
      return emitter.emit(op.fne, low, emitter.number(0));
    case 'i64': {
      const upper = emitter.emit(op.ishl, emitter.emit(op.ftoi, high), emitter.integer(32n));
      return emitter.emit(op.ior, upper, emitter.emit(op.ftoi, low));
    }
  }
}
