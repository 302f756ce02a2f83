/**
 * What the elements of arrays are, for `load` and `store`; and what `mload` and `mstore` access, where integers are `i64`.
 *
 *     f64 f32 i8 u8 i16 u16 i32 u32     those of columns; read as doubles
 *     u8c                               stored only: clamped like `Uint8ClampedArray`
 *     mask                              stored only: a byte, 1 where true
 *     i64                               words of 64 bits, as integers
 */
import { elementOf, type ScalarType, type Type } from './type.ts';

const sizes = {
  f64: 8,
  f32: 4,
  i8: 1,
  u8: 1,
  i16: 2,
  u16: 2,
  i32: 4,
  u32: 4,
  u8c: 1,
  mask: 1,
  i64: 8,
} as const;

/** Of elements in memory. */
export type MemoryType = keyof typeof sizes;

/** What `mload` and `mstore` access. */
export type AccessType = Exclude<MemoryType, 'u8c' | 'mask'>;

/** In an order that does not change: positions stand for types in machine code. */
export const memoryTypes: readonly MemoryType[] = Object.freeze(Object.keys(sizes) as MemoryType[]);

export function isMemoryType(name: string): name is MemoryType {
  return Object.hasOwn(sizes, name);
}

/** Bytes of an element. */
export function sizeOf(type: MemoryType): 1 | 2 | 4 | 8 {
  return sizes[type];
}

export function isAccessType(name: string): name is AccessType {
  return isMemoryType(name) && name !== 'u8c' && name !== 'mask';
}

/** The type of the values that `mload` gives and `mstore` takes. */
export function accessedType(type: AccessType): ScalarType {
  return type === 'f64' || type === 'f32' ? 'f64' : 'i64';
}

const integers: ReadonlySet<MemoryType> = new Set(['i8', 'u8', 'i16', 'u16', 'i32', 'u32']);

/** Does a load of such elements give values of this type? */
export function gives(memory: MemoryType, type: Type): boolean {
  if (memory === 'i64') return type === 'i64';
  return memory !== 'u8c' && memory !== 'mask' && elementOf(type) === 'f64';
}

/**
 * Does a store to such elements take values of this type? Integers are stored by their low bits; doubles were made
 * such before. What is clamped is between 0 and 255 already.
 */
export function takes(memory: MemoryType, type: Type): boolean {
  if (memory === 'i64') return type === 'i64';
  if (integers.has(memory)) return elementOf(type) === 'i64';
  return elementOf(type) === (memory === 'mask' ? 'bool' : 'f64');
}
