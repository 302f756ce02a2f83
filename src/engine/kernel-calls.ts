/** What the methods of functions and kernels do with what they are given: options checked, columns bound, kernels run. */

import { availableParallelism } from 'node:os';
import type { ReductionKind } from '../jit/kernel/kernel-spec.ts';
import { elementAt } from '../support/element.ts';
import { noOptions } from '../support/settings.ts';
import { createOutput, elementCode, type NumericArray, outputTypeOf } from './column-types.ts';
import { requireTimeout } from './engine-options.ts';
import { type BoundColumns, describe } from './kernel-columns.ts';
import { KernelError } from './kernel-error.ts';
import { countRows, type RequestedOutput, requestOutput } from './kernel-outputs.ts';
import type { KernelSet } from './kernel-set.ts';
import type { AsyncRunOptions } from './loaded-kernel.ts';

/** What a whole array of results can be condensed to. */
export type ReduceKind = 'sum' | 'mean' | 'min' | 'max' | 'prod' | 'any' | 'all' | 'count';

const reduceKinds: readonly ReduceKind[] = ['sum', 'mean', 'min', 'max', 'prod', 'any', 'all', 'count'];

const mostThreads = 64;

/** Unless the caller says otherwise. */
const mostThreadsUnasked = 4;

export function map(kernels: KernelSet, columns: object, options: object | undefined): NumericArray {
  if (options === undefined) {
    const bound = kernels.bind(columns);
    const rows = countRows(bound, undefined, undefined);
    return kernels.timed(undefined, () => kernels.mapOne(bound, 'f64', undefined, rows));
  }
  const { type, out, length, timeout } = readOptions(options);
  const most = timeoutOf(timeout);
  const bound = kernels.bind(columns);
  const code = type === undefined ? elementCode(out) : -1;
  if (code >= 0) {
    const array = out as NumericArray;
    const rows = countRows(bound, length, array);
    return kernels.timed(most, () => kernels.mapOne(bound, outputTypeOf(code), array, rows));
  }
  const requested = requestOutput(type, out);
  const rows = countRows(bound, length, requested.out);
  return kernels.timed(most, () => kernels.mapOne(bound, requested.type, requested.out, rows));
}

export async function mapAsync(
  kernels: KernelSet,
  columns: object,
  options: object | undefined,
): Promise<NumericArray> {
  const { type, out, length, ...rest } = readOptions(options ?? noOptions);
  const run = asyncOptions(kernels, rest);
  const bound = kernels.bind(columns);
  const requested = [requestOutput(type, out)];
  const rows = countRows(bound, length, requested[0]?.out);
  return elementAt(await kernels.mapAsync(bound, requested, rows, run), 0);
}

export function reduce(
  kernels: KernelSet,
  kind: ReduceKind,
  columns: object,
  options: object | undefined,
): number | boolean {
  requireKind(kind);
  const { length, timeout } = readOptions(options ?? noOptions);
  const most = timeoutOf(timeout);
  const bound = kernels.bind(columns);
  const rows = countRows(bound, length, undefined);
  const result = kernels.timed(most, () => kernels.reduce(reductionOf(kind), bound, rows));
  return finish(kind, result, rows);
}

export async function reduceAsync(
  kernels: KernelSet,
  kind: ReduceKind,
  columns: object,
  options: object | undefined,
): Promise<number | boolean> {
  requireKind(kind);
  const { length, ...rest } = readOptions(options ?? noOptions);
  const run = asyncOptions(kernels, rest);
  const bound = kernels.bind(columns);
  const rows = countRows(bound, length, undefined);
  return finish(kind, await kernels.reduceAsync(reductionOf(kind), bound, rows, run), rows);
}

/** Numbers of the rows where the result is true. */
export function select(kernels: KernelSet, columns: object, options: object | undefined): Uint32Array {
  const { length, timeout } = readOptions(options ?? noOptions);
  const most = timeoutOf(timeout);
  return selectRows(kernels, kernels.bind(columns), length, most);
}

/** The elements of one column at these rows, as an array of the column's type. */
export function filter(kernels: KernelSet, columns: object, name: string): NumericArray {
  const bound = kernels.bind(columns);
  const column = columnNamed(kernels, bound, name);
  const rows = selectRows(kernels, bound, undefined, undefined);
  const values = createOutput(outputTypeOf(elementCode(column)), rows.length);
  for (let i = 0; i < rows.length; i++) values[i] = column[rows[i] as number] as number;
  return values;
}

/** `outs` and `types` by the names of outputs; one type may stand for all. */
export function requestOutputs(names: readonly string[], types: unknown, outs: unknown): RequestedOutput[] {
  if (outs !== undefined && (typeof outs !== 'object' || outs === null)) {
    throw new TypeError(`out must be an object with an array for each output, not ${describe(outs)}`);
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
    const known = names.join(', ');
    throw new KernelError('UNKNOWN_COLUMN', `${what}: no output is called ${name}; there are ${known}`);
  }
}

/** @throws TypeError or RangeError for an impossible option. */
export function asyncOptions(
  kernels: KernelSet,
  options: Readonly<Record<string, unknown>>,
): AsyncRunOptions {
  const {
    threads = Math.min(mostThreadsUnasked, availableParallelism()),
    signal,
    onProgress,
    timeout,
  } = options;
  if (!Number.isInteger(threads) || (threads as number) < 1 || (threads as number) > mostThreads) {
    throw new RangeError(`threads must be an integer from 1 to ${mostThreads}, not ${String(threads)}`);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`signal must be an AbortSignal, not ${describe(signal)}`);
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw new TypeError(`onProgress must be a function, not ${describe(onProgress)}`);
  }
  return {
    threads: threads as number,
    signal,
    onProgress: onProgress as AsyncRunOptions['onProgress'],
    deadline: kernels.deadline(timeoutOf(timeout)),
  };
}

/** The option of that name: milliseconds. */
export function timeoutOf(timeout: unknown): number | undefined {
  if (timeout !== undefined) requireTimeout('timeout', timeout);
  return timeout as number | undefined;
}

/** The options of a call, each property read once. */
export function readOptions(options: object): Readonly<Record<string, unknown>> {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`options must be an object, not ${describe(options)}`);
  }
  return options as Readonly<Record<string, unknown>>;
}

function requireKind(kind: ReduceKind): void {
  if (reduceKinds.includes(kind)) return;
  throw new RangeError(`kind must be one of ${reduceKinds.join(', ')}, not ${String(kind)}`);
}

const reductionOf = (kind: ReduceKind): ReductionKind => (kind === 'mean' ? 'sum' : kind);

function finish(kind: ReduceKind, result: number, rows: number): number | boolean {
  if (kind === 'mean') return result / rows;
  return kind === 'any' || kind === 'all' ? result !== 0 : result;
}

/** Indices beyond 32 bits do not fit; no mask that long does either. */
function selectRows(
  kernels: KernelSet,
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

function columnNamed(kernels: KernelSet, bound: BoundColumns, name: string): NumericArray {
  const position = kernels.parameters.indexOf(name);
  if (position < 0) {
    const known = kernels.parameters.join(', ');
    throw new KernelError(
      'UNKNOWN_COLUMN',
      `no parameter is called ${String(name)}; there are ${known || 'none'}`,
    );
  }
  const column = bound.values[position];
  if (typeof column === 'object') return column;
  throw new TypeError(`${name} must be an array for its elements to be filtered`);
}
