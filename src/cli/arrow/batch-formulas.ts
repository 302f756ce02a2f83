import {
  type Data,
  type Field,
  makeData,
  type RecordBatch,
  type Schema,
  type Struct,
  Vector,
} from 'apache-arrow';
import type { NullableArray, ResultArrays } from '../../browser.ts';
import { CommandFailure } from '../command.ts';
import { rowNames } from '../map/columns.ts';
import type { MapRequest } from '../map/map-rows.ts';
import type { TableRun } from '../map/run-context.ts';
import { compileFormulas, namedColumns, rowNumbers, type TableFormulas } from '../map/table-formulas.ts';
import { gatherRows } from './gather-rows.ts';
import { unreadable } from './ipc-failure.ts';
import type { Results } from './make-batch.ts';

/** What formulas make of a batch. */
export interface BatchResults {
  /** Those of the batch that the filter leaves. */
  readonly rows: Uint32Array;
  /** One for each formula, of these rows. */
  readonly results: readonly Results[];
  /** A column of the batch, of these rows. */
  columnAt(column: number): Data;
}

/** What a formula takes a column from. */
type Column = Vector | NullableArray | Float64Array | number;

/** Rows of a batch that numbers of rows fit into. */
const mostRows = 2 ** 31 - 1;

/**
 * Formulas over the columns of batches.
 *
 * @throws CommandFailure for a schema whose types they cannot take; ColumnFormulaError.
 */
export class BatchFormulas {
  readonly #formulas: TableFormulas;
  readonly #request: MapRequest;
  readonly #run: TableRun;

  constructor({ fields }: Schema, request: MapRequest, run: TableRun) {
    const headings = fields.map(({ name }) => name);
    this.#request = request;
    this.#run = run;
    this.#formulas = compileFormulas(run.engine, headings, request);
    requireTypes(this.#formulas, fields);
  }

  /** Whether some formula takes the number of the row, or how many there are. */
  get countsRows(): boolean {
    return this.#formulas.countsRows;
  }

  /** For each formula, whether its results are truth values. */
  get areBoolean(): readonly boolean[] {
    return this.#formulas.areBoolean;
  }

  async compute({ data, numRows }: RecordBatch): Promise<BatchResults> {
    const { counts, signal } = this.#run;
    const { threads } = this.#request;
    const { filter, formulas } = this.#formulas;
    if (numRows > mostRows) throw new CommandFailure(`a batch of ${numRows} rows is too large`);
    const options = { signal, nulls: 'bitmap', ...(threads === undefined ? {} : { threads }) } as const;
    let rows = rowNumbers(numRows);
    let columnAt = (column: number): Data => data.children[column] as Data;
    if (filter !== undefined) {
      const given = namedColumns(filter, this.#values(columnAt, rows));
      const { values } = (await filter.f.mapAsync(given, {
        ...options,
        length: numRows,
        type: 'mask',
      })) as NullableArray<ResultArrays['mask']>;
      // A row whose answer is missing has 0 there.
      rows = rows.filter((row) => values[row] === 1);
      if (rows.length < numRows) {
        const gathered = new Map<number, Data>();
        columnAt = (column) => {
          const known = gathered.get(column) ?? gatherRows(data.children[column] as Data, rows);
          gathered.set(column, known);
          return known;
        };
      }
    }
    const values = this.#values(columnAt, rows);
    const results: Results[] = [];
    for (const formula of formulas) {
      const result = (await formula.f.mapAsync(namedColumns(formula, values), {
        ...options,
        length: rows.length,
        type: formula.isBoolean ? 'mask' : 'f64',
      })) as NullableArray<Uint8Array | Float64Array>;
      values.set(data.children.length + results.length, result);
      results.push(result);
    }
    counts.read += numRows;
    return { rows, results, columnAt };
  }

  #values(columnAt: (column: number) => Data, rows: Uint32Array): Map<number, Column> {
    const { counts, length = Number.NaN } = this.#run;
    return new Map(
      this.#formulas.used.map((column): [number, Column] => {
        if (column === rowNames.get('index'))
          return [column, Float64Array.from(rows, (row) => counts.read + row)];
        if (column === rowNames.get('length')) return [column, length];
        return [column, new Vector([columnAt(column)])];
      }),
    );
  }
}

/** Formulas over no rows say which types they cannot take. */
function requireTypes({ filter, formulas, used }: TableFormulas, fields: readonly Field[]): void {
  const values = new Map<number, Column>();
  for (const column of used) {
    // Those below 0 count rows.
    if (column >= 0) values.set(column, emptyColumn(fields[column] as Field));
  }
  try {
    for (const formula of [filter, ...formulas]) formula?.f.map(namedColumns(formula, values), { length: 0 });
  } catch (error) {
    throw error instanceof TypeError ? new CommandFailure(error.message) : error;
  }
}

/** The library throws errors of no kind of their own for types that there are not. */
function emptyColumn({ name, type }: Field): Vector {
  try {
    return new Vector([makeData({ type } as { type: Struct })]);
  } catch (error) {
    throw unreadable(`the type of '${name}' is unknown (${error instanceof Error ? error.message : ''})`);
  }
}
