/**
 * Functions of the last rows of a column, in a time that does not grow with their number (van Herk; Gil and Werman, 1993).
 *
 * Rows are taken in blocks as long as the window. Each window is the end of one block and the start of the next, so it is combined of
 * two parts, of which one grows at its front, from the end of a block backwards, and the other at its back. So nothing is ever taken away again:
 * no rounding errors pile up, and what was NaN or infinite is gone when it has left the window.
 */
import type { RollingKind } from '../../lang/row-functions.ts';

/** Results of all rows; the first `window - 1` are NaN. `window` is an integer of at least 1. */
export function rollingOf(kind: RollingKind, values: Float64Array, window: number): Float64Array {
  switch (kind) {
    case 'sum':
      return combined(values, window, (x, y) => x + y);
    case 'mean': {
      const sums = combined(values, window, (x, y) => x + y);
      for (let row = 0; row < sums.length; row++) sums[row] = (sums[row] as number) / window;
      return sums;
    }
    case 'min':
      return combined(values, window, (x, y) => Math.min(x, y));
    case 'max':
      return combined(values, window, (x, y) => Math.max(x, y));
    case 'std':
      return deviations(values, window);
  }
}

function combined(
  values: Float64Array,
  window: number,
  combine: (x: number, y: number) => number,
): Float64Array {
  const rows = values.length;
  const results = new Float64Array(rows).fill(Number.NaN, 0, Math.min(rows, window - 1));
  if (window > rows) return results;
  /** Of the block before: what its rows from each on come to. */
  const ends = new Float64Array(window);
  for (let block = 0; block < rows; block += window) {
    const count = Math.min(window, rows - block);
    let start = values[block] as number;
    for (let i = 0; i < count; i++) {
      if (i > 0) start = combine(start, values[block + i] as number);
      if (i === window - 1) results[block + i] = start;
      else if (block > 0) results[block + i] = combine(ends[i + 1] as number, start);
    }
    if (count < window) break;
    let end = values[block + window - 1] as number;
    ends[window - 1] = end;
    for (let i = window - 2; i >= 0; i--) {
      end = combine(values[block + i] as number, end);
      ends[i] = end;
    }
  }
  return results;
}

/**
 * Of a sample: over `window - 1`. Parts are a count, a mean and a sum of squared differences from it, which are combined as Chan, Golub and
 * LeVeque do (1979).
 */
function deviations(values: Float64Array, window: number): Float64Array {
  const rows = values.length;
  const results = new Float64Array(rows).fill(Number.NaN, 0, Math.min(rows, window - 1));
  if (window > rows) return results;
  const means = new Float64Array(window);
  const squares = new Float64Array(window);
  for (let block = 0; block < rows; block += window) {
    const count = Math.min(window, rows - block);
    let [mean, square] = [0, 0];
    for (let i = 0; i < count; i++) {
      const value = values[block + i] as number;
      const difference = value - mean;
      mean += difference / (i + 1);
      square += difference * (value - mean);
      if (i === window - 1) results[block + i] = Math.sqrt(square / (window - 1));
      else if (block > 0) {
        const apart = mean - (means[i + 1] as number);
        const between = apart * apart * (((i + 1) * (window - 1 - i)) / window);
        results[block + i] = Math.sqrt(((squares[i + 1] as number) + square + between) / (window - 1));
      }
    }
    if (count < window) break;
    [mean, square] = [0, 0];
    for (let i = window - 1; i >= 0; i--) {
      const value = values[block + i] as number;
      const difference = value - mean;
      mean += difference / (window - i);
      square += difference * (value - mean);
      means[i] = mean;
      squares[i] = square;
    }
  }
  return results;
}
