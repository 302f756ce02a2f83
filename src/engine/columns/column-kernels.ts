import type { FoldKind, OutputType } from '../../jit/kernel/kernel-spec.ts';
import type { ExactSum } from '../../support/exact-sum.ts';
import type { BoundColumns } from '../backends/bound-columns.ts';
import type { NumericArray } from '../backends/column-types.ts';
import type { AsyncRunOptions } from '../backends/loaded-kernel.ts';
import type { ResultArray } from './foreign-outputs.ts';
import type { RequestedOutput } from './kernel-outputs.ts';
import type { NullableArray } from './nullable-array.ts';
import type { ShortKernels } from './short-kernels.ts';

/** What runs a function over columns: kernels alone, or kernels as a plan has it. */
export interface ColumnKernels {
  readonly parameters: readonly string[];
  readonly outputNames: readonly string[];
  /** What has been used last, for short calls; undefined where there are none. */
  readonly short: ShortKernels | undefined;
  /** `read` is what the columns' properties are, where they were read already. */
  bind(columns: object, read?: readonly unknown[]): BoundColumns;
  /** When a run that starts now has to end, which may take so many milliseconds; see `time-limit.ts`. */
  deadline(timeout: number | undefined): number;
  /** Runs `body`, which runs kernels, within that time. */
  timed<T>(timeout: number | undefined, body: () => T): T;
  /** Computes the only output; `type` is that of `out`, if there is one. */
  mapOne(bound: BoundColumns, type: OutputType, out: NumericArray | undefined, rows: number): NumericArray;
  /** {@link mapOne} within that time. */
  mapOneTimed(
    bound: BoundColumns,
    type: OutputType,
    out: NumericArray | undefined,
    rows: number,
    timeout: number | undefined,
  ): NumericArray;
  /** Computes all outputs; `requested` is one for each. */
  map(bound: BoundColumns, requested: readonly RequestedOutput[], rows: number): ResultArray[];
  mapAsync(
    bound: BoundColumns,
    requested: readonly RequestedOutput[],
    rows: number,
    options: AsyncRunOptions,
  ): Promise<ResultArray[]>;
  /** As {@link map}, with a bitmap for each output of the rows that are there. */
  mapNullable(bound: BoundColumns, requested: readonly RequestedOutput[], rows: number): NullableArray[];
  mapNullableAsync(
    bound: BoundColumns,
    requested: readonly RequestedOutput[],
    rows: number,
    options: AsyncRunOptions,
  ): Promise<NullableArray[]>;
  /** In how many rows the first output is there. */
  countPresent(bound: BoundColumns, rows: number): number;
  countPresentAsync(bound: BoundColumns, rows: number, options: AsyncRunOptions): Promise<number>;
  /** The exact sum of the first output. */
  exactSum(bound: BoundColumns, rows: number): ExactSum;
  exactSumAsync(bound: BoundColumns, rows: number, options: AsyncRunOptions): Promise<ExactSum>;
  /** Reduces the first output. */
  reduce(kind: FoldKind, bound: BoundColumns, rows: number): number;
  /** {@link reduce} within that time. */
  reduceTimed(kind: FoldKind, bound: BoundColumns, rows: number, timeout: number | undefined): number;
  reduceAsync(kind: FoldKind, bound: BoundColumns, rows: number, options: AsyncRunOptions): Promise<number>;
  /** The columns of some of the rows, `to` behind them; undefined where these are not what they are among all. */
  partOf(bound: BoundColumns, from: number, to: number): BoundColumns | undefined;
  /** Runs in flight go on to their end. */
  release(): void;
}
