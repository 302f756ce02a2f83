import type { Edges } from '../../lang/row-functions.ts';
import type { NumericArray } from '../backends/column-types.ts';
import type { ReduceKind } from './bound-calls.ts';
import type { ResultArray, ResultArrays } from './foreign-outputs.ts';
import type { GroupKind } from './groups.ts';
import type { Columns } from './kernel-columns.ts';
import type { NullableArray } from './nullable-array.ts';
import type { ReductionState } from './reduction-state.ts';

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
export interface TypeOption<Type extends keyof ResultArrays = keyof ResultArrays> extends LengthOption {
  /**
   * Element type of the results, `f64` if left out. Numbers are converted as JavaScript does when it stores them into
   * such an array; `mask` is a `Uint8Array` with 1 where a result is true (neither 0 nor NaN) and 0 elsewhere.
   */
  readonly type?: Type;
}

/** Of a run that is given the array for its results. */
export interface OutOption<Out extends ResultArray = ResultArray> extends LengthOption {
  /** Takes the results, from its start; may be one of the columns. */
  readonly out: Out;
  /** Only `mask` says anything new. */
  readonly type?: keyof ResultArrays;
}

/** Of a run over columns with missing values: NaN, or what that is as an integer, stands in their place. */
export interface NaNOption {
  readonly nulls?: 'nan';
}

/** Of a run whose results come with a bitmap of those that are there. */
export interface BitmapOption {
  readonly nulls: 'bitmap';
}

/** Of a reduction to a sum or a mean that are exact. */
export interface ExactOption extends LengthOption {
  /**
   * Sums are added up without rounding, and rounded once: the double nearest to the true sum of the results, ties to even, whatever their order
   * is. The mean is the double nearest to that sum divided by the number of rows.
   */
  readonly exact?: boolean;
  /**
   * Adds the rows to this state, and gives the sum or mean of all that were added to it. Implies `exact`. Unchanged when the call throws.
   */
  readonly into?: ReductionState;
}

/** Of a variance or standard deviation. */
export interface VarianceOption extends LengthOption {
  /** The sum of squares is divided by the number of rows less this: 0, if left out, for a whole population, 1 for a sample of one. */
  readonly ddof?: number;
}

/** Of a quantile. */
export interface QuantileOption extends LengthOption {
  /** Which share of the results is to be below, from 0 to 1. */
  readonly q: number;
}

/** Of a reduction by groups. */
export interface GroupOption extends LengthOption {
  /** The number of each row's group, from 0 on. */
  readonly by: Exclude<NumericArray, Float64Array | Float32Array>;
  /** How many groups there are. */
  readonly groups: number;
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
  map<Type extends keyof ResultArrays = 'f64'>(
    columns: Columns<Parameters>,
    options?: TypeOption<Type> & NaNOption,
  ): ResultArrays[Type];
  /** Into an array of the caller's, which is what comes back. */
  map<Out extends ResultArray>(columns: Columns<Parameters>, options: OutOption<Out> & NaNOption): Out;
  /** With a bitmap of the results that are there. */
  map<Type extends keyof ResultArrays = 'f64'>(
    columns: Columns<Parameters>,
    options: TypeOption<Type> & BitmapOption,
  ): NullableArray<ResultArrays[Type]>;
  /** Into an array of the caller's, with a new bitmap. */
  map<Out extends ResultArray>(
    columns: Columns<Parameters>,
    options: OutOption<Out> & BitmapOption,
  ): NullableArray<Out>;

  /**
   * As {@link map}, in other threads. Columns that are not on shared memory are copied before this returns, so they may
   * be changed meanwhile. An `out` on shared memory is written as threads go, any other at the end.
   *
   * Functions that call host functions, and those that do not run as machine code, run in this thread, a few milliseconds at a time.
   */
  mapAsync<Type extends keyof ResultArrays = 'f64'>(
    columns: Columns<Parameters>,
    options?: TypeOption<Type> & NaNOption & AsyncOptions,
  ): Promise<ResultArrays[Type]>;
  /** Into an array of the caller's. */
  mapAsync<Out extends ResultArray>(
    columns: Columns<Parameters>,
    options: OutOption<Out> & NaNOption & AsyncOptions,
  ): Promise<Out>;
  /** With a bitmap of the results that are there. */
  mapAsync<Type extends keyof ResultArrays = 'f64'>(
    columns: Columns<Parameters>,
    options: TypeOption<Type> & BitmapOption & AsyncOptions,
  ): Promise<NullableArray<ResultArrays[Type]>>;
  /** Into an array of the caller's, with a new bitmap. */
  mapAsync<Out extends ResultArray>(
    columns: Columns<Parameters>,
    options: OutOption<Out> & BitmapOption & AsyncOptions,
  ): Promise<NullableArray<Out>>;

  /**
   * One value of the results of all rows. The order of additions is fixed (see `docs/kernels.md`), so the bits of the
   * result depend neither on the CPU nor on the number of threads. Rows whose result is missing do not count. No rows give 0, 1 (`prod`), ±Infinity (`min`, `max`)
   * or NaN (`mean`).
   */
  reduce(kind: 'any' | 'all', columns: Columns<Parameters>, options?: LengthOption): boolean;
  /**
   * As above, and exact if asked for: see {@link ExactOption}. A dot product is that of `x * y`; its products are rounded.
   *
   * @example
   * compile('x', ['x']).reduce('sum', { x: [1e100, 1, -1e100] }, { exact: true }); // 1
   */
  reduce(kind: 'sum' | 'mean', columns: Columns<Parameters>, options?: ExactOption): number;
  /**
   * The mean of the squares of what the results differ from their mean by, or its square root. NaN where there are no more rows than `ddof`, and
   * where a result is infinite or NaN.
   */
  reduce(kind: 'var' | 'std', columns: Columns<Parameters>, options?: VarianceOption): number;
  /**
   * The value below which a share of the results lies, linearly between the two next to it in order of size (`docs/kernels.md`); `median` is
   * that for a half. NaN for no rows, and where a result is NaN.
   *
   * @example
   * compile('x', ['x']).reduce('quantile', { x: [1, 2, 3, 4] }, { q: 0.25 }); // 1.75
   */
  reduce(kind: 'quantile', columns: Columns<Parameters>, options: QuantileOption): number;
  /** One number of the results of all rows, as above. */
  reduce(
    kind: Exclude<ReduceKind, 'any' | 'all' | 'quantile'>,
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
    kind: 'sum' | 'mean',
    columns: Columns<Parameters>,
    options?: ExactOption & AsyncOptions,
  ): Promise<number>;
  /** As above. */
  reduceAsync(
    kind: 'var' | 'std',
    columns: Columns<Parameters>,
    options?: VarianceOption & AsyncOptions,
  ): Promise<number>;
  /** As above. */
  reduceAsync(
    kind: 'quantile',
    columns: Columns<Parameters>,
    options: QuantileOption & AsyncOptions,
  ): Promise<number>;
  /** As above. */
  reduceAsync(
    kind: Exclude<ReduceKind, 'any' | 'all' | 'quantile'>,
    columns: Columns<Parameters>,
    options?: LengthOption & AsyncOptions,
  ): Promise<number>;

  /**
   * As {@link reduce}, of the rows of each group: one number for each group, in a new array. Results are added row by row, in their order; those that are missing
   * do not count. A group without rows has 0, 1 (`prod`, `all`), ±Infinity (`min`, `max`) or NaN (`mean`); `any` and `all` are 1 or 0. A RangeError names the first key
   * that is the number of no group.
   *
   * @example
   * compile('x', ['x']).reduceBy('sum', { x: [1, 2, 4] }, { by: Int32Array.of(0, 1, 0), groups: 2 }); // Float64Array [5, 2]
   */
  reduceBy(kind: GroupKind, columns: Columns<Parameters>, options: GroupOption): Float64Array;

  /** As {@link reduceBy}; rows are computed in other threads, then added in this one. The same bits. */
  reduceByAsync(
    kind: GroupKind,
    columns: Columns<Parameters>,
    options: GroupOption & AsyncOptions,
  ): Promise<Float64Array>;

  /** The numbers of the rows where the result is true: neither 0 nor NaN. */
  select(columns: Columns<Parameters>, options?: LengthOption): Uint32Array;

  /**
   * The elements of the column `name` where the result is true, in an array of the same type; of a column with missing values
   * as numbers, NaN where they are missing.
   */
  filter<Given extends Columns<Parameters>, Name extends Parameters[number] & keyof Given>(
    columns: Given,
    name: Name,
  ): Given[Name] extends NumericArray ? Given[Name] : Float64Array;
}
