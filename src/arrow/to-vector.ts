import {
  Bool,
  type DataType,
  Float16,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  makeData,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Vector,
} from 'apache-arrow';
import type { NullableArray, ResultArray, ResultArrays } from '../browser.ts';

/** The types of vectors by the types of results. */
export interface VectorTypes {
  f64: Float64;
  f32: Float32;
  f16: Float16;
  i8: Int8;
  u8: Uint8;
  u8c: Uint8;
  i16: Int16;
  u16: Uint16;
  i32: Int32;
  u32: Uint32;
  i64: Int64;
  u64: Uint64;
  mask: Bool;
}

/** The vector's type for an array of results. */
export type VectorType<Values extends ResultArray> = Values extends Float64Array
  ? Float64
  : Values extends Float32Array
    ? Float32
    : Values extends Int8Array
      ? Int8
      : Values extends Uint8Array | Uint8ClampedArray
        ? Uint8
        : Values extends Int16Array
          ? Int16
          : Values extends Uint16Array
            ? Uint16
            : Values extends Int32Array
              ? Int32
              : Values extends Uint32Array
                ? Uint32
                : Values extends BigInt64Array
                  ? Int64
                  : Values extends BigUint64Array
                    ? Uint64
                    : Float16;

const types: ReadonlyMap<string, () => DataType> = new Map<string, () => DataType>([
  ['Float64Array', () => new Float64()],
  ['Float32Array', () => new Float32()],
  ['Float16Array', () => new Float16()],
  ['Int8Array', () => new Int8()],
  ['Uint8Array', () => new Uint8()],
  ['Uint8ClampedArray', () => new Uint8()],
  ['Int16Array', () => new Int16()],
  ['Uint16Array', () => new Uint16()],
  ['Int32Array', () => new Int32()],
  ['Uint32Array', () => new Uint32()],
  ['BigInt64Array', () => new Int64()],
  ['BigUint64Array', () => new Uint64()],
]);

/**
 * The results as a vector, on the same memory: an array of results, or one with its bitmap, as `nulls: 'bitmap'` gives it.
 *
 * @throws TypeError for anything else.
 *
 * @example
 * toVector(compile('x + 1', ['x']).map({ x: [1, null, 3] }, { nulls: 'bitmap' })).toJSON(); // [2, null, 4]
 */
export function toVector<Values extends ResultArray>(
  result: Values | NullableArray<Values>,
): Vector<VectorType<Values>> {
  const { values, validity } = partsOf(result);
  return vectorOf(typeOf(values), plainOf(values), values.length, validity) as Vector<VectorType<Values>>;
}

/** Truth values, each a byte that is 1 or 0, as a vector of bits; without a bitmap none is missing. */
export function toBools({
  values,
  validity,
}: {
  readonly values: ResultArrays['mask'];
  readonly validity: Uint8Array | undefined;
}): Vector<Bool> {
  const bits = new Uint8Array(Math.ceil(values.length / 8));
  for (const [row, value] of values.entries())
    if (value !== 0) bits[row >>> 3] = (bits[row >>> 3] ?? 0) | (1 << (row & 7));
  return vectorOf(new Bool(), bits, values.length, validity) as Vector<Bool>;
}

function vectorOf(
  type: DataType,
  data: ArrayBufferView,
  length: number,
  nullBitmap: Uint8Array | undefined,
): Vector {
  // Its overloads tell types apart that are one here.
  const make = makeData as unknown as (given: object) => ReturnType<typeof makeData>;
  return new Vector([make({ type, data, length, nullCount: nullBitmap === undefined ? 0 : -1, nullBitmap })]);
}

/** The name of a typed array's class; an empty text for everything else. */
function kindOf(values: unknown): string {
  return ArrayBuffer.isView(values)
    ? Object.prototype.toString.call(values).slice('[object '.length, -1)
    : '';
}

function typeOf(values: unknown): DataType {
  const type = types.get(kindOf(values));
  if (type === undefined)
    throw new TypeError('a vector is made of results of map: an array, or { values, validity }');
  return type();
}

/** Arrow takes what it has types for: halves as bit patterns, and bytes that are not clamped. */
function plainOf(values: ResultArray): ArrayBufferView {
  const { buffer, byteOffset, length } = values as Uint8Array;
  const kind = kindOf(values);
  if (kind === 'Float16Array') return new Uint16Array(buffer, byteOffset, length);
  if (kind === 'Uint8ClampedArray') return new Uint8Array(buffer, byteOffset, length);
  return values as ArrayBufferView;
}

function partsOf<Values extends ResultArray>(
  result: Values | NullableArray<Values>,
): { values: Values; validity: Uint8Array | undefined } {
  const isPair = typeof result === 'object' && result !== null && !ArrayBuffer.isView(result);
  return isPair ? (result as NullableArray<Values>) : { values: result as Values, validity: undefined };
}
