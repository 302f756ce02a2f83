import { Engine } from '../../index.ts';
import { CommandFailure } from '../command.ts';
import {
  type ColumnFormula,
  ColumnNames,
  compileOverColumns,
  numberOf,
  rejectDuplicates,
} from './columns.ts';
import type { CsvRow } from './csv-reader.ts';
import type { MappedRow, RowFormat } from './row-formats.ts';

/** Rows that are computed together. */
const batchSize = 4096;

/** What is done with the rows of a table. */
export interface MapRequest {
  readonly formula: string;
  /** Rows for which this is false are left out. */
  readonly filter: string | undefined;
  /** Heading of the new column. */
  readonly heading: string;
}

/** What became of the rows. */
export interface MapCounts {
  read: number;
  written: number;
  /** Cells that were used and are no numbers, by heading. */
  readonly notNumbers: Map<string, number>;
}

/**
 * The text of a table with a column more, batch by batch. `batches` are its rows, the headings first.
 *
 * A blank line is a row of one empty cell where there is one column. Where there are more it is none and is left out, as it is
 * before the headings.
 *
 * Dear rows are computed on other threads, so that signals arrive meanwhile; `signal` stops them.
 *
 * @throws CommandFailure for a table that is none, or has no such columns; CompileError; what the formula throws.
 */
export async function* mapRows(
  batches: AsyncIterable<readonly CsvRow[]>,
  request: MapRequest,
  format: RowFormat,
  counts: MapCounts,
  signal?: AbortSignal,
): AsyncGenerator<string> {
  using engine = new Engine();
  let batch: CsvRow[] = [];
  let mapper: BatchMapper | undefined;
  for await (const rows of batches) {
    for (const row of rows) {
      if (row.text === '' && mapper?.width !== 1) continue;
      if (mapper === undefined) {
        mapper = mapperFor(engine, row.cells, request, format, counts);
        yield format.start(row, request.heading);
        continue;
      }
      if (row.cells.length !== mapper.width) throw raggedRow(row, mapper.width);
      if (batch.push(row) < batchSize) continue;
      yield format.rows(await mapper.map(batch, signal), mapper.isBoolean);
      batch = [];
    }
  }
  if (mapper === undefined)
    throw new CommandFailure('the table is empty; its first line must be the headings');
  if (batch.length > 0) yield format.rows(await mapper.map(batch, signal), mapper.isBoolean);
}

function mapperFor(
  engine: Engine,
  headings: readonly string[],
  { formula, filter, heading }: MapRequest,
  { needsUniqueHeadings }: RowFormat,
  counts: MapCounts,
): BatchMapper {
  rejectDuplicates(headings, needsUniqueHeadings);
  if (headings.includes(heading))
    throw new CommandFailure(`there is a column '${heading}' already; see --as`);
  const names = new ColumnNames(headings);
  const condition = filter === undefined ? undefined : compileOverColumns(engine, filter, names);
  return new BatchMapper(headings, compileOverColumns(engine, formula, names), condition, counts);
}

function raggedRow({ line, cells }: CsvRow, width: number): CommandFailure {
  const found = cells.length === 1 ? '1 cell' : `${cells.length} cells`;
  return new CommandFailure(
    `line ${line}: ${found}, but there ${width === 1 ? 'is 1 heading' : `are ${width} headings`}`,
  );
}

class BatchMapper {
  readonly isBoolean: boolean;
  readonly #headings: readonly string[];
  readonly #formula: ColumnFormula;
  readonly #filter: ColumnFormula | undefined;
  /** Indices of the columns that either uses. */
  readonly #used: ReadonlySet<number>;
  readonly #counts: MapCounts;

  constructor(
    headings: readonly string[],
    formula: ColumnFormula,
    filter: ColumnFormula | undefined,
    counts: MapCounts,
  ) {
    this.isBoolean = formula.f.resultType === 'boolean';
    this.#headings = headings;
    this.#formula = formula;
    this.#filter = filter;
    this.#used = new Set([...formula.columns, ...(filter?.columns ?? [])]);
    this.#counts = counts;
  }

  /** Cells in a row. */
  get width(): number {
    return this.#headings.length;
  }

  async map(batch: readonly CsvRow[], signal: AbortSignal | undefined): Promise<MappedRow[]> {
    const table = new Map<number, Float64Array>();
    for (const column of this.#used) table.set(column, this.#column(batch, column));
    const options = signal === undefined ? {} : { signal };
    const kept = await this.#keptRows(table, { ...options, length: batch.length });
    if (kept.length < batch.length) {
      for (const [column, values] of table) table.set(column, gather(values, kept));
    }
    const { f } = this.#formula;
    const values = await f.mapAsync(namedColumns(this.#formula, table), { ...options, length: kept.length });
    this.#counts.read += batch.length;
    this.#counts.written += kept.length;
    return Array.from(kept, (row, index) => ({
      row: batch[row] as CsvRow,
      value: values[index] ?? Number.NaN,
    }));
  }

  /** Indices of the rows that the filter lets pass. */
  async #keptRows(
    table: ReadonlyMap<number, Float64Array>,
    options: { readonly length: number; readonly signal?: AbortSignal },
  ): Promise<Uint32Array> {
    const filter = this.#filter;
    const rows = Uint32Array.from({ length: options.length }, (_, row) => row);
    if (filter === undefined) return rows;
    const passes = await filter.f.mapAsync(namedColumns(filter, table), { ...options, type: 'mask' });
    return rows.filter((row) => passes[row] === 1);
  }

  #column(batch: readonly CsvRow[], column: number): Float64Array {
    const values = Float64Array.from(batch, ({ cells }) => numberOf(cells[column] ?? ''));
    let missing = 0;
    for (const value of values) if (Number.isNaN(value)) missing++;
    if (missing > 0) {
      const { notNumbers } = this.#counts;
      const heading = this.#headings[column] ?? '';
      notNumbers.set(heading, (notNumbers.get(heading) ?? 0) + missing);
    }
    return values;
  }
}

/** The columns of a formula by the names of its parameters. */
function namedColumns(
  { f, columns }: ColumnFormula,
  table: ReadonlyMap<number, Float64Array>,
): Record<string, Float64Array> {
  return Object.fromEntries(
    f.parameters.map((name, i) => [name, table.get(columns[i] as number) ?? new Float64Array()]),
  );
}

function gather(values: Float64Array, rows: Uint32Array): Float64Array {
  return Float64Array.from(rows, (row) => values[row] ?? Number.NaN);
}
