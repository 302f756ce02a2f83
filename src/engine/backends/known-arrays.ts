/**
 * Typed arrays whose addresses the addon keeps, so that short calls need not ask for them.
 *
 * An array gets a number when it is used for the second time within a job: an entry of a `WeakMap` is work for the collector, and
 * who passes new arrays each time has nothing of it. A number stands for its array until that was collected, and whoever has
 * the number has the array: so no number is ever used for an array that it does not stand for.
 */

import { ownSession } from '../../native/session.ts';
import { slots } from '../../support/element.ts';
import { isResizableBuffer, soon, typedArrayBuffer, typedArrayLength } from '../../support/intrinsics.ts';
import { columnCode, elementCode, type NumericArray } from './column-types.ts';

/** An array and the number by which the addon knows it. */
export interface KnownArray {
  readonly array: NumericArray;
  readonly number: number;
  /** How many elements it has; if it has none at this place any more, it has lost all. */
  readonly length: number;
  /** Its {@link elementCode}. */
  readonly code: number;
  /** What it is as a column: see {@link columnCode}. */
  readonly columnCode: number;
}

/** Values refer to their keys, which does not keep these alive. The methods are taken now: later they may be somebody else's. */
const known = new WeakMap<object, KnownArray>();
const setKnown = known.set.bind(known);

/** What is known of a value; undefined for all but arrays that were told to {@link knowArray}. */
export const knownArray: (value: unknown) => KnownArray | undefined = known.get.bind(known) as (
  value: unknown,
) => KnownArray | undefined;

const collected = new FinalizationRegistry<number>((number) => ownSession().forgetArray(number));
// Whoever got hold of the registry could give numbers back whose arrays are alive.
const register = collected.register.bind(collected);

const { freeze } = Object;

/** That V8 leaves elements where they are is known (see ADR 25); of JavaScriptCore it is not. */
const elementsStay = process.versions['bun'] === undefined;

/**
 * An array as the addon knows it from now on; undefined for what it cannot know, and for arrays whose length may change. May run
 * code of others.
 */
export function knowArray(value: object): KnownArray | undefined {
  const before = knownArray(value);
  const code = elementCode(value);
  if (before !== undefined || code < 0 || !elementsStay) return before;
  const array = value as NumericArray;
  if (isResizableBuffer(typedArrayBuffer(array))) return undefined;
  const number = ownSession().knowArray(array);
  if (number < 0) return undefined;
  const entry: KnownArray = freeze({
    array,
    number,
    length: typedArrayLength(array),
    code,
    columnCode: columnCode(code),
  });
  register(array, number);
  setKnown(array, entry);
  return entry;
}

/** Longer arrays have nothing of it: their rows take more than the call. */
const mostElements = 1 << 14;

/** Those of this job, if it is watched. They are kept until it ends, so they are few and short. */
const recent: (object | undefined)[] = slots(8);
let next = 0;
let isWatched = false;

/** To watch a job costs as much as a call, so one of so many uses begins it. */
const watchEvery = 16;
let uses = 0;

/**
 * Says that a value, if it is an array, was used without being known: if this is the second time, it is known from now on. May run
 * code of others.
 */
export function noteUse(value: unknown): void {
  if (typeof value !== 'object' || value === null || knownArray(value) !== undefined) return;
  if (elementCode(value) < 0 || typedArrayLength(value) > mostElements) return;
  if (!isWatched && !startWatching()) return;
  for (let i = 0; i < recent.length; i++) {
    if (recent[i] !== value) continue;
    recent[i] = undefined;
    knowArray(value);
    return;
  }
  recent[next] = value;
  next = (next + 1) % recent.length;
}

function startWatching(): boolean {
  if (uses++ % watchEvery !== 0) return false;
  soon(stopWatching);
  isWatched = true;
  return true;
}

function stopWatching(): void {
  isWatched = false;
  for (let i = 0; i < recent.length; i++) recent[i] = undefined;
}
