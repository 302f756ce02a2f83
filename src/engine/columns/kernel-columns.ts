/**
 * From the objects that callers pass to what a kernel runs on: each parameter bound, every array checked.
 *
 * Reading the properties of such an object may run any code, so this comes first in a call, and holds on to what it
 * read. Nothing of it is kept from one call to the next.
 */

import { cutText } from '../../support/cut-text.ts';
import { describeClass } from '../../support/describe-value.ts';
import { elementAt } from '../../support/element.ts';
import { typedArrayLength, typedArrayName } from '../../support/intrinsics.ts';
import { isOfAllObjects, knownNames } from '../../support/options.ts';
import { isBigInt64Array, isBigUint64Array } from '../../support/platform.ts';
import { settings } from '../../support/settings.ts';
import {
  Binding,
  BoundColumns,
  bindingCount,
  fewParameters,
  requireAttached,
} from '../backends/bound-columns.ts';
import { columnCode, elementCode, type NumericArray } from '../backends/column-types.ts';
import { KernelError } from '../backends/kernel-error.ts';

/** An array with one element for each row, or a number for all of them. Plain arrays are copied at each call. */
export type ColumnInput = NumericArray | readonly number[] | number;

/** Parameters that a kernel knows without being told, unless it is. */
type ProvidedName = 'index' | 'length';

/** One column or number for each parameter; those called `index` and `length` may be left out. */
export type Columns<Parameters extends readonly string[]> = {
  readonly [Name in Exclude<Parameters[number], ProvidedName>]: ColumnInput;
} & { readonly [Name in Extract<Parameters[number], ProvidedName>]?: ColumnInput };

/**
 * @param read What the columns' properties are, one for each parameter, where they were read already.
 * @throws KernelError for columns that are missing, unknown, detached or of different lengths; TypeError for values that
 * are no columns.
 */
export function bindColumns(
  parameters: readonly string[],
  columns: object,
  read?: readonly unknown[],
): BoundColumns {
  if (typeof columns !== 'object' || columns === null) {
    throw new TypeError(`columns must be an object, not ${describeClass(columns)}`);
  }
  const bound = new BoundColumns(parameters);
  const { values } = bound;
  let given = 0;
  let key = 0;
  for (let i = 0; i < parameters.length; i++) {
    const name = parameters[i] as string;
    const value = read === undefined ? (columns as Record<string, unknown>)[name] : read[i];
    let code: number = Binding.Uniform;
    if (typeof value === 'number') {
      given++;
      values[i] = value;
    } else {
      code = columnCode(elementCode(value));
      if (code >= 0) {
        given++;
        bindArray(bound, i, value as NumericArray);
      } else if (value === undefined && (name === 'index' || name === 'length')) {
        values[i] = undefined;
        code = name === 'index' ? Binding.Index : Binding.Length;
      } else if (isOfAllObjects(columns, name)) {
        return bindColumns(parameters, settings(columns));
      } else {
        given++;
        code = 0;
        bindArray(bound, i, copyNumbers(value, name));
      }
    }
    key = key * bindingCount + code;
  }
  bound.key = parameters.length <= fewParameters ? key : bound.codes.join();
  if (given !== countKeys(columns) || isPolluted()) {
    requireKnown(parameters, columns);
    if (parameters.some((name) => isOfAllObjects(columns, name)))
      return bindColumns(parameters, settings(columns));
  }
  return bound;
}

function bindArray(bound: BoundColumns, index: number, array: NumericArray): void {
  const length = typedArrayLength(array);
  if (length === 0) requireAttached(array, elementAt(bound.parameters, index));
  if (bound.length < 0) bound.length = length;
  else if (bound.length !== length) throw lengthMismatch(bound, index, length);
  bound.values[index] = array;
}

/** A list of numbers as an array of ours. */
function copyNumbers(list: unknown, name: string): Float64Array {
  if (list === undefined) throw new KernelError('E_MISSING_COLUMN', `the columns lack ${cutText(name)}`);
  if (!Array.isArray(list)) throw noColumn(list, name);
  const copy = new Float64Array(list.length);
  for (let i = 0; i < copy.length; i++) {
    const element: unknown = list[i];
    if (typeof element !== 'number') {
      throw new TypeError(`${cutText(name)}[${i}] must be a number, not ${describeClass(element)}`);
    }
    copy[i] = element;
  }
  return copy;
}

/** What to say of values that are columns elsewhere, and what to pass instead. */
function noColumn(value: unknown, name: string): TypeError {
  const rule = 'must be a typed array of numbers, an array of numbers or a number';
  return new TypeError(`${cutText(name)} ${rule}, not ${describeClass(value)}${adviceOn(value)}`);
}

function adviceOn(value: unknown): string {
  if (isBigInt64Array(value) || isBigUint64Array(value)) {
    return '; its elements are bigints: Float64Array.from(column, Number) rounds them';
  }
  if (typedArrayName(value) === 'Float16Array')
    return '; pass Float32Array.from(column), which holds the same numbers';
  if (typeof value !== 'object' || value === null || !('toArray' in value && 'nullCount' in value)) return '';
  const nulls = Number(value.nullCount);
  return nulls === 0
    ? '; pass its toArray()'
    : `; it has ${nulls} nulls, which its toArray() would give as 0: replace them first`;
}

function countKeys(columns: object): number {
  let count = 0;
  for (const _ in columns) count++;
  return count;
}

const empty = {};

/** Whether somebody has put properties into `Object.prototype` as merging foreign data does, found at no cost. */
function isPolluted(): boolean {
  for (const _ in empty) return true;
  return false;
}

function requireKnown(parameters: readonly string[], columns: object): void {
  for (const key of Object.keys(columns)) {
    if (!parameters.includes(key)) throw unknownColumn(key, parameters);
  }
}

export function unknownColumn(name: string, parameters: readonly string[]): KernelError {
  const called = `no parameter is called ${cutText(name)}`;
  return new KernelError('E_UNKNOWN_COLUMN', `${called}; ${knownNames(name, parameters)}`);
}

function lengthMismatch(bound: BoundColumns, index: number, length: number): KernelError {
  const [first] = bound.columnNames;
  const name = cutText(elementAt(bound.parameters, index));
  return new KernelError(
    'E_LENGTH_MISMATCH',
    `${name} has ${length} elements, and ${cutText(String(first))} has ${bound.length}`,
  );
}
