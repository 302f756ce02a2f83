/**
 * Types of what passes between JavaScript and code: parameters and results of entries and of host functions.
 *
 *     f64        a number
 *     f32        a number that is rounded to float32
 *     i32 u32    a number; what comes from JavaScript is taken modulo 2^32, as `| 0` and `>>> 0` do
 *     i64        a bigint, modulo 2^64
 *     bool       a boolean
 *     void       nothing; results only
 *
 * In IR, `f64` and `f32` are `f64`, integers are `i64`, extended as their type says, and nothing is the integer 0.
 */
import type { ScalarType } from './type.ts';

/** Of a parameter, or of a result that is one. */
export type ValueBoundaryType = 'f64' | 'f32' | 'i32' | 'u32' | 'i64' | 'bool';
/** Of a result. */
export type BoundaryType = ValueBoundaryType | 'void';

const irTypes: Readonly<Record<BoundaryType, ScalarType>> = Object.freeze({
  f64: 'f64',
  f32: 'f64',
  i32: 'i64',
  u32: 'i64',
  i64: 'i64',
  bool: 'bool',
  void: 'i64',
});

/** The type that such a value has in IR. */
export function irTypeOf(type: BoundaryType): ScalarType {
  return irTypes[type];
}

/** What `typeof` says of such a value in JavaScript. */
export function javascriptTypeOf(type: ValueBoundaryType): 'number' | 'bigint' | 'boolean' {
  return type === 'i64' ? 'bigint' : type === 'bool' ? 'boolean' : 'number';
}

export function isBoundaryType(name: unknown): name is BoundaryType {
  return typeof name === 'string' && Object.hasOwn(irTypes, name);
}
