import type { FoldKind, OutputType } from '../../jit/kernel/kernel-spec.ts';
import type { Edges } from '../../lang/row-functions.ts';
import { elementAt } from '../../support/element.ts';
import type { ExactSum } from '../../support/exact-sum.ts';
import type { BoundColumns } from '../backends/bound-columns.ts';
import type { NumericArray } from '../backends/column-types.ts';
import type { AsyncRunOptions } from '../backends/loaded-kernel.ts';
import { findOverlap, overlapError } from '../backends/overlap.ts';
import { deadlineAfter, withDeadline } from '../backends/time-limit.ts';
import type { ResultArray } from './foreign-outputs.ts';
import { bindColumns } from './kernel-columns.ts';
import { convertOutputs, type RequestedOutput, requireRoom } from './kernel-outputs.ts';
import { complete, type NullableArray } from './nullable-array.ts';
import type { ShortKernels } from './short-kernels.ts';

/** What is known of what runs. */
interface Described {
  readonly parameters: readonly string[];
  readonly outputs: readonly { readonly name: string }[];
  /** Milliseconds that a run may take, unless it is told. */
  readonly timeout: number | undefined;
}

/** What runs a function over columns: kernels alone, or kernels as a plan has it. */
export abstract class ColumnKernels {
  readonly parameters: readonly string[];
  readonly outputNames: readonly string[];
  /** What has been used last, for short calls; undefined where there are none. */
  abstract readonly short: ShortKernels | undefined;
  readonly #timeout: number | undefined;

  constructor({ parameters, outputs, timeout }: Described) {
    this.parameters = parameters;
    this.outputNames = outputs.map(({ name }) => name);
    this.#timeout = timeout;
  }

  /** `read` is what the columns' properties are, where they were read already. */
  bind(columns: object, edges?: Edges, read?: readonly unknown[]): BoundColumns {
    const bound = bindColumns(this.parameters, columns, read);
    if (edges !== undefined) bound.edges = edges;
    return bound;
  }

  /** When a run that starts now has to end, which may take so many milliseconds; see `time-limit.ts`. */
  deadline(timeout: number | undefined): number {
    return deadlineAfter(timeout ?? this.#timeout);
  }

  /** Runs `body`, which runs kernels, within that time. */
  timed<T>(timeout: number | undefined, body: () => T): T {
    const most = timeout ?? this.#timeout;
    return most === undefined ? body() : withDeadline(deadlineAfter(most), body);
  }

  /** {@link reduce} within that time. */
  reduceTimed(kind: FoldKind, bound: BoundColumns, rows: number, timeout: number | undefined): number {
    if (timeout === undefined && this.#timeout === undefined) return this.reduce(kind, bound, rows);
    return this.timed(timeout, () => this.reduce(kind, bound, rows));
  }

  /** {@link mapOne} within that time. */
  mapOneTimed(
    bound: BoundColumns,
    type: OutputType,
    out: NumericArray | undefined,
    rows: number,
    timeout: number | undefined,
  ): NumericArray {
    if (timeout === undefined && this.#timeout === undefined) return this.mapOne(bound, type, out, rows);
    return this.timed(timeout, () => this.mapOne(bound, type, out, rows));
  }

  /** Computes all outputs; `requested` is one for each. */
  map(bound: BoundColumns, requested: readonly RequestedOutput[], rows: number): ResultArray[] {
    return this.converted(requested, this.mapNumbers(bound, requested, rows), rows);
  }

  async mapAsync(
    bound: BoundColumns,
    requested: readonly RequestedOutput[],
    rows: number,
    options: AsyncRunOptions,
  ): Promise<ResultArray[]> {
    return this.converted(requested, await this.mapNumbersAsync(bound, requested, rows, options), rows);
  }

  /** As {@link map}, with a bitmap for each output of the rows that are there. */
  mapNullable(bound: BoundColumns, requested: readonly RequestedOutput[], rows: number): NullableArray[] {
    if (bound.validities === undefined) return complete(this.map(bound, requested, rows), rows);
    this.requireRoom(requested, rows);
    this.refuseOverlap(bound, requested, rows);
    return this.mapMissing(bound, requested, rows);
  }

  async mapNullableAsync(
    bound: BoundColumns,
    requested: readonly RequestedOutput[],
    rows: number,
    options: AsyncRunOptions,
  ): Promise<NullableArray[]> {
    return bound.validities === undefined
      ? complete(await this.mapAsync(bound, requested, rows, options), rows)
      : this.mapMissingAsync(bound, requested, rows, options);
  }

  /** In how many rows the first output is there. */
  countPresent(bound: BoundColumns, rows: number): number {
    return bound.validities === undefined ? rows : this.countThere(bound, rows);
  }

  async countPresentAsync(bound: BoundColumns, rows: number, options: AsyncRunOptions): Promise<number> {
    return bound.validities === undefined ? rows : this.countThereAsync(bound, rows, options);
  }

  /** Computes the only output; `type` is that of `out`, if there is one. */
  abstract mapOne(
    bound: BoundColumns,
    type: OutputType,
    out: NumericArray | undefined,
    rows: number,
  ): NumericArray;
  /** As {@link map}, of what kernels compute. */
  abstract mapNumbers(
    bound: BoundColumns,
    requested: readonly RequestedOutput[],
    rows: number,
  ): NumericArray[];
  abstract mapNumbersAsync(
    bound: BoundColumns,
    requested: readonly RequestedOutput[],
    rows: number,
    options: AsyncRunOptions,
  ): Promise<NumericArray[]>;
  /** The exact sum of the first output. */
  abstract exactSum(bound: BoundColumns, rows: number): ExactSum;
  abstract exactSumAsync(bound: BoundColumns, rows: number, options: AsyncRunOptions): Promise<ExactSum>;
  /** Reduces the first output. */
  abstract reduce(kind: FoldKind, bound: BoundColumns, rows: number): number;
  abstract reduceAsync(
    kind: FoldKind,
    bound: BoundColumns,
    rows: number,
    options: AsyncRunOptions,
  ): Promise<number>;
  /** The columns of some of the rows, `to` behind them; undefined where these are not what they are among all. */
  abstract partOf(bound: BoundColumns, from: number, to: number): BoundColumns | undefined;
  /** Runs in flight go on to their end. */
  abstract release(): void;

  /** {@link mapNullable} of columns with missing values, for which there is room. */
  protected abstract mapMissing(
    bound: BoundColumns,
    requested: readonly RequestedOutput[],
    rows: number,
  ): NullableArray[];
  protected abstract mapMissingAsync(
    bound: BoundColumns,
    requested: readonly RequestedOutput[],
    rows: number,
    options: AsyncRunOptions,
  ): Promise<NullableArray[]>;
  /** {@link countPresent} of columns with missing values. */
  protected abstract countThere(bound: BoundColumns, rows: number): number;
  protected abstract countThereAsync(
    bound: BoundColumns,
    rows: number,
    options: AsyncRunOptions,
  ): Promise<number>;

  protected converted(
    requested: readonly RequestedOutput[],
    numbers: readonly NumericArray[],
    rows: number,
  ): ResultArray[] {
    return convertOutputs(requested, numbers, rows, (index) => this.#nameOfOutput(index));
  }

  protected requireRoom(requested: readonly RequestedOutput[], rows: number): void {
    for (const [index, output] of requested.entries()) requireRoom(output, rows, this.#nameOfOutput(index));
  }

  protected refuseOverlap(bound: BoundColumns, requested: readonly RequestedOutput[], rows: number): void {
    const given = requested.flatMap(({ out }) => out ?? []);
    const overlap = findOverlap(bound.arrays, given, rows);
    if (overlap === undefined) return;
    const names = requested.flatMap(({ out }, index) => (out === undefined ? [] : this.#nameOfOutput(index)));
    throw overlapError(bound.columnNames, names)(...overlap);
  }

  /** As callers know it. */
  #nameOfOutput(index: number): string {
    return this.outputNames.length === 1 ? 'out' : `out.${elementAt(this.outputNames, index)}`;
  }
}
