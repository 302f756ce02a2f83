/** Arrays of one run that share memory in a way that is not allowed. */
import { cutText } from '../../support/cut-text.ts';
import { elementAt } from '../../support/element.ts';
import { isSharedBuffer, typedArrayBuffer, typedArrayOffset } from '../../support/intrinsics.ts';
import { elementCode, type NumericArray, sizeOf } from './column-types.ts';
import { KernelError } from './kernel-error.ts';

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

/** Are two arrays on one buffer, or on shared memory, of which there are as many buffers as anybody wants? */
export function mayShareMemory(one: NumericArray, other: NumericArray): boolean {
  const mine = typedArrayBuffer(one);
  const theirs = typedArrayBuffer(other);
  return mine === theirs || (isSharedBuffer(mine) && isSharedBuffer(theirs));
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
