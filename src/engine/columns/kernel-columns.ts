/**
 * From the objects that callers pass to what a kernel runs on: each parameter bound, every array checked.
 *
 * Reading the properties of such an object may run any code, so this comes first in a call, and holds on to what it
 * read. Nothing of it is kept from one call to the next.
 */

import { cutText } from '../../support/cut-text.ts';
import { describeClass } from '../../support/describe-value.ts';
import { elementAt, slots } from '../../support/element.ts';
import { typedArrayLength } from '../../support/intrinsics.ts';
import { isOfAllObjects, knownNames } from '../../support/options.ts';
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
import type { ArrowVector } from './arrow-column.ts';
import type { ForeignArray, ReadColumn } from './foreign-elements.ts';
import { type NullableColumn, readColumn } from './read-column.ts';

/**
 * An array with one element for each row, or a number for all of them. Plain arrays are copied at each call; a `null` in them is a missing
 * value. {@link NullableColumn} and {@link ArrowVector} are columns with missing values.
 */
export type ColumnInput =
  | NumericArray
  | ForeignArray
  | readonly (number | null)[]
  | NullableColumn
  | ArrowVector
  | number;

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
        if (value === undefined)
          throw new KernelError('E_MISSING_COLUMN', `the columns lack ${cutText(name)}`);
        code = bindRead(bound, i, readColumn(value, name));
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

/** Gives the code of the column's type. */
function bindRead(bound: BoundColumns, index: number, { values, validity, source }: ReadColumn): number {
  bindArray(bound, index, values);
  if (validity !== undefined) {
    bound.validities ??= slots(bound.parameters.length);
    bound.validities[index] = validity;
  }
  if (source !== undefined) {
    bound.sources ??= slots(bound.parameters.length);
    bound.sources[index] = source;
  }
  return columnCode(elementCode(values));
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
