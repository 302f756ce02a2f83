/**
 * Functions of the last rows of a column, in a time that does not grow with their number (van Herk; Gil and Werman, 1993).
 *
 * Rows are taken in blocks as long as the window. Each window is the end of one block and the start of the next, so it is combined of
 * two parts, of which one grows at its front, from the end of a block backwards, and the other at its back. So nothing is ever taken away again:
 * no rounding errors pile up, and what was NaN or infinite is gone when it has left the window.
 */
import type { RollingKind } from '../../lang/row-functions.ts';

/**
 * Turns the values of all rows into results; the first `window - 1` become NaN. `window` is an integer of at least 1.
 *
 * Blocks go from the last to the first, so that the one in front is still there when its ends are needed: fresh memory takes longer than
 * all the rest.
 */
export function roll(kind: RollingKind, values: Float64Array, window: number): void {
  switch (kind) {
    case 'sum':
      rollSums(values, window);
      break;
    case 'mean':
      rollSums(values, window);
      for (let row = 0; row < values.length; row++) values[row] = (values[row] as number) / window;
      break;
    case 'min':
      rollMinima(values, window);
      break;
    case 'max':
      negate(values);
      rollMinima(values, window);
      negate(values);
      break;
    case 'std':
      rollDeviations(values, window);
      break;
  }
  values.fill(Number.NaN, 0, Math.min(values.length, window - 1));
}

/** Where the last block begins. */
function lastBlock(rows: number, window: number): number {
  return rows === 0 ? 0 : Math.floor((rows - 1) / window) * window;
}

function negate(values: Float64Array): void {
  for (let row = 0; row < values.length; row++) values[row] = -(values[row] as number);
}

// Loops of their own, since one that calls a function, now this and now that, takes ten times as long.

function rollSums(values: Float64Array, window: number): void {
  const rows = values.length;
  /** Of the block in front, from each row to its end; the last one is of no row. */
  const ends = new Float64Array(Math.min(window, rows) + 1);
  for (let block = lastBlock(rows, window); block >= 0; block -= window) {
    let sum = 0;
    for (let i = window - 1; i > 0 && block > 0; i--) {
      sum += values[block - window + i] as number;
      ends[i] = sum;
    }
    ends[window] = -0;
    const end = Math.min(block + window, rows);
    sum = -0;
    for (let row = block; row < end; row++) {
      sum += values[row] as number;
      values[row] = (ends[row - block + 1] as number) + sum;
    }
  }
}

function rollMinima(values: Float64Array, window: number): void {
  const rows = values.length;
  const ends = new Float64Array(Math.min(window, rows) + 1);
  for (let block = lastBlock(rows, window); block >= 0; block -= window) {
    let least = Number.POSITIVE_INFINITY;
    for (let i = window - 1; i > 0 && block > 0; i--) {
      least = Math.min(least, values[block - window + i] as number);
      ends[i] = least;
    }
    ends[window] = Number.POSITIVE_INFINITY;
    const end = Math.min(block + window, rows);
    least = Number.POSITIVE_INFINITY;
    for (let row = block; row < end; row++) {
      least = Math.min(least, values[row] as number);
      values[row] = Math.min(ends[row - block + 1] as number, least);
    }
  }
}

/**
 * The square root of the mean of squared differences from the mean. Parts are a count, a mean and a sum of squared differences from it, which are combined as Chan, Golub and
 * LeVeque do (1979).
 */
function rollDeviations(values: Float64Array, window: number): void {
  const rows = values.length;
  const means = new Float64Array(Math.min(window, rows) + 1);
  const squares = new Float64Array(Math.min(window, rows) + 1);
  for (let block = lastBlock(rows, window); block >= 0; block -= window) {
    let mean = 0;
    let square = 0;
    for (let i = window - 1; i > 0 && block > 0; i--) {
      const value = values[block - window + i] as number;
      const difference = value - mean;
      mean += difference / (window - i);
      square += difference * (value - mean);
      means[i] = mean;
      squares[i] = square;
    }
    means[window] = 0;
    squares[window] = 0;
    const end = Math.min(block + window, rows);
    mean = 0;
    square = 0;
    for (let row = block; row < end; row++) {
      const i = row - block;
      const value = values[row] as number;
      const difference = value - mean;
      mean += difference / (i + 1);
      square += difference * (value - mean);
      const apart = mean - (means[i + 1] as number);
      const between = i === window - 1 ? 0 : apart * apart * (((i + 1) * (window - 1 - i)) / window);
      values[row] = Math.sqrt(((squares[i + 1] as number) + square + between) / window);
    }
  }
}
