import { createSharedMemory, setTypedArray } from '../../support/intrinsics.ts';
import type { NumericArray } from '../backends/column-types.ts';

/** Behind the elements there is room for the one that is loaded along with the last, and for a row 0 where there are none (see `jit/opt/legalise/elements.ts`). */
export const spareElements = 2;

/**
 * All elements of a column as doubles, for code that takes any of them: in memory of our own, which keeps its length; shared, so that it goes to
 * other threads as it is.
 */
export function createElements(elements: NumericArray): Float64Array {
  const all = noElements(elements.length);
  setTypedArray(all, elements);
  return all;
}

export function noElements(rows: number): Float64Array {
  return new Float64Array(createSharedMemory((rows + spareElements) * 8));
}
