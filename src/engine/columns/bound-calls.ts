/** What is left of a call when its options were read and its columns bound. */
import type { FoldKind } from '../../jit/kernel/kernel-spec.ts';
import { describeClass } from '../../support/describe-value.ts';
import { elementAt } from '../../support/element.ts';
import type { ExactSum } from '../../support/exact-sum.ts';
import type { BoundColumns } from '../backends/bound-columns.ts';
import { elementCode, type NumericArray, outputTypeOf } from '../backends/column-types.ts';
import type { ColumnKernels } from './column-kernels.ts';
import type { ResultArray } from './foreign-outputs.ts';
import { countRows, doubles, givenArray, requestOutput } from './kernel-outputs.ts';
import { type NullableArray, thereOf } from './nullable-array.ts';
import { ReductionState } from './reduction-state.ts';
import type { MapOptions, ReduceOptions } from './run-options.ts';
import { computeStatistic, type StatisticKind, statisticOf } from './statistics.ts';

/** What a whole array of results can be condensed to. */
export type ReduceKind = KernelKind | StatisticKind;

/** Those that kernels reduce to. */
type KernelKind = 'sum' | 'mean' | 'min' | 'max' | 'prod' | 'any' | 'all' | 'count';

export function mapBound(
  kernels: ColumnKernels,
  bound: BoundColumns,
  { type, out, length, timeout }: MapOptions,
): ResultArray {
  const code = type === undefined && out !== undefined ? elementCode(out) : -1;
  if (code >= 0) {
    const array = out as NumericArray;
    const rows = countRows(bound, length, array);
    return kernels.mapOneTimed(bound, outputTypeOf(code), array, rows, timeout);
  }
  const requested = requestOutput(type, out);
  const rows = countRows(bound, length, givenArray(requested));
  if (requested.foreign !== undefined)
    return elementAt(
      kernels.timed(timeout, () => kernels.map(bound, [requested], rows)),
      0,
    );
  return kernels.mapOneTimed(bound, requested.type, requested.out, rows, timeout);
}

/** As {@link mapBound}, with a bitmap. */
export function mapBoundNullable(
  kernels: ColumnKernels,
  bound: BoundColumns,
  { type, out, length, timeout }: MapOptions,
): NullableArray {
  const requested = requestOutput(type, out);
  const rows = countRows(bound, length, givenArray(requested));
  return elementAt(
    kernels.timed(timeout, () => kernels.mapNullable(bound, [requested], rows)),
    0,
  );
}

export function reduceBound(
  kernels: ColumnKernels,
  kind: ReduceKind,
  bound: BoundColumns,
  options: ReduceOptions,
): number | boolean {
  const { length, timeout } = options;
  const statistic = statisticOf(kind, options);
  const state = exactState(kind, options);
  const rows = countRows(bound, length, undefined);
  if (state !== undefined) {
    const [sum, counted] = kernels.timed(
      timeout,
      () => [kernels.exactSum(bound, rows), kernels.countPresent(bound, rows)] as const,
    );
    return addTo(state, kind, sum, counted);
  }
  if (statistic !== undefined) {
    if (bound.validities !== undefined) {
      const results = kernels.timed(timeout, () => kernels.mapNullable(bound, [doubles], rows));
      return computeStatistic(statistic, thereOf(elementAt(results, 0)));
    }
    return computeStatistic(
      statistic,
      kernels.mapOneTimed(bound, 'f64', undefined, rows, timeout) as Float64Array,
    );
  }
  if (kind !== 'mean' || bound.validities === undefined)
    return finish(kind, kernels.reduceTimed(reductionOf(kind), bound, rows, timeout), rows);
  return kernels.timed(timeout, () =>
    finish(kind, kernels.reduce('sum', bound, rows), kernels.countPresent(bound, rows)),
  );
}

/**
 * Where an exact reduction goes, which may be a state of the caller's; undefined for any other reduction.
 *
 * @throws TypeError for options that are impossible, and for kinds that are not exact.
 */
export function exactState(kind: ReduceKind, { exact, into }: ReduceOptions): ReductionState | undefined {
  if (exact !== undefined && typeof exact !== 'boolean') {
    throw new TypeError(`exact must be a boolean, not ${describeClass(exact)}`);
  }
  if (into !== undefined) ReductionState.requireState('into', into);
  if (exact !== true && into === undefined) return undefined;
  if (exact === false) throw new TypeError('into takes exact sums, so exact cannot be false');
  if (kind !== 'sum' && kind !== 'mean') {
    throw new TypeError(`only sum and mean can be exact, not ${kind}`);
  }
  return into ?? new ReductionState();
}

/** Adds to the state, and gives what callers get of it. */
export function addTo(state: ReductionState, kind: ReduceKind, sum: ExactSum, rows: number): number {
  ReductionState.addRows(state, sum, rows);
  return kind === 'mean' ? state.mean : state.sum;
}

/** The reduction that kernels do. Statistics have none; they do not come here but to be told apart. */
export const reductionOf = (kind: ReduceKind): FoldKind => (kind === 'mean' ? 'sum' : (kind as FoldKind));

/** What callers get of it; `rows` are those that count. */
export function finish(kind: ReduceKind, result: number, rows: number): number | boolean {
  if (kind === 'mean') return result / rows;
  return kind === 'any' || kind === 'all' ? result !== 0 : result;
}
