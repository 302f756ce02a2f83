import { invariant } from '../../support/invariant.ts';

/** A constant table that functions of the math library look rows of doubles up in. */
export interface Table {
  readonly name: string;
  /** A power of two. */
  readonly rows: number;
  readonly columns: number;
  /** Row by row. */
  readonly values: Float64Array;
}

/** The rows one behind the other. */
export function table(name: string, columns: number, values: readonly number[]): Table {
  const rows = values.length / columns;
  invariant(Number.isInteger(Math.log2(rows)), `${name} has 2^n rows`);
  return Object.freeze({ name, rows, columns, values: Float64Array.from(values) });
}
