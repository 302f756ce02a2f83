/**
 * Columns of Apache Arrow, as its JavaScript library has them: a `Vector` of chunks, each with an array of values and a bitmap.
 *
 * They are known by their shape, so that no version of that library has to be there. A slice of a chunk has the values of its rows and the
 * bitmap of the whole; the chunk's `offset` says where its bits begin. Truth values are bits themselves, with the same offset.
 */
import { cutText } from '../../support/cut-text.ts';
import { describeClass } from '../../support/describe-value.ts';
import { elementAt } from '../../support/element.ts';
import {
  setTypedArray,
  typedArrayBuffer,
  typedArrayLength,
  typedArrayName,
  typedArrayOffset,
} from '../../support/intrinsics.ts';
import { isObject } from '../../support/own.ts';
import { requireAttached, type Validity } from '../backends/bound-columns.ts';
import {
  createOutput,
  elementCode,
  type NumericArray,
  outputTypeOf,
  viewOf,
} from '../backends/column-types.ts';
import { foreignElements, halvesOf, type ReadColumn } from './foreign-elements.ts';
import { commonBits, fullBitmap, presences, readValidity } from './validity.ts';

/** What is read of a `Vector` of Apache Arrow. */
export interface ArrowVector {
  readonly type: { readonly typeId: number };
  readonly data: readonly ArrowChunk[];
}

/** What is read of a chunk, a `Data` of Apache Arrow. */
export interface ArrowChunk {
  readonly length: number;
  readonly offset: number;
  readonly values: unknown;
  readonly nullBitmap: unknown;
}

/** The numbers of Arrow's types. */
const ArrowType = Object.freeze({ Null: 1, Float: 3, Bool: 6 } as const);

/** Int, Float, Bool, Date, Time, Timestamp, Duration: numbers, one for each row. */
const numericTypes: ReadonlySet<unknown> = new Set([2, 3, 6, 8, 9, 10, 18]);

export function isArrowVector(value: object): boolean {
  return 'data' in value && 'type' in value && !('values' in value);
}

/** @throws TypeError for a column that is none of numbers; KernelError and RangeError for chunks that do not fit. */
export function readArrow(vector: ArrowVector, name: string): ReadColumn {
  const called = cutText(name);
  const { type, data } = vector;
  const typeId: unknown = isObject(type) ? type.typeId : undefined;
  if (!Array.isArray(data))
    throw new TypeError(`${called}.data must be an array of chunks, not ${describeClass(data)}`);
  if (!numericTypes.has(typeId))
    throw new TypeError(
      `${called} is a column of Apache Arrow of type ${describeType(type)}, which has no numbers`,
    );
  const chunks: ReadColumn[] = [];
  const count = data.length;
  for (let i = 0; i < count; i++) {
    const chunk: unknown = data[i];
    if (!isObject(chunk))
      throw new TypeError(
        `${called}.data[${i}] must be a chunk of Apache Arrow, not ${describeClass(chunk)}`,
      );
    chunks.push(readChunk(chunk as ArrowChunk, typeId, `${called}.data[${i}]`));
  }
  return chunks.length === 1 ? elementAt(chunks, 0) : joined(chunks, called);
}

function readChunk(chunk: ArrowChunk, typeId: unknown, name: string): ReadColumn {
  const { length, offset, values, nullBitmap } = chunk;
  for (const [key, value] of [
    ['length', length],
    ['offset', offset],
  ] as const) {
    if (!Number.isSafeInteger(value) || value < 0)
      throw new RangeError(
        `${name}.${key} must be an integer of at least 0, not ${typeof value === 'number' ? value : describeClass(value)}`,
      );
  }
  // Without missing values the bitmap may be left out, or be empty.
  const isEmpty = typedArrayName(nullBitmap) === 'Uint8Array' && typedArrayLength(nullBitmap) === 0;
  if (isEmpty) requireAttached(nullBitmap as Uint8Array, `${name}.nullBitmap`);
  const validity = readValidity(isEmpty ? undefined : nullBitmap, offset, length, `${name}.nullBitmap`);
  if (typeId === ArrowType.Bool) {
    const bits = readValidity(values, offset, length, `${name}.values`);
    return {
      values: bits === undefined ? new Uint8Array(length).fill(1) : presences([bits], length),
      validity,
      source: undefined,
    };
  }
  const column = firstElements(values, length, typeId === ArrowType.Float, name);
  if (column.source === undefined) return { ...column, validity };
  const source = {
    __proto__: null,
    values: column.source,
    validity: isEmpty ? undefined : nullBitmap,
    offset,
  };
  return { ...column, validity, source };
}

/** So many elements from the start of an array. */
function firstElements(
  values: unknown,
  length: number,
  isFloat: boolean,
  name: string,
): Omit<ReadColumn, 'validity'> {
  if (typedArrayName(values) === undefined)
    throw new TypeError(`${name}.values must be a typed array, not ${describeClass(values)}`);
  const found = typedArrayLength(values);
  if (found === 0) requireAttached(values as NumericArray, `${name}.values`);
  if (found < length)
    throw new RangeError(`${name}.values has ${found} elements, and the chunk has ${length} rows`);
  const code = elementCode(values);
  if (code < 0) {
    const numbers = foreignElements(values);
    if (numbers === undefined)
      throw new TypeError(`${name}.values must be numbers, not ${describeClass(values)}`);
    return { values: numbers.subarray(0, length), source: undefined };
  }
  const array =
    found === length
      ? (values as NumericArray)
      : viewOf(code, typedArrayBuffer(values), typedArrayOffset(values), length);
  if (!isFloat || typedArrayName(values) !== 'Uint16Array') return { values: array, source: array };
  return { values: halvesOf(array as Uint16Array), source: undefined };
}

function joined(chunks: readonly ReadColumn[], name: string): ReadColumn {
  if (chunks.length === 0) return { values: new Float64Array(0), validity: undefined, source: undefined };
  const code = elementCode(elementAt(chunks, 0).values);
  let rows = 0;
  for (const { values } of chunks) {
    if (elementCode(values) !== code)
      throw new TypeError(`the chunks of ${name} have elements of different types`);
    rows += typedArrayLength(values);
  }
  const values = createOutput(outputTypeOf(code), rows);
  let bytes: Uint8Array | undefined;
  let row = 0;
  for (const chunk of chunks) {
    const length = typedArrayLength(chunk.values);
    setTypedArray(values.subarray(row, row + length), chunk.values);
    if (chunk.validity !== undefined) {
      bytes ??= fullBitmap(rows);
      clearMissing(bytes, row, chunk.validity, length);
    }
    row += length;
  }
  return { values, validity: bytes && { bytes, offset: 0 }, source: undefined };
}

/** Clears the bits of rows that are missing, from a row of the whole on. */
function clearMissing(bytes: Uint8Array, first: number, validity: Validity, rows: number): void {
  const bits = commonBits([validity], rows);
  for (let row = 0; row < rows; row++) {
    if (((bits[row >>> 3] as number) >> (row & 7)) & 1) continue;
    const at = first + row;
    bytes[at >>> 3] = (bytes[at >>> 3] as number) & ~(1 << (at & 7));
  }
}

function describeType(type: unknown): string {
  try {
    return cutText(String(type));
  } catch {
    return 'unknown';
  }
}
