/** What is left of a call when its options were read and its columns bound. */
import type { ReductionKind } from '../../jit/kernel/kernel-spec.ts';
import type { BoundColumns } from '../backends/bound-columns.ts';
import { elementCode, type NumericArray, outputTypeOf } from '../backends/column-types.ts';
import type { ColumnKernels } from './column-kernels.ts';
import { countRows, requestOutput } from './kernel-outputs.ts';
import type { MapOptions, RunOptions } from './run-options.ts';

/** What a whole array of results can be condensed to. */
export type ReduceKind = 'sum' | 'mean' | 'min' | 'max' | 'prod' | 'any' | 'all' | 'count';

export function mapBound(
  kernels: ColumnKernels,
  bound: BoundColumns,
  { type, out, length, timeout, edges }: MapOptions,
): NumericArray {
  if (edges !== undefined) bound.edges = edges;
  const code = type === undefined && out !== undefined ? elementCode(out) : -1;
  if (code >= 0) {
    const array = out as NumericArray;
    const rows = countRows(bound, length, array);
    return kernels.mapOneTimed(bound, outputTypeOf(code), array, rows, timeout);
  }
  const requested = requestOutput(type, out);
  const rows = countRows(bound, length, requested.out);
  return kernels.mapOneTimed(bound, requested.type, requested.out, rows, timeout);
}

export function reduceBound(
  kernels: ColumnKernels,
  kind: ReduceKind,
  bound: BoundColumns,
  { length, timeout, edges }: RunOptions,
): number | boolean {
  if (edges !== undefined) bound.edges = edges;
  const rows = countRows(bound, length, undefined);
  return finish(kind, kernels.reduceTimed(reductionOf(kind), bound, rows, timeout), rows);
}

/** The reduction that kernels do. */
export const reductionOf = (kind: ReduceKind): ReductionKind => (kind === 'mean' ? 'sum' : kind);

/** What callers get of it. */
export function finish(kind: ReduceKind, result: number, rows: number): number | boolean {
  if (kind === 'mean') return result / rows;
  return kind === 'any' || kind === 'all' ? result !== 0 : result;
}
