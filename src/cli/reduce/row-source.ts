import type { Encoding } from '../map/encoding.ts';
import type { MapRequest } from '../map/map-rows.ts';
import type { TableRun } from '../map/run-context.ts';
import type { TextForm } from '../map/text-source.ts';

/** A table that is reduced, whatever it is stored as. */
export interface RowSource<Batch> {
  readonly headings: readonly string[];
  readonly text: TableText;
  /** Each is good until the next is asked for. */
  readonly batches: AsyncIterable<Batch>;
  /** @throws CommandFailure for formulas that the columns are not for; ColumnFormulaError. */
  compile(request: MapRequest, run: TableRun): RowFormulas<Batch>;
  /** @throws CommandFailure for a column that has no cells of text. */
  groupColumn(column: number): GroupColumn<Batch>;
}

/** How the table is written that becomes of it, if it is CSV. */
export interface TableText {
  readonly encoding: Encoding;
  readonly form: TextForm;
  readonly delimiter: Uint8Array;
  /** Empty where the table is a single line without an end. */
  readonly lineEnd: Uint8Array;
}

export interface RowFormulas<Batch> {
  /** Whether some formula takes the number of the row, or how many there are. */
  readonly countsRows: boolean;
  map(batch: Batch): Promise<ComputedRows>;
}

/** The values of formulas for rows of a batch. */
export interface ComputedRows {
  /** Those that the filter leaves. */
  readonly rows: Uint32Array;
  /** One for each formula, of these rows. */
  readonly columns: readonly ComputedColumn[];
}

export interface ComputedColumn {
  readonly values: Float64Array;
  /** A bit for each value, least significant first, that is set where it is there; undefined if all are. */
  readonly validity?: Uint8Array | undefined;
}

/** A column by whose cells rows are grouped: numbers, from 0, for what is different in it, in the order in which it first comes. */
export interface GroupColumn<Batch> {
  /** One of each, as CSV has it. */
  readonly cells: readonly Buffer[];
  of(batch: Batch, rows: Uint32Array): Int32Array;
}
