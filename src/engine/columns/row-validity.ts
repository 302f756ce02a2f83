/** Which rows are there, where a formula looks at other rows than its own. */
import type { Edges } from '../../lang/row-functions.ts';
import type { Validity } from '../backends/bound-columns.ts';
import { rowAt } from './edges.ts';
import { bitmapLength, setBit } from './validity.ts';

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

/** By the bitmap of all rows: are all there of each row and those before it that its window has? */
export function windowsThere(bitmap: Uint8Array, window: number, rows: number): Validity {
  const bytes = new Uint8Array(bitmapLength(rows));
  const validity = { bytes: bitmap, offset: 0 };
  let lastMissing = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < rows; row++) {
    if (!isThere(validity, row)) lastMissing = row;
    if (row - lastMissing >= window) setBit(bytes, row);
  }
  return { bytes, offset: 0 };
}
