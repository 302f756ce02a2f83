/** What the parameters of a kernel are bound to in one call, once every array was checked. */
import type { KernelParameter } from '../../jit/kernel/kernel-spec.ts';
import type { Edges } from '../../lang/row-functions.ts';
import { kernelElementTypes } from '../../native/kernel-request.ts';
import { cutText } from '../../support/cut-text.ts';
import { maybeAt, slots } from '../../support/element.ts';
import { requireTypedArray, typedArrayLength } from '../../support/intrinsics.ts';
import { columnCode, columnTypeOf, elementCode, type NumericArray } from './column-types.ts';
import { KernelError } from './kernel-error.ts';

/** What a parameter is bound to: the code of a column's element type, or one of these. */
export const Binding = Object.freeze({ Uniform: 8, Index: 9, Length: 10 } as const);

export const bindingCount = 11;

/** As many parameters have bindings that one number can tell apart. */
export const fewParameters = 15;

/** Which rows of a column are there: bit `offset + row`, least significant first. */
export interface Validity {
  readonly bytes: Uint8Array;
  readonly offset: number;
}

/** The columns of one call. */
export class BoundColumns {
  readonly parameters: readonly string[];
  /** One for each parameter: a column, the number that stands for one, or undefined for what the kernel provides. */
  readonly values: (NumericArray | number | undefined)[];
  /** Tells all bindings of the same parameters apart. */
  key: number | string = 0;
  /** Of the columns; -1 if there is none. */
  length = -1;
  /** What elements beyond the rows are. */
  edges: Edges = 'nan';
  /** One for each parameter, of columns with missing values; undefined where no column has any. */
  validities: (Validity | undefined)[] | undefined = undefined;
  /** One for each parameter: what a column was read from that was no array of a kernel's. */
  sources: (object | undefined)[] | undefined = undefined;

  constructor(parameters: readonly string[]) {
    this.parameters = parameters;
    this.values = slots(parameters.length);
  }

  /** One for each parameter. */
  get codes(): number[] {
    return this.values.map((_, index) => this.#codeOf(index));
  }

  /** Sets {@link key} by the values. */
  seal(): this {
    const { parameters } = this;
    if (parameters.length > fewParameters) {
      this.key = this.codes.join();
      return this;
    }
    let key = 0;
    for (let i = 0; i < parameters.length; i++) key = key * bindingCount + this.#codeOf(i);
    this.key = key;
    return this;
  }

  #codeOf(index: number): number {
    const value = this.values[index];
    if (typeof value === 'number') return Binding.Uniform;
    if (value !== undefined) return columnCode(elementCode(value));
    return this.parameters[index] === 'index' ? Binding.Index : Binding.Length;
  }

  /** Those of the values that are columns. */
  get arrays(): NumericArray[] {
    return this.values.filter((value) => typeof value === 'object');
  }

  /** What was given for the parameters, by their names. */
  get given(): Readonly<Record<string, unknown>> {
    const entries = this.parameters.map((name, index) => [name, this.#givenFor(index)] as const);
    return Object.setPrototypeOf(
      Object.fromEntries(entries.filter(([, value]) => value !== undefined)),
      null,
    );
  }

  #givenFor(index: number): unknown {
    const source = this.sources && maybeAt(this.sources, index);
    if (source !== undefined) return source;
    const values = this.values[index];
    const validity = this.validities && maybeAt(this.validities, index);
    if (validity === undefined) return values;
    return { __proto__: null, values, validity: validity.bytes, offset: validity.offset };
  }

  /** Are all columns arrays that kernels read as they are, or copies of which nobody knows? */
  get isPlain(): boolean {
    return this.sources === undefined && this.validities === undefined;
  }

  get uniforms(): number[] {
    return this.values.filter((value) => typeof value === 'number');
  }

  /** Names of the parameters that are columns. */
  get columnNames(): string[] {
    return this.parameters.filter(
      (_, index) => Object.hasOwn(this.values, index) && typeof this.values[index] === 'object',
    );
  }
}

/** The {@link BoundColumns.key} of all bindings that a kernel for these parameters takes; undefined where it is no number. */
export function keyOf(parameters: readonly KernelParameter[]): number | undefined {
  if (parameters.length > fewParameters) return undefined;
  return parameters.reduce((key, parameter) => key * bindingCount + codeOf(parameter), 0);
}

function codeOf(parameter: KernelParameter): number {
  switch (parameter.kind) {
    case 'uniform':
    case 'carried':
      return Binding.Uniform;
    case 'index':
      return Binding.Index;
    case 'length':
      return Binding.Length;
    case 'elements':
      return kernelElementTypes.indexOf('f64');
    default:
      return kernelElementTypes.indexOf(parameter.type);
  }
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
    requireTypedArray(array);
  } catch (cause) {
    throw new KernelError(
      'E_DETACHED',
      `the memory of ${cutText(name)} is gone: its buffer was detached or shrunk`,
      {
        cause,
      },
    );
  }
}

/** Throws unless the array still has so many elements. */
export function requireElements(array: NumericArray, length: number, name: string): void {
  if (typedArrayLength(array) >= length) return;
  requireAttached(array, name);
  throw new KernelError('E_DETACHED', `${name} has lost elements: its buffer was shrunk`);
}
