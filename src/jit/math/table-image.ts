/** Tables as machine code has them in memory: row by row, and behind that column by column. */
import { elementAt } from '../../support/element.ts';
import type { Table } from './table.ts';

/** Entries of a column that one instruction picks from. Shorter columns are repeated. */
export const pickedTogether = 16;

/** Where the copy of a column stands, in doubles from the start of the table; see `tableImage`. */
export function columnOffset({ rows, columns }: Table, column: number): number {
  return rows * columns + column * Math.max(rows, pickedTogether);
}

/**
 * The table as it stands in memory: its rows, a number more, since rows are read in pairs, and if lanes are picked from columns, these.
 */
export function tableImage(table: Table, hasColumns: boolean): Float64Array {
  const { rows, columns, values } = table;
  const image = new Float64Array(hasColumns ? columnOffset(table, columns) : rows * columns + 1);
  image.set(values);
  if (!hasColumns) return image;
  for (let column = 0; column < columns; column++) {
    const start = columnOffset(table, column);
    for (let row = 0; row < Math.max(rows, pickedTogether); row++) {
      image[start + row] = elementAt(values, (row & (rows - 1)) * columns + column);
    }
  }
  return image;
}
