/**
 * Values of callers that stand for a column and are no typed array of a kernel's types: lists, columns with missing values, and columns
 * of Apache Arrow, which are known by their shape.
 *
 * They are foreign objects. Each property is read once, and what it gave is checked and kept.
 */
import { cutText } from '../../support/cut-text.ts';
import { describeClass } from '../../support/describe-value.ts';
import { typedArrayLength, typedArrayName } from '../../support/intrinsics.ts';
import { optionNames, readOptions } from '../../support/options.ts';
import { isObject } from '../../support/own.ts';
import { requireAttached } from '../backends/bound-columns.ts';
import { elementCode, type NumericArray } from '../backends/column-types.ts';
import { type ArrowVector, isArrowVector, readArrow } from './arrow-column.ts';
import { type ForeignArray, foreignElements, type ReadColumn } from './foreign-elements.ts';
import { commonBits, fullBitmap, readValidity } from './validity.ts';

/** A column of which some values are missing. */
export interface NullableColumn {
  /** What stands in the place of missing values means nothing. */
  readonly values: NumericArray | ForeignArray | readonly (number | null)[];
  /**
   * Arrow's bitmap: bit `offset + row`, least significant first, is set where the row's value is there. Undefined and null stand
   * for one in which all bits are.
   */
  readonly validity?: Uint8Array | null | undefined;
  /** Bits of `validity` in front of that of the first row; 0 if left out. */
  readonly offset?: number | undefined;
}

const columnNames = optionNames<NullableColumn>({ values: true, validity: true, offset: true });

/** @throws TypeError for what is no column; KernelError and RangeError for bitmaps that do not fit. */
export function readColumn(value: unknown, name: string): ReadColumn {
  if (Array.isArray(value)) return copyNumbers(value, name);
  if (!isObject(value)) throw noColumn(value, name);
  if (ArrayBuffer.isView(value)) return readForeign(value, name);
  if (isArrowVector(value)) return readArrow(value as ArrowVector, name);
  if ('values' in value && typeof value.values !== 'function') return readNullable(value, name);
  throw noColumn(value, name);
}

function readNullable(value: object, name: string): ReadColumn {
  const called = cutText(name);
  const given = readOptions<NullableColumn>(value as NullableColumn, columnNames, called);
  const { values: elements, validity: bytes, offset = 0 } = given;
  const column = readElements(elements, `${called}.values`);
  const rows = typedArrayLength(column.values);
  const validity = readValidity(bytes, offset, rows, `${called}.validity`);
  if (column.validity !== undefined) {
    const all = validity === undefined ? [column.validity] : [column.validity, validity];
    return { ...column, validity: { bytes: commonBits(all, rows), offset: 0 } };
  }
  const source = { __proto__: null, values: column.source ?? column.values, validity: bytes, offset };
  return { values: column.values, validity, source };
}

function readElements(elements: unknown, name: string): ReadColumn {
  if (Array.isArray(elements)) return copyNumbers(elements, name);
  if (elementCode(elements) < 0) return readForeign(elements, name);
  return { values: elements as NumericArray, validity: undefined, source: undefined };
}

function readForeign(array: unknown, name: string): ReadColumn {
  const isAny = typedArrayName(array) !== undefined;
  if (isAny && typedArrayLength(array) === 0) requireAttached(array as NumericArray, name);
  const values = foreignElements(array);
  if (values === undefined) throw noColumn(array, name);
  return { values, validity: undefined, source: array as object };
}

/** A list of numbers as an array of ours. */
function copyNumbers(list: readonly unknown[], name: string): ReadColumn {
  const copy = new Float64Array(list.length);
  let bytes: Uint8Array | undefined;
  for (let i = 0; i < copy.length; i++) {
    const element: unknown = list[i];
    if (element === null) {
      bytes ??= fullBitmap(copy.length);
      bytes[i >>> 3] = (bytes[i >>> 3] as number) & ~(1 << (i & 7));
    } else if (typeof element === 'number') copy[i] = element;
    else
      throw new TypeError(`${cutText(name)}[${i}] must be a number or null, not ${describeClass(element)}`);
  }
  return { values: copy, validity: bytes && { bytes, offset: 0 }, source: undefined };
}

/** What to say of values that are columns elsewhere, and what to pass instead. */
function noColumn(value: unknown, name: string): TypeError {
  const rule = 'must be a typed array of numbers, an array of numbers, { values, validity } or a number';
  const hint = typeof value === 'bigint' ? '; Number(…) makes a number of it, rounded beyond 2^53' : '';
  return new TypeError(`${cutText(name)} ${rule}, not ${describeClass(value)}${hint}`);
}
