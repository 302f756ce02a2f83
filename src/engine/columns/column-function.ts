import type { OutputType } from '../../jit/kernel/kernel-spec.ts';
import type { Edges } from '../backends/bound-columns.ts';
import type { NumericArray, OutputArrays } from '../backends/column-types.ts';
import type { ReduceKind } from './bound-calls.ts';
import type { Columns } from './kernel-columns.ts';

/** What a run of a kernel may be told. */
export interface LengthOption {
  /** How many rows there are. Needed when no column and no `out` says it. */
  readonly length?: number;
  /** Milliseconds that the run may take, instead of what `limits.timeout` of the engine says; then it throws `TrapError`. */
  readonly timeout?: number;
  /** What `x[index - 1]` is where there is no such row: NaN if left out. */
  readonly edges?: Edges;
}

/** Of a run that makes the array for its results. */
export interface TypeOption<Type extends OutputType = OutputType> extends LengthOption {
  /**
   * Element type of the results, `f64` if left out. Numbers are converted as JavaScript does when it stores them into
   * such an array; `mask` is a `Uint8Array` with 1 where a result is true (neither 0 nor NaN) and 0 elsewhere.
   */
  readonly type?: Type;
}

/** Of a run that is given the array for its results. */
export interface OutOption<Out extends NumericArray = NumericArray> extends LengthOption {
  /** Takes the results, from its start; may be one of the columns. */
  readonly out: Out;
  /** Only `mask` says anything new. */
  readonly type?: OutputType;
}

/** Of a run in other threads. An abort of the signal ends it within milliseconds. */
export interface AsyncOptions {
  /** How many threads may work on this, from 1 to 64; as many as there are cores, up to 4, if left out. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
  /** Called now and then, at most twenty times a second, and at the end, with the share of rows done: 0 to 1. */
  readonly onProgress?: (done: number) => void;
}

/**
 * What a compiled function can do with whole columns: typed arrays, arrays of numbers, and single numbers that stand
 * for every row. Parameters called `index` and `length`, unless they are given, are the number of the row and how
 * many rows there are.
 *
 * All methods throw, or reject with, {@link KernelError} for columns that do not fit, TypeError and RangeError for
 * values that are impossible, `ReleasedError` after release, `TrapError` and what a host function throws. Nothing was
 * written then.
 */
export interface ColumnFunction<Parameters extends readonly string[] = readonly string[]> {
  /**
   * The function of every row.
   *
   * @example
   * const f = compile('x^2 + y', ['x', 'y']);
   * f.map({ x: new Float64Array([1, 2, 3]), y: 10 }); // Float64Array [11, 14, 19]
   */
  map<Type extends OutputType = 'f64'>(
    columns: Columns<Parameters>,
    options?: TypeOption<Type>,
  ): OutputArrays[Type];
  /** Into an array of the caller's, which is what comes back. */
  map<Out extends NumericArray>(columns: Columns<Parameters>, options: OutOption<Out>): Out;

  /**
   * As {@link map}, in other threads. Columns that are not on shared memory are copied before this returns, so they may
   * be changed meanwhile. An `out` on shared memory is written as threads go, any other at the end.
   *
   * Functions that call host functions, and those that do not run as machine code, run in this thread, a few milliseconds at a time.
   */
  mapAsync<Type extends OutputType = 'f64'>(
    columns: Columns<Parameters>,
    options?: TypeOption<Type> & AsyncOptions,
  ): Promise<OutputArrays[Type]>;
  /** Into an array of the caller's. */
  mapAsync<Out extends NumericArray>(
    columns: Columns<Parameters>,
    options: OutOption<Out> & AsyncOptions,
  ): Promise<Out>;

  /**
   * One value of the results of all rows. The order of additions is fixed (see `docs/kernels.md`), so the bits of the
   * result depend neither on the CPU nor on the number of threads. No rows give 0, 1 (`prod`), ±Infinity (`min`, `max`)
   * or NaN (`mean`).
   */
  reduce(kind: 'any' | 'all', columns: Columns<Parameters>, options?: LengthOption): boolean;
  /** One number of the results of all rows, as above. */
  reduce(
    kind: Exclude<ReduceKind, 'any' | 'all'>,
    columns: Columns<Parameters>,
    options?: LengthOption,
  ): number;

  /** As {@link reduce}, in other threads; the same bits. */
  reduceAsync(
    kind: 'any' | 'all',
    columns: Columns<Parameters>,
    options?: LengthOption & AsyncOptions,
  ): Promise<boolean>;
  /** As above. */
  reduceAsync(
    kind: Exclude<ReduceKind, 'any' | 'all'>,
    columns: Columns<Parameters>,
    options?: LengthOption & AsyncOptions,
  ): Promise<number>;

  /** The numbers of the rows where the result is true: neither 0 nor NaN. */
  select(columns: Columns<Parameters>, options?: LengthOption): Uint32Array;

  /** The elements of the column `name` where the result is true, in an array of the same type. */
  filter<Given extends Columns<Parameters>, Name extends Parameters[number] & keyof Given>(
    columns: Given,
    name: Name,
  ): Given[Name] extends NumericArray ? Given[Name] : Float64Array;
}
