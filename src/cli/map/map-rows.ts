import { CommandFailure } from '../command.ts';
import { readNumbers } from './cells.ts';
import { type ColumnFormula, ColumnNames, compileOverColumns, rowNames } from './columns.ts';
import type { RowBatch } from './csv-scanner.ts';
import type { CsvTable } from './csv-table.ts';
import type { MappedRows, NewColumn, RowFormat } from './row-formats.ts';
import type { TableRun } from './table-run.ts';

/** A column that is computed. */
export interface Output {
  /** By which those after it know it; undefined: they do not. */
  readonly heading: string | undefined;
  readonly formula: string;
}

/** What is done with the rows of a table. */
export interface MapRequest {
  /** Each may use those before it; all of them have headings, or none. */
  readonly outputs: readonly Output[];
  /** Rows for which this is false are left out. */
  readonly filter: string | undefined;
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
  readonly #filter: ColumnFormula | undefined;
  readonly #formulas: readonly ColumnFormula[];
  /** Indices of the columns of the table that some formula uses. */
  readonly #used: readonly number[];

  constructor(table: CsvTable, request: MapRequest, run: TableRun) {
    this.#table = table;
    this.#request = request;
    this.#run = run;
    const { engine } = run;
    const { headings } = table;
    const { outputs, filter } = request;
    for (const { heading } of outputs) {
      if (heading !== undefined && headings.includes(heading)) {
        throw new CommandFailure(`there is a column '${heading}' already; see --as`);
      }
    }
    let names = new ColumnNames(headings);
    this.#filter = filter === undefined ? undefined : compileOverColumns(engine, filter, names);
    this.#formulas = outputs.map(({ heading, formula }) => {
      const compiled = compileOverColumns(engine, formula, names);
      if (heading !== undefined) names = names.with(heading);
      return compiled;
    });
    const all = [...this.#formulas, this.#filter].flatMap((each) => each?.columns ?? []);
    this.#used = [...new Set(all)].filter((column) => column < headings.length);
  }

  /** Whether some formula takes the number of the row, or how many there are. */
  get countsRows(): boolean {
    return this.#used.some((column) => column < 0);
  }

  async map(batch: RowBatch): Promise<MappedRows> {
    const { threads } = this.#request;
    const options = { signal: this.#run.signal, ...(threads === undefined ? {} : { threads }) };
    const { rowCount } = batch;
    const values = this.#read(batch);
    let rows = rowNumbers(rowCount);
    if (this.#filter !== undefined) {
      const columns = namedColumns(this.#filter, values);
      const passes = await this.#filter.f.mapAsync(columns, { ...options, length: rowCount, type: 'mask' });
      rows = rows.filter((row) => passes[row] === 1);
      if (rows.length < rowCount) {
        for (const [column, all] of values) {
          if (typeof all !== 'number') values.set(column, gather(all, rows));
        }
      }
    }
    const columns: NewColumn[] = [];
    for (const formula of this.#formulas) {
      const given = namedColumns(formula, values);
      const results = await formula.f.mapAsync(given, { ...options, length: rows.length });
      values.set(batch.width + columns.length, results);
      columns.push({ values: results, isBoolean: formula.f.resultType === 'boolean' });
    }
    this.#run.counts.read += rowCount;
    return { batch, rows, columns };
  }

  #read(batch: RowBatch): Map<number, Float64Array | number> {
    const { encoding, headings } = this.#table;
    const { notNumbers, read } = this.#run.counts;
    const values = new Map<number, Float64Array | number>();
    for (const column of this.#used) {
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

/** The columns of a formula by the names of its parameters. */
function namedColumns(
  { f, columns }: ColumnFormula,
  values: ReadonlyMap<number, Float64Array | number>,
): Record<string, Float64Array | number> {
  return Object.fromEntries(
    f.parameters.map((name, i) => [name, values.get(columns[i] as number) ?? Number.NaN]),
  );
}

function rowNumbers(count: number): Uint32Array {
  const rows = new Uint32Array(count);
  for (let row = 0; row < count; row++) rows[row] = row;
  return rows;
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
