/** Where the results of a kernel go: arrays that are given, or made. */

import type { OutputType } from '../../jit/kernel/kernel-spec.ts';
import { cutText } from '../../support/cut-text.ts';
import { describeClass } from '../../support/describe-value.ts';
import { elementAt } from '../../support/element.ts';
import { isSharedBuffer, typedArrayBuffer, typedArrayLength } from '../../support/intrinsics.ts';
import { requireOneOf } from '../../support/options.ts';
import { type BoundColumns, requireAttached } from '../backends/bound-columns.ts';
import { elementCode, fits, type NumericArray, outputTypeOf, outputTypes } from '../backends/column-types.ts';
import { KernelError } from '../backends/kernel-error.ts';
import {
  deliverForeign,
  type ForeignOutput,
  foreignTypeOf,
  foreignTypes,
  isForeignType,
  type ResultArray,
  requestForeign,
} from './foreign-outputs.ts';

/** What a caller asks for one output. */
export interface RequestedOutput {
  /** What kernels compute. */
  readonly type: OutputType;
  readonly out: NumericArray | undefined;
  /** What becomes of that at the end; undefined where nothing else does. */
  readonly foreign: ForeignOutput | undefined;
}

/** @throws TypeError or RangeError for what is no type or no array, and for those that do not go together. */
export function requestOutput(type: unknown, out: unknown, name = 'out'): RequestedOutput {
  const called = cutText(name);
  const foreign = isForeignType(type) ? type : type === undefined ? foreignTypeOf(out) : undefined;
  if (foreign !== undefined)
    return { type: 'f64', out: undefined, foreign: requestForeign(foreign, out, called) };
  if (type !== undefined) requireOneOf('type', type, [...outputTypes, ...foreignTypes] as OutputType[]);
  if (out === undefined) return requestNumbers(type ?? 'f64', out);
  const code = elementCode(out);
  if (code < 0) throw new TypeError(`${called} must be a typed array of numbers, not ${describeClass(out)}`);
  const own = outputTypeOf(code);
  if (type !== undefined && !fits(code, outputTypes.indexOf(type))) {
    throw new TypeError(`${called} has elements of type ${own}, and type asks for ${type}`);
  }
  return requestNumbers(type ?? own, out as NumericArray);
}

/** Results that stay as kernels compute them. */
export function requestNumbers(type: OutputType, out: NumericArray | undefined): RequestedOutput {
  return { type, out, foreign: undefined };
}

/** New doubles. */
export const doubles: RequestedOutput = Object.freeze(requestNumbers('f64', undefined));

/** The array that takes the results, if one is given. */
export function givenArray({ out, foreign }: RequestedOutput): ResultArray | undefined {
  return out ?? foreign?.out;
}

/** How many rows there are: as the columns say, or `length`, or an array for results. */
export function countRows(columns: BoundColumns, length: unknown, out: ResultArray | undefined): number {
  if (length !== undefined && !(Number.isSafeInteger(length) && (length as number) >= 0)) {
    const found = typeof length === 'number' ? String(length) : describeClass(length);
    throw new RangeError(`length must be an integer of at least 0, not ${found}`);
  }
  if (columns.length >= 0) {
    if (length !== undefined && length !== columns.length) {
      throw new KernelError(
        'E_LENGTH_MISMATCH',
        `length is ${length}, and columns have ${columns.length} rows`,
      );
    }
    return columns.length;
  }
  if (length !== undefined) return length as number;
  if (out !== undefined) return typedArrayLength(out);
  throw new KernelError(
    'E_LENGTH_UNKNOWN',
    'without a column, the option length or out must say how many rows there are',
  );
}

export function requireRoom(requested: RequestedOutput, rows: number, name = 'out'): void {
  const out = givenArray(requested);
  if (out === undefined) return;
  const length = typedArrayLength(out);
  if (length === 0) requireAttached(out as NumericArray, name);
  if (length >= rows) return;
  throw new KernelError(
    'E_OUT_TOO_SMALL',
    `${cutText(name)} has ${length} elements, and there are ${rows} rows`,
  );
}

export function isShared(array: NumericArray): boolean {
  return isSharedBuffer(typedArrayBuffer(array));
}

/** What was asked for, of what kernels have computed. */
export function convertOutputs(
  requested: readonly RequestedOutput[],
  numbers: readonly NumericArray[],
  rows: number,
  nameOf: (index: number) => string,
): ResultArray[] {
  // All of them first: of what throws nothing is written.
  for (const [index, output] of requested.entries())
    if (output.foreign !== undefined) requireRoom(output, rows, nameOf(index));
  return requested.map(({ foreign }, index) => {
    const array = elementAt(numbers, index);
    return foreign === undefined ? array : deliverForeign(foreign, array as Float64Array);
  });
}
