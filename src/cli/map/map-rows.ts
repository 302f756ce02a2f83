import { readNumbers } from './cells.ts';
import { rowNames } from './columns.ts';
import type { RowBatch } from './csv-scanner.ts';
import type { CsvTable } from './csv-table.ts';
import type { MappedRows, NewColumn, RowFormat } from './row-formats.ts';
import type { TableRun } from './run-context.ts';
import {
  compileFormulas,
  type FormulaRequest,
  namedColumns,
  rowNumbers,
  type TableFormulas,
} from './table-formulas.ts';

/** What is done with the rows of a table. */
export interface MapRequest extends FormulaRequest {
  /** That may compute; undefined: as many as the engine takes. */
  readonly threads: number | undefined;
}

/**
 * The rows of a table with columns more, batch by batch.
 *
 * Dear rows are computed on other threads, so that signals arrive meanwhile; that of the run stops them.
 *
 * @throws CommandFailure for a table that has no such columns; ColumnFormulaError; what formulas throw.
 */
export class RowMapper {
  readonly #table: CsvTable;
  readonly #request: MapRequest;
  readonly #run: TableRun;
  readonly #formulas: TableFormulas;

  constructor(table: CsvTable, request: MapRequest, run: TableRun) {
    this.#table = table;
    this.#request = request;
    this.#run = run;
    this.#formulas = compileFormulas(run.engine, table.headings, request);
  }

  /** Whether some formula takes the number of the row, or how many there are. */
  get countsRows(): boolean {
    return this.#formulas.countsRows;
  }

  /** For each formula, whether its values are truth values. */
  get areBoolean(): readonly boolean[] {
    return this.#formulas.areBoolean;
  }

  async map(batch: RowBatch): Promise<MappedRows> {
    const { threads } = this.#request;
    const options = { signal: this.#run.signal, ...(threads === undefined ? {} : { threads }) };
    const { rowCount } = batch;
    const { filter, formulas } = this.#formulas;
    const values = this.#read(batch);
    let rows = rowNumbers(rowCount);
    if (filter !== undefined) {
      const columns = namedColumns(filter, values);
      const passes = await filter.f.mapAsync(columns, { ...options, length: rowCount, type: 'mask' });
      rows = rows.filter((row) => passes[row] === 1);
      if (rows.length < rowCount) {
        for (const [column, all] of values) {
          if (typeof all !== 'number') values.set(column, gather(all, rows));
        }
      }
    }
    const columns: NewColumn[] = [];
    for (const formula of formulas) {
      const given = namedColumns(formula, values);
      const results = await formula.f.mapAsync(given, { ...options, length: rows.length });
      values.set(batch.width + columns.length, results);
      columns.push({ values: results, isBoolean: formula.isBoolean });
    }
    this.#run.counts.read += rowCount;
    return { batch, rows, columns };
  }

  #read(batch: RowBatch): Map<number, Float64Array | number> {
    const { encoding, headings } = this.#table;
    const { notNumbers, read } = this.#run.counts;
    const values = new Map<number, Float64Array | number>();
    for (const column of this.#formulas.used) {
      if (column === rowNames.get('index')) {
        values.set(
          column,
          Float64Array.from(rowNumbers(batch.rowCount), (row) => read + row),
        );
      } else if (column === rowNames.get('length')) {
        values.set(column, this.#run.length ?? Number.NaN);
      } else {
        const numbers = readNumbers(batch, column, encoding);
        values.set(column, numbers);
        const missing = countNaN(numbers);
        const heading = headings[column] ?? '';
        if (missing > 0) notNumbers.set(heading, (notNumbers.get(heading) ?? 0) + missing);
      }
    }
    return values;
  }
}

/** The text of a table with its new columns, piece by piece. */
export async function* mapTable(
  { batches }: CsvTable,
  mapper: RowMapper,
  format: RowFormat,
): AsyncGenerator<Uint8Array> {
  yield format.start();
  for await (const batch of batches) yield format.rows(await mapper.map(batch));
}

function gather(values: Float64Array, rows: Uint32Array): Float64Array {
  const gathered = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) gathered[i] = values[rows[i] as number] as number;
  return gathered;
}

function countNaN(values: Float64Array): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i] as number)) count++;
  return count;
}
