/**
 * Arrays whose elements no kernel reads: integers of 64 bits and floats of 16. They are copied to numbers, which kernels read.
 *
 * An integer beyond 2^53 is rounded to the nearest double, of two to the one with an even significand, as `Number(bigint)` does it.
 */
import {
  requireTypedArray,
  setTypedArray,
  typedArrayBuffer,
  typedArrayLength,
  typedArrayName,
  typedArrayOffset,
} from '../../support/intrinsics.ts';
import type { Validity } from '../backends/bound-columns.ts';
import type { NumericArray } from '../backends/column-types.ts';

/** A typed array of such elements. */
export type ForeignArray = BigInt64Array | BigUint64Array | HalfArray;

/** A `Float16Array`, which not every runtime has. */
export interface HalfArray {
  readonly [Symbol.toStringTag]: 'Float16Array';
  readonly length: number;
  readonly BYTES_PER_ELEMENT: number;
  readonly buffer: ArrayBufferLike;
  [index: number]: number;
}

/** What a column was read to. */
export interface ReadColumn {
  readonly values: NumericArray;
  /** Undefined where nothing is missing. */
  readonly validity: Validity | undefined;
  /** What to read in order to read the column as it is then; undefined where that is these values, or nothing that changes. */
  readonly source: object | undefined;
}

/** The elements as numbers; undefined for all but such arrays. Throws for one whose memory is gone. */
export function foreignElements(array: unknown): NumericArray | undefined {
  switch (typedArrayName(array)) {
    case 'BigInt64Array':
      return doublesOf(array, true);
    case 'BigUint64Array':
      return doublesOf(array, false);
    case 'Float16Array': {
      const singles = new Float32Array(elementCount(array));
      setTypedArray(singles, array as ArrayBufferView);
      return singles;
    }
    default:
      return undefined;
  }
}

/** Of the bit patterns of floats of 16 bits. */
export function halvesOf(patterns: Uint16Array): Float32Array {
  const singles = new Float32Array(patterns.length);
  for (let i = 0; i < singles.length; i++) singles[i] = halfOf(patterns[i] as number);
  return singles;
}

/** IEEE 754's binary16: a sign, five bits of exponent, ten of significand. */
function halfOf(pattern: number): number {
  const sign = pattern & 0x8000 ? -1 : 1;
  const exponent = (pattern >> 10) & 31;
  const fraction = pattern & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

function elementCount(array: unknown): number {
  const length = typedArrayLength(array);
  if (length === 0) requireTypedArray(array);
  return length;
}

function doublesOf(array: unknown, isSigned: boolean): Float64Array {
  const doubles = new Float64Array(elementCount(array));
  const words = new Uint32Array(typedArrayBuffer(array), typedArrayOffset(array), doubles.length * 2);
  for (let i = 0; i < doubles.length; i++) {
    const high = words[2 * i + 1] as number;
    // The product is exact, so the sum is what rounds.
    doubles[i] = (isSigned ? high | 0 : high) * 2 ** 32 + (words[2 * i] as number);
  }
  return doubles;
}
