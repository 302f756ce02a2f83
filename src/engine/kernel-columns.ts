/**
 * From the objects that callers pass to what a kernel runs on: each parameter bound, every array checked.
 *
 * Reading the properties of such an object may run any code, so this comes first in a call, and holds on to what it
 * read. Nothing of it is kept from one call to the next.
 */
import type { KernelParameter } from '../jit/kernel/kernel-spec.ts';
import { elementAt } from '../support/element.ts';
import { columnCode, columnTypeOf, elementCode, type NumericArray } from './column-types.ts';
import { KernelError } from './kernel-error.ts';

/** An array with one element for each row, or a number for all of them. Plain arrays are copied at each call. */
export type ColumnInput = NumericArray | readonly number[] | number;

/** Parameters that a kernel knows without being told, unless it is. */
type ProvidedName = 'index' | 'length';

/** One column or number for each parameter; those called `index` and `length` may be left out. */
export type Columns<Parameters extends readonly string[]> = {
  readonly [Name in Exclude<Parameters[number], ProvidedName>]: ColumnInput;
} & { readonly [Name in Extract<Parameters[number], ProvidedName>]?: ColumnInput };

/** What a parameter is bound to: the code of a column's element type, or one of these. */
export const Binding = Object.freeze({ Uniform: 16, Index: 17, Length: 18 } as const);

/** The columns of one call. */
export class BoundColumns {
  /** One for each parameter. */
  readonly codes: number[] = [];
  /** Those of the parameters that are columns. */
  readonly arrays: NumericArray[] = [];
  readonly uniforms: number[] = [];
  /** Of the arrays; -1 if there is none. */
  length = -1;
}

/**
 * @throws KernelError for columns that are missing, unknown, detached or of different lengths; TypeError for values that
 * are no columns.
 */
export function bindColumns(parameters: readonly string[], columns: object): BoundColumns {
  if (typeof columns !== 'object' || columns === null) {
    throw new TypeError(`columns must be an object, not ${columns === null ? 'null' : typeof columns}`);
  }
  const bound = new BoundColumns();
  let given = 0;
  for (let i = 0; i < parameters.length; i++) {
    const name = parameters[i] as string;
    const value = (columns as Record<string, unknown>)[name];
    if (typeof value === 'number') {
      given++;
      bound.codes.push(Binding.Uniform);
      bound.uniforms.push(value);
      continue;
    }
    const code = elementCode(value);
    if (code >= 0) {
      given++;
      const array = value as NumericArray;
      const { length } = array;
      bound.codes.push(columnCode(code));
      bound.arrays.push(array);
      if (length === 0) requireAttached(array, name);
      if (bound.length < 0) bound.length = length;
      else if (bound.length !== length) throw lengthMismatch(parameters, bound, name, length);
      continue;
    }
    if (bindOther(bound, parameters, name, value)) given++;
  }
  if (given !== countKeys(columns)) requireKnown(parameters, columns);
  return bound;
}

export function parametersOf(codes: readonly number[]): KernelParameter[] {
  return codes.map((code): KernelParameter => {
    switch (code) {
      case Binding.Uniform:
        return { kind: 'uniform' };
      case Binding.Index:
        return { kind: 'index' };
      case Binding.Length:
        return { kind: 'length' };
      default:
        return { kind: 'column', type: columnTypeOf(code) };
    }
  });
}

/** Throws unless the array's elements exist, that it is empty aside. */
export function requireAttached(array: NumericArray, name: string): void {
  try {
    // Like all methods of typed arrays it throws for those whose memory is gone; `length` is 0 then.
    array.keys();
  } catch (cause) {
    throw new KernelError('DETACHED', `the memory of ${name} is gone: its buffer was detached or shrunk`, {
      cause,
    });
  }
}

/** Whether the parameter was in the object. */
function bindOther(
  bound: BoundColumns,
  parameters: readonly string[],
  name: string,
  value: unknown,
): boolean {
  if (value === undefined && (name === 'index' || name === 'length')) {
    bound.codes.push(name === 'index' ? Binding.Index : Binding.Length);
    return false;
  }
  if (value === undefined) throw new KernelError('MISSING_COLUMN', `the columns lack ${name}`);
  if (!Array.isArray(value)) {
    throw new TypeError(
      `${name} must be a typed array of numbers, an array of numbers or a number, not ${describe(value)}`,
    );
  }
  const array = copyNumbers(value, name);
  bound.codes.push(0);
  bound.arrays.push(array);
  if (bound.length < 0) bound.length = array.length;
  else if (bound.length !== array.length) throw lengthMismatch(parameters, bound, name, array.length);
  return true;
}

function copyNumbers(list: readonly unknown[], name: string): Float64Array {
  const copy = new Float64Array(list.length);
  for (let i = 0; i < copy.length; i++) {
    const element = list[i];
    if (typeof element !== 'number') {
      throw new TypeError(`${name}[${i}] must be a number, not ${describe(element)}`);
    }
    copy[i] = element;
  }
  return copy;
}

function countKeys(columns: object): number {
  let count = 0;
  for (const _ in columns) count++;
  return count;
}

function requireKnown(parameters: readonly string[], columns: object): void {
  for (const key of Object.keys(columns)) {
    if (parameters.includes(key)) continue;
    const known = parameters.length === 0 ? 'there are no parameters' : `there are ${parameters.join(', ')}`;
    throw new KernelError('UNKNOWN_COLUMN', `no parameter is called ${key}; ${known}`);
  }
}

function lengthMismatch(
  parameters: readonly string[],
  bound: BoundColumns,
  name: string,
  length: number,
): KernelError {
  const first = elementAt(
    parameters,
    bound.codes.findIndex((code) => code < Binding.Uniform),
  );
  return new KernelError(
    'LENGTH_MISMATCH',
    `${name} has ${length} elements, and ${first} has ${bound.length}`,
  );
}

export function describe(value: unknown): string {
  if (value === null) return 'null';
  return typeof value === 'object'
    ? `a ${value.constructor?.name ?? 'object without a constructor'}`
    : typeof value;
}
