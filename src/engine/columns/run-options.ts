/** What callers may tell a run, read and checked. Of what this returns, only the values are the caller's. */

import type { Edges } from '../../lang/row-functions.ts';
import { describeClass, describeValue } from '../../support/describe-value.ts';
import { hasOwnNamed } from '../../support/intrinsics.ts';
import { optionNames, readOptions, requireOneOf } from '../../support/options.ts';
import { threadCount } from '../../support/platform.ts';
import type { AsyncRunOptions } from '../backends/loaded-kernel.ts';
import { requireTimeout } from '../backends/time-limit.ts';
import { edgeKinds } from './edges.ts';

/** Values as they come: they are checked where they are used. */
export interface RunOptions {
  readonly length?: unknown;
  /** Checked already. */
  readonly timeout?: number | undefined;
  /** Checked already. */
  readonly edges?: Edges | undefined;
}

export interface ReduceOptions extends RunOptions {
  readonly exact?: unknown;
  readonly into?: unknown;
  readonly q?: unknown;
  readonly ddof?: unknown;
}

export interface GroupOptions extends RunOptions {
  readonly by?: unknown;
  readonly groups?: unknown;
}

export interface MapOptions extends RunOptions {
  readonly type?: unknown;
  readonly out?: unknown;
  readonly nulls?: unknown;
}

export interface ThreadOptions {
  readonly threads?: unknown;
  readonly signal?: unknown;
  readonly onProgress?: unknown;
}

const ofRun = { length: true, timeout: true, edges: true } as const;
const ofMap = { type: true, out: true, nulls: true, ...ofRun } as const;
const ofReduce = { exact: true, into: true, q: true, ddof: true, ...ofRun } as const;
const ofGroups = { by: true, groups: true, ...ofRun } as const;
const ofThreads = { threads: true, signal: true, onProgress: true } as const;

const runNames = optionNames<RunOptions>(ofRun);
const reduceNames = optionNames<ReduceOptions>(ofReduce);
const asyncReduceNames = optionNames<ReduceOptions & ThreadOptions>({ ...ofReduce, ...ofThreads });
const groupNames = optionNames<GroupOptions>(ofGroups);
const asyncGroupNames = optionNames<GroupOptions & ThreadOptions>({ ...ofGroups, ...ofThreads });
const mapNames = optionNames<MapOptions>(ofMap);
const asyncMapNames = optionNames<MapOptions & ThreadOptions>({ ...ofMap, ...ofThreads });

const noRunOptions: RunOptions = Object.freeze({
  length: undefined,
  timeout: undefined,
  edges: undefined,
});

export function readRunOptions(options: object | undefined): RunOptions {
  return options === undefined ? noRunOptions : checked(readOptions<RunOptions>(options, runNames));
}

export const noReduceOptions: ReduceOptions = Object.freeze({
  ...noRunOptions,
  exact: undefined,
  into: undefined,
  q: undefined,
  ddof: undefined,
});

export function readReduceOptions(options: object | undefined): ReduceOptions {
  return options === undefined ? noReduceOptions : checked(readOptions<ReduceOptions>(options, reduceNames));
}

export function readAsyncReduceOptions(options: object | undefined): ReduceOptions & ThreadOptions {
  return checked(readOptions<ReduceOptions & ThreadOptions>(options, asyncReduceNames));
}

export function readGroupOptions(options: object | undefined): GroupOptions {
  return checked(readOptions<GroupOptions>(options, groupNames));
}

export function readAsyncGroupOptions(options: object | undefined): GroupOptions & ThreadOptions {
  return checked(readOptions<GroupOptions & ThreadOptions>(options, asyncGroupNames));
}

export function readAsyncMapOptions(options: object | undefined): MapOptions & ThreadOptions {
  return checked(readOptions<MapOptions & ThreadOptions>(options, asyncMapNames));
}

export const noMapOptions: MapOptions = Object.freeze({
  ...noRunOptions,
  type: undefined,
  out: undefined,
  nulls: undefined,
});

/**
 * As the others, at a small part of their cost for the shape that fast programs use: `{ out }`. It is kept short, since what
 * V8 inlines into a map it takes from a budget.
 */
export function readMapOptions(options: object | undefined): MapOptions {
  if (options === undefined) return noMapOptions;
  if (!hasOnlyOut(options)) {
    return checked(readOptions<MapOptions>(options, mapNames));
  }
  const { out } = options as MapOptions;
  return { type: undefined, out, nulls: undefined, length: undefined, timeout: undefined, edges: undefined };
}

/** Whether the results of a run have bitmaps. Throws RangeError for what is no way of giving missing values. */
export function wantsBitmap({ nulls }: MapOptions): boolean {
  if (nulls === undefined) return false;
  requireOneOf('nulls', nulls, ['nan', 'bitmap']);
  return nulls === 'bitmap';
}

/** @throws TypeError or RangeError for an impossible `timeout`, and for `edges` that are none. */
function checked<T extends RunOptions>(options: T): T {
  if (options.timeout !== undefined) requireTimeout('timeout', options.timeout);
  if (options.edges !== undefined) requireOneOf('edges', options.edges, edgeKinds);
  return options;
}

/** Also of null, which lists nothing. */
export function hasOnlyOut(options: object): boolean {
  let count = 0;
  for (const name in options) {
    if (!hasOwnNamed(options, name) || name !== 'out') return false;
    count++;
  }
  return count === 1;
}

const mostThreads = 64;

/** Unless the caller says otherwise. */
const mostThreadsUnasked = 4;

/**
 * @param given As the functions above read them.
 * @throws TypeError or RangeError for an impossible option.
 */
export function asyncOptions(
  kernels: { deadline(timeout: number | undefined): number },
  given: ThreadOptions & Pick<RunOptions, 'timeout'>,
): AsyncRunOptions {
  const { timeout, threads = Math.min(mostThreadsUnasked, threadCount()), signal, onProgress } = given;
  if (!Number.isInteger(threads) || (threads as number) < 1 || (threads as number) > mostThreads) {
    throw new RangeError(
      `threads must be an integer from 1 to ${mostThreads}, not ${describeValue(threads)}`,
    );
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`signal must be an AbortSignal, not ${describeClass(signal)}`);
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw new TypeError(`onProgress must be a function, not ${describeClass(onProgress)}`);
  }
  return {
    threads: threads as number,
    signal,
    onProgress: onProgress as AsyncRunOptions['onProgress'],
    deadline: kernels.deadline(timeout),
  };
}
