/** What callers may tell a run, read and checked. Of what this returns, only the values are the caller's. */
import { availableParallelism } from 'node:os';
import { describeValue } from '../support/describe-value.ts';
import { optionNames, ownOptions, readOptions } from '../support/options.ts';
import { describe } from './kernel-columns.ts';
import type { AsyncRunOptions } from './loaded-kernel.ts';

/** Values as they come: they are checked where they are used. */
export interface RunOptions {
  readonly length?: unknown;
}

export interface MapOptions extends RunOptions {
  readonly type?: unknown;
  readonly out?: unknown;
}

export interface ThreadOptions {
  readonly threads?: unknown;
  readonly signal?: unknown;
  readonly onProgress?: unknown;
}

const ofMap = { type: true, out: true, length: true } as const;
const ofThreads = { threads: true, signal: true, onProgress: true } as const;

const runNames = optionNames<RunOptions>({ length: true });
const asyncRunNames = optionNames<RunOptions & ThreadOptions>({ length: true, ...ofThreads });
const mapNames = optionNames<MapOptions>(ofMap);
const asyncMapNames = optionNames<MapOptions & ThreadOptions>({ ...ofMap, ...ofThreads });

const noRunOptions: RunOptions = Object.freeze({ length: undefined });

export function readRunOptions(options: object | undefined): RunOptions {
  return options === undefined ? noRunOptions : readOptions<RunOptions>(options, runNames);
}

export function readAsyncRunOptions(options: object | undefined): RunOptions & ThreadOptions {
  return readOptions<RunOptions & ThreadOptions>(options, asyncRunNames);
}

export function readAsyncMapOptions(options: object | undefined): MapOptions & ThreadOptions {
  return readOptions<MapOptions & ThreadOptions>(options, asyncMapNames);
}

/** Has an `out` only if somebody put it there. */
const ofAllObjects: MapOptions = Object.prototype;

/**
 * As the others, at a small part of their cost for the shape that fast programs use: `{ out }`. It is kept short, since what
 * V8 inlines into a map it takes from a budget.
 */
export function readMapOptions(options: object | undefined): MapOptions {
  if (options === undefined || options === null) return readOptions<MapOptions>(options, mapNames);
  const { type, out, length }: MapOptions = options;
  if (type === undefined && length === undefined && hasOnlyOut(options)) return { type, out, length };
  return ownOptions({ type, out, length }, options, mapNames);
}

function hasOnlyOut(options: object): boolean {
  let count = 0;
  for (const name in options) count += name === 'out' ? 1 : 2;
  return count === 1 && ofAllObjects.out === undefined;
}

const mostThreads = 64;

/** Threads of libuv's pool, unless `UV_THREADPOOL_SIZE` says otherwise. */
const poolThreads = 4;

/** @throws TypeError or RangeError for an impossible option. */
export function asyncOptions(options: ThreadOptions): AsyncRunOptions {
  const { threads = Math.min(poolThreads, availableParallelism()), signal, onProgress } = options;
  if (!Number.isInteger(threads) || (threads as number) < 1 || (threads as number) > mostThreads) {
    throw new RangeError(
      `threads must be an integer from 1 to ${mostThreads}, not ${describeValue(threads)}`,
    );
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
  };
}
