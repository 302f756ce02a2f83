/**
 * Results as integers of 64 bits and floats of 16. Kernels compute doubles, which become these when a run has ended: the integer
 * part modulo 2^64, as `BigInt.asIntN(64, …)` has it, where NaN and infinities are 0; the nearest float of 16 bits.
 */
import { describeClass } from '../../support/describe-value.ts';
import {
  setTypedArray,
  typedArrayBuffer,
  typedArrayName,
  typedArrayOffset,
} from '../../support/intrinsics.ts';
import type { NumericArray, OutputArrays } from '../backends/column-types.ts';
import type { ForeignArray, HalfArray } from './foreign-elements.ts';

/** The arrays that results of each type are. `f16` is for runtimes that have a `Float16Array`. */
export interface ResultArrays extends OutputArrays {
  i64: BigInt64Array;
  u64: BigUint64Array;
  f16: HalfArray;
}

/** An array that takes results. */
export type ResultArray = NumericArray | ForeignArray;

export const foreignTypes = Object.freeze(['i64', 'u64', 'f16'] as const);
export type ForeignType = (typeof foreignTypes)[number];

/** What a caller asks for one output of such a type. */
export interface ForeignOutput {
  readonly type: ForeignType;
  readonly out: ForeignArray | undefined;
}

const HalfFloats = (globalThis as { Float16Array?: new (length: number) => HalfArray }).Float16Array;

/** The type that an array's elements have; undefined for all but such arrays. */
export function foreignTypeOf(array: unknown): ForeignType | undefined {
  switch (typedArrayName(array)) {
    case 'BigInt64Array':
      return 'i64';
    case 'BigUint64Array':
      return 'u64';
    case 'Float16Array':
      return 'f16';
    default:
      return undefined;
  }
}

export function isForeignType(type: unknown): type is ForeignType {
  return typeof type === 'string' && (foreignTypes as readonly string[]).includes(type);
}

/** @throws TypeError for an array of another type; RangeError for a type that the runtime lacks. */
export function requestForeign(type: ForeignType, out: unknown, name: string): ForeignOutput {
  if (type === 'f16' && HalfFloats === undefined)
    throw new RangeError('type must not be f16 on this runtime, which has no Float16Array');
  if (out === undefined) return { type, out };
  const own = foreignTypeOf(out);
  if (own === type) return { type, out: out as ForeignArray };
  throw new TypeError(`${name} must have elements of type ${type}, not be ${describeClass(out)}`);
}

/** Puts numbers where they are asked for, from the start. */
export function deliverForeign({ type, out }: ForeignOutput, numbers: Float64Array): ForeignArray {
  const array = out ?? createForeign(type, numbers.length);
  if (type === 'f16') setTypedArray(array as unknown as ArrayBufferView, numbers);
  else putIntegers(array, numbers);
  return array;
}

function createForeign(type: ForeignType, length: number): ForeignArray {
  if (type === 'i64') return new BigInt64Array(length);
  if (type === 'u64' || HalfFloats === undefined) return new BigUint64Array(length);
  return new HalfFloats(length);
}

/** Both halves of an integer are stored modulo 2^32, in two's complement. */
function putIntegers(array: ForeignArray, numbers: Float64Array): void {
  const words = new Uint32Array(typedArrayBuffer(array), typedArrayOffset(array), numbers.length * 2);
  for (let i = 0; i < numbers.length; i++) {
    const integer = Math.trunc(numbers[i] as number);
    words[2 * i] = integer;
    words[2 * i + 1] = Math.floor(integer / 2 ** 32);
  }
}
