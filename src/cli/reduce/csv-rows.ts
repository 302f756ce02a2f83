import type { RowBatch } from '../map/csv-scanner.ts';
import type { CsvTable } from '../map/csv-table.ts';
import { RowMapper } from '../map/map-rows.ts';
import { lineEndOf } from '../map/row-formats.ts';
import { CellNumbers } from './cell-numbers.ts';
import type { RowSource } from './row-source.ts';

/** The rows of a table of CSV, for reductions. */
export function csvRows(table: CsvTable): RowSource<RowBatch> {
  const { headings, encoding, form, delimiter, first, batches } = table;
  return {
    headings,
    text: { encoding, form, delimiter, lineEnd: lineEndOf(first) },
    batches,
    compile: (request, run) => new RowMapper(table, request, run),
    groupColumn: (column) => new CellNumbers(column),
  };
}
