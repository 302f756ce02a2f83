/** Types of WebAssembly values, and which of them the values of IR have. */
import type { Type } from '../ir/type.ts';
import { elementOf, lanesOf } from '../ir/type.ts';

export const ValueType = Object.freeze({ i32: 0x7f, i64: 0x7e, f64: 0x7c, v128: 0x7b } as const);

export type ValueType = (typeof ValueType)[keyof typeof ValueType];

/** Type of a block that takes and gives nothing. */
export const nothing = 0x40;

/** Truth values are 1 and 0; in lanes, all bits or none. */
export function valueTypeOf(type: Type): ValueType {
  if (lanesOf(type) > 1) return ValueType.v128;
  switch (elementOf(type)) {
    case 'f64':
      return ValueType.f64;
    case 'i64':
      return ValueType.i64;
    default:
      return ValueType.i32;
  }
}
