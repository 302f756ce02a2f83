/** Which rows are there, where a formula looks at other rows than its own. */
import type { Edges } from '../../lang/row-functions.ts';
import type { Validity } from '../backends/bound-columns.ts';
import { rowAt } from './edges.ts';
import { bitmapLength, setBit } from './validity.ts';

/** The same bits, seen from some rows further on. */
export function fromRow({ bytes, offset }: Validity, row: number): Validity {
  return { bytes, offset: offset + row };
}

/** Is the row there? Not where the bitmap ends before, which its owner may have shortened. */
function isThere({ bytes, offset }: Validity, row: number): boolean {
  const bit = offset + row;
  return ((bytes[Math.floor(bit / 8)] ?? 0) & (1 << (bit % 8))) !== 0;
}

/** Those of {@link elementsAround}: an element that is NaN for want of a row is there. */
export function validityAround(
  validity: Validity,
  first: number,
  count: number,
  rows: number,
  edges: Edges,
): Validity {
  const bytes = new Uint8Array(bitmapLength(count));
  for (let i = 0; i < count; i++) {
    const row = rowAt(first + i, rows, edges);
    if (row < 0 || isThere(validity, row)) setBit(bytes, i);
  }
  return { bytes, offset: 0 };
}

/** Of each row and those before it that its window has: are all of them there? */
export function windowsThere(validity: Validity, window: number, rows: number): Validity {
  const bytes = new Uint8Array(bitmapLength(rows));
  let lastMissing = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < rows; row++) {
    if (!isThere(validity, row)) lastMissing = row;
    if (row - lastMissing >= window) setBit(bytes, row);
  }
  return { bytes, offset: 0 };
}

/** The values of the rows that are there, in order, in the same memory. */
export function onlyThere(values: Float64Array, validity: Validity): Float64Array {
  let count = 0;
  for (let row = 0; row < values.length; row++) {
    if (isThere(validity, row)) values[count++] = values[row] as number;
  }
  return values.subarray(0, count);
}
