/** Where the results of a kernel go: arrays that are given, or made. */
import type { OutputType } from '../../jit/kernel/kernel-spec.ts';
import { cutText } from '../../support/cut-text.ts';
import { describeClass } from '../../support/describe-value.ts';
import { elementAt } from '../../support/element.ts';
import {
  isSharedBuffer,
  typedArrayBuffer,
  typedArrayLength,
  typedArrayOffset,
} from '../../support/intrinsics.ts';
import { requireOneOf } from '../../support/options.ts';
import {
  elementCode,
  fits,
  type NumericArray,
  outputTypeOf,
  outputTypes,
  sizeOf,
} from '../backends/column-types.ts';
import { KernelError } from '../backends/kernel-error.ts';
import { type BoundColumns, requireAttached } from './kernel-columns.ts';

/** What a caller asks for one output. */
export interface RequestedOutput {
  readonly type: OutputType;
  readonly out: NumericArray | undefined;
}

/** @throws TypeError or RangeError for what is no type or no array, and for those that do not go together. */
export function requestOutput(type: unknown, out: unknown, name = 'out'): RequestedOutput {
  if (type !== undefined) requireOneOf('type', type, outputTypes);
  if (out === undefined) return { type: type ?? 'f64', out };
  const code = elementCode(out);
  const called = cutText(name);
  if (code < 0) throw new TypeError(`${called} must be a typed array of numbers, not ${describeClass(out)}`);
  const own = outputTypeOf(code);
  if (type !== undefined && !fits(code, outputTypes.indexOf(type))) {
    throw new TypeError(`${called} has elements of type ${own}, and type asks for ${type}`);
  }
  return { type: type ?? own, out: out as NumericArray };
}

/** How many rows there are: as the columns say, or `length`, or an array for results. */
export function countRows(columns: BoundColumns, length: unknown, out: NumericArray | undefined): number {
  if (length !== undefined && !(Number.isSafeInteger(length) && (length as number) >= 0)) {
    const found = typeof length === 'number' ? String(length) : describeClass(length);
    throw new RangeError(`length must be an integer of at least 0, not ${found}`);
  }
  if (columns.length >= 0) {
    if (length !== undefined && length !== columns.length) {
      throw new KernelError(
        'E_LENGTH_MISMATCH',
        `length is ${length}, and columns have ${columns.length} rows`,
      );
    }
    return columns.length;
  }
  if (length !== undefined) return length as number;
  if (out !== undefined) return typedArrayLength(out);
  throw new KernelError(
    'E_LENGTH_UNKNOWN',
    'without a column, the option length or out must say how many rows there are',
  );
}

export function requireRoom({ out }: RequestedOutput, rows: number, name = 'out'): void {
  if (out === undefined) return;
  const length = typedArrayLength(out);
  if (length === 0) requireAttached(out, name);
  if (length >= rows) return;
  throw new KernelError(
    'E_OUT_TOO_SMALL',
    `${cutText(name)} has ${length} elements, and there are ${rows} rows`,
  );
}

export function isShared(array: NumericArray): boolean {
  return isSharedBuffer(typedArrayBuffer(array));
}

/** Two arrays of a run that must not share memory as they do, as positions among columns and then outputs. */
export function overlapError(columnNames: readonly string[], outputNames: readonly string[]) {
  return (position: number, other: number): KernelError => {
    const nameOf = (at: number): string =>
      at < columnNames.length ? elementAt(columnNames, at) : elementAt(outputNames, at - columnNames.length);
    return new KernelError(
      'E_OVERLAP',
      `${cutText(nameOf(position))} shares memory with ${cutText(nameOf(other))} without being the same elements`,
    );
  };
}

/**
 * The positions of an output and another array that share memory in a way that is not allowed, for runs that write elsewhere
 * first: a column on the same memory that is another buffer is read before anything is delivered, and does no harm.
 */
export function findOverlap(
  columns: readonly NumericArray[],
  outputs: readonly NumericArray[],
  rows: number,
): readonly [output: number, other: number] | undefined {
  const arrays = [...columns, ...outputs];
  for (let output = columns.length; output < arrays.length; output++) {
    const mine = elementAt(arrays, output);
    for (let other = 0; other < output; other++) {
      const theirs = elementAt(arrays, other);
      const size = sizeOf(elementCode(mine));
      const otherSize = sizeOf(elementCode(theirs));
      const begin = typedArrayOffset(mine);
      const otherBegin = typedArrayOffset(theirs);
      if (begin >= otherBegin + rows * otherSize) continue;
      if (otherBegin >= begin + rows * size) continue;
      const isColumn = other < columns.length;
      const buffers = [typedArrayBuffer(mine), typedArrayBuffer(theirs)] as const;
      if (buffers[0] !== buffers[1] && (isColumn || !isSameMemory(...buffers, Math.max(begin, otherBegin))))
        continue;
      const isSame = begin === otherBegin && size === otherSize;
      if (!isSame || !isColumn) return [output, other];
    }
  }
  return undefined;
}

/**
 * Whether two buffers are one memory: of a SharedArrayBuffer `structuredClone` makes as many objects as anybody wants. Nothing
 * but a change tells; so a bit at `offset`, where results are about to be written, is another for a moment.
 */
function isSameMemory(left: ArrayBufferLike, right: ArrayBufferLike, offset: number): boolean {
  if (!isSharedBuffer(left) || !isSharedBuffer(right)) return false;
  const mine = new Uint8Array(left, offset, 1);
  const theirs = new Uint8Array(right, offset, 1);
  return [1, 2].every((bit) => {
    const before = Atomics.xor(mine, 0, bit);
    const seen = Atomics.load(theirs, 0);
    // Not if somebody else has written meanwhile.
    Atomics.compareExchange(mine, 0, before ^ bit, before);
    return seen === (before ^ bit);
  });
}
