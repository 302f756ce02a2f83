/**
 * The arrays that kernels read and write, and the names of their element types.
 *
 * `maskType` aside, element types are written as in `KernelSpec`: `f64`, `u8c` and so on.
 */
import type { ColumnType, OutputType } from '../../jit/kernel/kernel-spec.ts';
import { kernelElementTypes } from '../../native/kernel-request.ts';
import { elementAt } from '../../support/element.ts';
import {
  setTypedArray,
  typedArrayBuffer,
  typedArrayLength,
  typedArrayName,
  typedArrayOffset,
} from '../../support/intrinsics.ts';

/** A typed array of numbers. It may be on shared memory, and a part of its buffer. */
export type NumericArray =
  | Float64Array
  | Float32Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/** The arrays that outputs of each type are. */
export interface OutputArrays {
  f64: Float64Array;
  f32: Float32Array;
  i8: Int8Array;
  u8: Uint8Array;
  u8c: Uint8ClampedArray;
  i16: Int16Array;
  u16: Uint16Array;
  i32: Int32Array;
  u32: Uint32Array;
  mask: Uint8Array;
}

const constructors: { readonly [Type in OutputType]: new (length: number) => OutputArrays[Type] } =
  Object.freeze({
    f64: Float64Array,
    f32: Float32Array,
    i8: Int8Array,
    u8: Uint8Array,
    u8c: Uint8ClampedArray,
    i16: Int16Array,
    u16: Uint16Array,
    i32: Int32Array,
    u32: Uint32Array,
    mask: Uint8Array,
  });

export const outputTypes: readonly OutputType[] = kernelElementTypes;

/** A new array of `length` zeros. Throws the RangeError of the constructor if that is too many. */
export function createOutput<Type extends OutputType>(type: Type, length: number): OutputArrays[Type] {
  return new constructors[type](length);
}

const views: readonly (new (buffer: ArrayBufferLike, offset: number, length: number) => NumericArray)[] =
  Object.freeze([
    ...[Float64Array, Float32Array, Int8Array, Uint8Array, Int16Array, Uint16Array, Int32Array, Uint32Array],
    Uint8ClampedArray,
  ]);

/** Elements of an array with this code, from a place in a buffer on. Throws the constructor's error if they are not there. */
export function viewOf(code: number, buffer: ArrayBufferLike, offset: number, length: number): NumericArray {
  return new (elementAt(views, code))(buffer, offset, length);
}

/** The position of an array's element type in {@link kernelElementTypes}; -1 for all but typed arrays of numbers. */
export function elementCode(value: unknown): number {
  switch (typedArrayName(value)) {
    case 'Float64Array':
      return 0;
    case 'Float32Array':
      return 1;
    case 'Int8Array':
      return 2;
    case 'Uint8Array':
      return 3;
    case 'Int16Array':
      return 4;
    case 'Uint16Array':
      return 5;
    case 'Int32Array':
      return 6;
    case 'Uint32Array':
      return 7;
    case 'Uint8ClampedArray':
      return 8;
    default:
      return -1;
  }
}

/** How many element types columns can have: they are the first ones. */
const columnTypeCount = 8;

const bytesCode = 3;

/** The position of the type that a column is read as: bytes are bytes, clamped or not. */
export function columnCode(elementCodeOfArray: number): number {
  return elementCodeOfArray === columnTypeCount ? bytesCode : elementCodeOfArray;
}

export function columnTypeOf(code: number): ColumnType {
  return kernelElementTypes[code] as ColumnType;
}

export function outputTypeOf(code: number): OutputType {
  return kernelElementTypes[code] as OutputType;
}

const maskCode = kernelElementTypes.indexOf('mask');

/** The code of the arrays that outputs of a type are. */
export function arrayCode(type: OutputType): number {
  const code = kernelElementTypes.indexOf(type);
  return code === maskCode ? bytesCode : code;
}

/** Whether an array whose elements have this code can take results of a type: its own, or a mask in bytes. */
export function fits(code: number, type: number): boolean {
  return code === type || (type === maskCode && columnCode(code) === bytesCode);
}

const sizes: readonly number[] = Object.freeze([8, 4, 1, 1, 2, 2, 4, 4, 1]);

/** Bytes of an element, by its code. */
export function sizeOf(code: number): number {
  return elementAt(sizes, code);
}

/** Rows of an array, `to` behind them, in the same memory. Throws the constructor's error if they are not there. */
export function rowsOf(array: NumericArray, from: number, to: number): NumericArray {
  if (from === 0 && to === typedArrayLength(array)) return array;
  const code = elementCode(array);
  return viewOf(code, typedArrayBuffer(array), typedArrayOffset(array) + from * sizeOf(code), to - from);
}

/** A copy of an array, on memory of its own. */
export function copyOf(array: NumericArray): NumericArray {
  const copy = createOutput(outputTypeOf(elementCode(array)), typedArrayLength(array));
  setTypedArray(copy, array);
  return copy;
}
