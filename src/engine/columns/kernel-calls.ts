/** What the methods of functions and kernels do with what they are given: options read, columns bound, kernels run. */

import { cutText } from '../../support/cut-text.ts';
import { describeClass, describeValue } from '../../support/describe-value.ts';
import { elementAt, maybeAt } from '../../support/element.ts';
import { knownNames, requireOneOf } from '../../support/options.ts';
import { type BoundColumns, requireElements, type Validity } from '../backends/bound-columns.ts';
import { createOutput, elementCode, type NumericArray, outputTypeOf } from '../backends/column-types.ts';
import { KernelError } from '../backends/kernel-error.ts';
import {
  addTo,
  exactState,
  finish,
  mapBound,
  mapBoundNullable,
  type ReduceKind,
  reduceBound,
  reductionOf,
} from './bound-calls.ts';
import type { ColumnKernels } from './column-kernels.ts';
import type { ResultArray } from './foreign-outputs.ts';
import {
  type GroupKind,
  groupingOf,
  keepKeys,
  mapToGroups,
  mapToGroupsAsync,
  requireKeys,
} from './groups.ts';
import { unknownColumn } from './kernel-columns.ts';
import { countRows, doubles, givenArray, type RequestedOutput, requestOutput } from './kernel-outputs.ts';
import { type NullableArray, thereOf } from './nullable-array.ts';
import {
  asyncOptions,
  hasOnlyOut,
  type MapOptions,
  noMapOptions,
  noReduceOptions,
  readAsyncGroupOptions,
  readAsyncMapOptions,
  readAsyncReduceOptions,
  readGroupOptions,
  readMapOptions,
  readReduceOptions,
  readRunOptions,
  wantsBitmap,
} from './run-options.ts';
import { mayBeShort, runShort } from './short-calls.ts';
import { combineSmall, smallOutput, smallPartials, takeSmall } from './small-results.ts';
import { computeStatistic, statisticKinds, statisticOf } from './statistics.ts';
import { presences } from './validity.ts';

const reduceKinds: readonly ReduceKind[] = [
  ...(['sum', 'mean', 'min', 'max', 'prod', 'any', 'all', 'count'] as const),
  ...statisticKinds,
];

export function map(
  kernels: ColumnKernels,
  columns: object,
  options: object | undefined,
): ResultArray | NullableArray {
  const { short } = kernels;
  const way = short?.mapping;
  const isShort = way !== undefined && (options === undefined || hasOnlyOut(options)) && mayBeShort(columns);
  if (!isShort || short === undefined) {
    const given = readMapOptions(options);
    const bound = kernels.bind(columns, given.edges);
    return wantsBitmap(given) ? mapBoundNullable(kernels, bound, given) : mapBound(kernels, bound, given);
  }
  const { out } = options === undefined ? noMapOptions : (options as MapOptions);
  const result = out === undefined ? smallOutput('f64') : (out as NumericArray);
  const rows = runShort(short, way, columns, result);
  if (typeof rows !== 'number') {
    return mapBound(kernels, kernels.bind(columns, undefined, rows), { ...noMapOptions, out });
  }
  return out === undefined ? takeSmall('f64', rows) : result;
}

export async function mapAsync(
  kernels: ColumnKernels,
  columns: object,
  options: object | undefined,
): Promise<ResultArray | NullableArray> {
  const given = readAsyncMapOptions(options);
  const { type, out, length, edges } = given;
  const isNullable = wantsBitmap(given);
  const run = asyncOptions(kernels, given);
  const bound = kernels.bind(columns, edges);
  const output = requestOutput(type, out);
  const requested = [output];
  const rows = countRows(bound, length, givenArray(output));
  if (isNullable) return elementAt(await kernels.mapNullableAsync(bound, requested, rows, run), 0);
  return elementAt(await kernels.mapAsync(bound, requested, rows, run), 0);
}

export function reduce(
  kernels: ColumnKernels,
  kind: ReduceKind,
  columns: object,
  options: object | undefined,
): number | boolean {
  const { short } = kernels;
  const reduction = reductionOf(kind);
  const way = short?.reductionKind === reduction ? short.reduction : undefined;
  if (way === undefined) requireOneOf('kind', kind, reduceKinds);
  if (short === undefined || way === undefined || options !== undefined || !mayBeShort(columns)) {
    const given = readReduceOptions(options);
    return reduceBound(kernels, kind, kernels.bind(columns, given.edges), given);
  }
  const rows = runShort(short, way, columns, smallPartials);
  return typeof rows === 'number'
    ? finish(kind, combineSmall(reduction, rows), rows)
    : reduceBound(kernels, kind, kernels.bind(columns, undefined, rows), noReduceOptions);
}

export async function reduceAsync(
  kernels: ColumnKernels,
  kind: ReduceKind,
  columns: object,
  options: object | undefined,
): Promise<number | boolean> {
  requireOneOf('kind', kind, reduceKinds);
  const given = readAsyncReduceOptions(options);
  const { length, edges } = given;
  const statistic = statisticOf(kind, given);
  const state = exactState(kind, given);
  const run = asyncOptions(kernels, given);
  const bound = kernels.bind(columns, edges);
  const rows = countRows(bound, length, undefined);
  const counted =
    kind === 'mean' || state !== undefined ? await kernels.countPresentAsync(bound, rows, run) : rows;
  if (state !== undefined) return addTo(state, kind, await kernels.exactSumAsync(bound, rows, run), counted);
  if (statistic !== undefined) {
    if (bound.validities !== undefined) {
      const results = await kernels.mapNullableAsync(bound, [doubles], rows, run);
      return computeStatistic(statistic, thereOf(elementAt(results, 0)));
    }
    const results = await kernels.mapAsync(bound, [doubles], rows, run);
    return computeStatistic(statistic, elementAt(results, 0) as Float64Array);
  }
  return finish(kind, await kernels.reduceAsync(reductionOf(kind), bound, rows, run), counted);
}

export function reduceBy(
  kernels: ColumnKernels,
  kind: GroupKind,
  columns: object,
  options: object | undefined,
): Float64Array {
  const { by, groups, length, timeout, edges } = readGroupOptions(options);
  const grouping = groupingOf(kind, by, groups);
  const bound = kernels.bind(columns, edges);
  const rows = countRows(bound, length, grouping.by);
  requireKeys(grouping, rows);
  return kernels.timed(timeout, () => mapToGroups(grouping, kernels, bound, rows));
}

export async function reduceByAsync(
  kernels: ColumnKernels,
  kind: GroupKind,
  columns: object,
  options: object | undefined,
): Promise<Float64Array> {
  const given = readAsyncGroupOptions(options);
  const grouping = groupingOf(kind, given.by, given.groups);
  const run = asyncOptions(kernels, given);
  const bound = kernels.bind(columns, given.edges);
  const rows = countRows(bound, given.length, grouping.by);
  requireKeys(grouping, rows);
  return mapToGroupsAsync(keepKeys(grouping), kernels, bound, rows, run);
}

/** Numbers of the rows where the result is true. */
export function select(kernels: ColumnKernels, columns: object, options: object | undefined): Uint32Array {
  const { length, timeout, edges } = readRunOptions(options);
  const bound = kernels.bind(columns, edges);
  return selectRows(kernels, bound, length, timeout);
}

/**
 * The elements of one column at these rows, as an array of the column's type. Host functions may have changed them by
 * then, but not taken them away.
 */
export function filter(kernels: ColumnKernels, columns: object, name: string): NumericArray {
  if (typeof name !== 'string') {
    throw new TypeError(`the column to filter must be a name, not ${describeValue(name)}`);
  }
  const bound = kernels.bind(columns);
  const column = columnNamed(kernels, bound, name);
  const rows = selectRows(kernels, bound, undefined, undefined);
  requireElements(column, bound.length, name);
  const position = kernels.parameters.indexOf(name);
  const validity = bound.validities && maybeAt(bound.validities, position);
  if (validity !== undefined) return elementsWithNaN(column, validity, bound.length, rows);
  const values = createOutput(outputTypeOf(elementCode(column)), rows.length);
  for (let i = 0; i < rows.length; i++) values[i] = column[rows[i] as number] as number;
  return values;
}

/** Some elements of a column, NaN where they are missing. */
function elementsWithNaN(
  column: NumericArray,
  validity: Validity,
  length: number,
  rows: Uint32Array,
): Float64Array {
  const isThere = presences([validity], length);
  const values = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    values[i] = isThere[row] === 0 ? Number.NaN : (column[row] as number);
  }
  return values;
}

/** `outs` and `types` by the names of outputs; one type may stand for all. */
export function requestOutputs(names: readonly string[], types: unknown, outs: unknown): RequestedOutput[] {
  if (outs !== undefined && (typeof outs !== 'object' || outs === null)) {
    throw new TypeError(`out must be an object with an array for each output, not ${describeClass(outs)}`);
  }
  refuseUnknown(names, outs, 'out');
  refuseUnknown(names, types, 'type');
  return names.map((name) =>
    requestOutput(entryOf(types, name, types), entryOf(outs, name, undefined), name),
  );
}

/** What an object itself has by a name; for a value that is no object, `otherwise`. */
function entryOf(given: unknown, name: string, otherwise: unknown): unknown {
  if (typeof given !== 'object' || given === null) return otherwise;
  return Object.hasOwn(given, name) ? (given as Record<string, unknown>)[name] : undefined;
}

function refuseUnknown(names: readonly string[], given: unknown, what: string): void {
  if (typeof given !== 'object' || given === null) return;
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    const message = `${what}: no output is called ${cutText(name)}; ${knownNames(name, names)}`;
    throw new KernelError('E_UNKNOWN_COLUMN', message);
  }
}

/** Indices beyond 32 bits do not fit; no mask that long does either. */
function selectRows(
  kernels: ColumnKernels,
  bound: BoundColumns,
  length: unknown,
  timeout: number | undefined,
): Uint32Array {
  const rowCount = countRows(bound, length, undefined);
  const mask = kernels.timed(timeout, () => kernels.mapOne(bound, 'mask', undefined, rowCount));
  let count = 0;
  for (let row = 0; row < mask.length; row++) count += mask[row] as number;
  const rows = new Uint32Array(count);
  for (let row = 0, next = 0; next < count; row++) {
    // Without a branch, which would be mispredicted: what is not selected is overwritten.
    rows[next] = row;
    next += mask[row] as number;
  }
  return rows;
}

function columnNamed(kernels: ColumnKernels, bound: BoundColumns, name: string): NumericArray {
  const position = kernels.parameters.indexOf(name);
  if (position < 0) {
    throw unknownColumn(name, kernels.parameters);
  }
  const column = bound.values[position];
  if (typeof column === 'object') return column;
  throw new TypeError(`${cutText(name)} must be an array for its elements to be filtered`);
}
