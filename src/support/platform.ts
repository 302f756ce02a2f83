/**
 * What this package takes of its surroundings where these differ: Node.js here, browsers in `platform.browser.ts`. The build for
 * browsers takes each file that has such a twin from there.
 */
import { channel } from 'node:diagnostics_channel';
import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { types } from 'node:util';

/** What objects are, asked of their internal slots. */
export const { isMap, isUint8Array, isPromise, isAsyncFunction, isGeneratorFunction, isSharedArrayBuffer } =
  types;

// Taken now, and read by index: calls are about to be made whose arguments stand in a frame, so nobody's code may run.
const { hrtime } = process;

/** Milliseconds of a clock that never goes back; the one that the addon looks at. */
export function now(): number {
  const time = hrtime();
  return time[0] * 1e3 + time[1] / 1e6;
}

/** Lets whatever is waiting have its turn. */
export function nextTurn(): Promise<void> {
  return setImmediate();
}

/** How many threads can be at work at once. */
export function threadCount(): number {
  return availableParallelism();
}

/** Where what is published reaches whoever listens for the name. */
export const publicChannel: (name: string) => {
  readonly hasSubscribers: boolean;
  publish(message: unknown): void;
  subscribe(listener: (message: unknown) => void): void;
  unsubscribe(listener: (message: unknown) => void): void;
} = channel;
