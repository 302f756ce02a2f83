import { ReleasedError } from '../../jit/runtime/released-error.ts';
import { elementAt } from '../../support/element.ts';
import { keepDuring } from '../../support/keep-during.ts';
import { requireStack } from '../../support/stack-reserve.ts';
import type { AsyncOptions, BitmapOption, LengthOption, NaNOption } from './column-function.ts';
import type { ColumnKernels } from './column-kernels.ts';
import type { ResultArray, ResultArrays } from './foreign-outputs.ts';
import { requestOutputs } from './kernel-calls.ts';
import type { Columns } from './kernel-columns.ts';
import { countRows, givenArray, type RequestedOutput } from './kernel-outputs.ts';
import type { NullableArray } from './nullable-array.ts';
import { asyncOptions, readAsyncMapOptions, readMapOptions, wantsBitmap } from './run-options.ts';

/** One type for all outputs, or one for each; `f64` for those left out. */
type OutputTypes<Outputs extends string> =
  | keyof ResultArrays
  | { readonly [Name in Outputs]?: keyof ResultArrays };

/** Arrays that take results. */
type OutArrays<Outputs extends string> = { readonly [Name in Outputs]?: ResultArray };

/** Of a run: the element types of the results, or the arrays that take them. */
export interface KernelMapOptions<
  Outputs extends string,
  Types extends OutputTypes<Outputs>,
  Outs extends OutArrays<Outputs>,
> extends LengthOption {
  readonly type?: Types;
  readonly out?: Outs;
}

type TypeFor<Name extends string, Types> = Types extends keyof ResultArrays
  ? Types
  : Name extends keyof Types
    ? Types[Name] extends keyof ResultArrays
      ? Types[Name]
      : 'f64'
    : 'f64';

/** The arrays that come out: those that were given, and new ones of the types asked for. */
export type KernelResults<Outputs extends string, Types, Outs> = {
  readonly [Name in Outputs]: Name extends keyof Outs
    ? Outs[Name] extends ResultArray
      ? Outs[Name]
      : ResultArrays[TypeFor<Name, Types>]
    : ResultArrays[TypeFor<Name, Types>];
};

/** The same with bitmaps of the results that are there. */
export type NullableResults<Outputs extends string, Types, Outs> = {
  readonly [Name in Outputs]: KernelResults<Outputs, Types, Outs>[Name] extends infer Values extends
    ResultArray
    ? NullableArray<Values>
    : never;
};

/** Sources by the names of the outputs. */
export interface KernelDefinition<Outputs extends string = string> {
  readonly outputs: { readonly [Name in Outputs]: string };
}

/** Gives the code of kernels back that nobody refers to any more. */
const forgotten = new FinalizationRegistry<KernelUse>((use) => use.release());

/** One kernel's use of its code; outlives a kernel that is forgotten, so must not refer to it. */
export class KernelUse {
  readonly kernels: ColumnKernels;
  released = false;
  /** What must live as long as this: an engine whose functions are all forgotten gives its memory back. */
  readonly owner: object;
  readonly #live: Set<KernelUse>;

  /** Is in `live` until released. */
  constructor(kernels: ColumnKernels, live: Set<KernelUse>, owner: object) {
    this.kernels = kernels;
    this.owner = owner;
    this.#live = live;
    live.add(this);
  }

  /** Where the stack is exhausted, nothing has changed. */
  release(): void {
    if (this.released) return;
    requireStack(2);
    this.released = true;
    this.#live.delete(this);
    this.kernels.release();
  }
}

/**
 * Several outputs of the same columns, computed in one pass; made by `Engine.kernel`.
 *
 * The memory of its code is given back by `release()`, by `using`, or when nobody refers to it any more.
 */
export class Kernel<Parameters extends readonly string[] = readonly string[], Outputs extends string = string>
  implements Disposable
{
  readonly #use: KernelUse;

  /** @internal */
  constructor(use: KernelUse) {
    this.#use = use;
    forgotten.register(this, use, use);
  }

  /** Names of the parameters, in order; among them `index` and `length`, if they are used. */
  get parameters(): readonly string[] {
    return [...this.#use.kernels.parameters];
  }

  /** Names of the outputs, in order. */
  get outputs(): readonly Outputs[] {
    return [...this.#use.kernels.outputNames] as Outputs[];
  }

  /** Whether it was released; runs in flight may still be at work. */
  get released(): boolean {
    return this.#use.released;
  }

  /**
   * All outputs of every row, as {@link ColumnFunction.map} of each.
   *
   * @example
   * using polar = engine.kernel({ outputs: { r: 'sqrt(x*x + y*y)', a: 'atan2(y, x)' } }, ['x', 'y']);
   * const { r, a } = polar.map({ x: xs, y: ys });
   */
  map<
    const Types extends OutputTypes<Outputs> = 'f64',
    Outs extends OutArrays<Outputs> = Record<never, never>,
  >(
    columns: Columns<Parameters>,
    options?: KernelMapOptions<Outputs, Types, Outs> & NaNOption,
  ): KernelResults<Outputs, Types, Outs>;
  /** With bitmaps of the results that are there. */
  map<
    const Types extends OutputTypes<Outputs> = 'f64',
    Outs extends OutArrays<Outputs> = Record<never, never>,
  >(
    columns: Columns<Parameters>,
    options: KernelMapOptions<Outputs, Types, Outs> & BitmapOption,
  ): NullableResults<Outputs, Types, Outs>;
  map(columns: Columns<Parameters>, options?: object): unknown {
    const kernels = this.#kernels();
    const given = readMapOptions(options);
    const { type, out, length, timeout, edges } = given;
    const isNullable = wantsBitmap(given);
    const bound = kernels.bind(columns, edges);
    const requested = requestOutputs(kernels.outputNames, type, out);
    const rows = countRows(bound, length, firstArray(requested));
    return named(
      kernels,
      kernels.timed(timeout, () =>
        isNullable ? kernels.mapNullable(bound, requested, rows) : kernels.map(bound, requested, rows),
      ),
    );
  }

  /** As {@link map}, in other threads; see {@link ColumnFunction.mapAsync}. */
  mapAsync<
    const Types extends OutputTypes<Outputs> = 'f64',
    Outs extends OutArrays<Outputs> = Record<never, never>,
  >(
    columns: Columns<Parameters>,
    options?: KernelMapOptions<Outputs, Types, Outs> & NaNOption & AsyncOptions,
  ): Promise<KernelResults<Outputs, Types, Outs>>;
  /** With bitmaps of the results that are there. */
  mapAsync<
    const Types extends OutputTypes<Outputs> = 'f64',
    Outs extends OutArrays<Outputs> = Record<never, never>,
  >(
    columns: Columns<Parameters>,
    options: KernelMapOptions<Outputs, Types, Outs> & BitmapOption & AsyncOptions,
  ): Promise<NullableResults<Outputs, Types, Outs>>;
  async mapAsync(columns: Columns<Parameters>, options?: object): Promise<unknown> {
    const kernels = this.#kernels();
    const given = readAsyncMapOptions(options);
    const { type, out, length, edges } = given;
    const isNullable = wantsBitmap(given);
    const run = asyncOptions(kernels, given);
    const bound = kernels.bind(columns, edges);
    const requested = requestOutputs(kernels.outputNames, type, out);
    const rows = countRows(bound, length, firstArray(requested));
    const mapping: Promise<readonly (ResultArray | NullableArray)[]> = isNullable
      ? kernels.mapNullableAsync(bound, requested, rows, run)
      : kernels.mapAsync(bound, requested, rows, run);
    return named(kernels, await keepDuring(this, mapping));
  }

  /** Gives the code's memory back, at once or when the runs in flight have ended. Does nothing the second time. */
  release(): void {
    this.#use.release();
    forgotten.unregister(this.#use);
  }

  /** As {@link release}, for `using`. */
  [Symbol.dispose](): void {
    this.release();
  }

  #kernels(): ColumnKernels {
    if (this.#use.released) throw new ReleasedError('this kernel was released');
    return this.#use.kernels;
  }
}

function named<Results>(kernels: ColumnKernels, arrays: readonly (ResultArray | NullableArray)[]): Results {
  const results: Record<string, ResultArray | NullableArray> = {};
  const { outputNames } = kernels;
  for (let i = 0; i < outputNames.length; i++) {
    const name = elementAt(outputNames, i);
    // What is inherited may be a setter, or not be writable.
    if (name in results) defineOwn(results, name, elementAt(arrays, i));
    else results[name] = elementAt(arrays, i);
  }
  return results as Results;
}

function defineOwn(target: object, name: string, value: unknown): void {
  const descriptor = { __proto__: null, value, configurable: true, enumerable: true, writable: true };
  Object.defineProperty(target, name, descriptor);
}

function firstArray(requested: readonly RequestedOutput[]): ResultArray | undefined {
  for (const output of requested) {
    const array = givenArray(output);
    if (array !== undefined) return array;
  }
  return undefined;
}
