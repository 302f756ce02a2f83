import { Engine } from '../../index.ts';
import { CommandFailure } from '../command.ts';
import { type ColumnFormula, columnNames, compileOverColumns, numberOf } from './columns.ts';

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

/** A row that was computed. */
export interface MappedRow {
  readonly cells: readonly string[];
  readonly value: number;
}

/** Writes rows in some format. */
export interface RowFormat {
  start(headings: readonly string[]): string;
  rows(rows: readonly MappedRow[], isBoolean: boolean): string;
}

/** What became of the rows. */
export interface MapCounts {
  read: number;
  written: number;
  /** Cells that were used and are no numbers, by heading. */
  readonly notNumbers: Map<string, number>;
}

/** The text of a table with a column more, batch by batch. `records` are its rows, the headings first. */
export async function* mapRows(
  records: AsyncIterable<string[]>,
  { formula, filter, heading }: MapRequest,
  format: RowFormat,
  counts: MapCounts,
): AsyncGenerator<string> {
  using engine = new Engine();
  let batch: string[][] = [];
  let mapper: BatchMapper | undefined;
  for await (const record of records) {
    if (mapper === undefined) {
      if (record.includes(heading))
        throw new CommandFailure(`there is a column '${heading}' already; see --as`);
      const names = columnNames(record);
      const condition = filter === undefined ? undefined : compileOverColumns(engine, filter, names);
      mapper = new BatchMapper(record, compileOverColumns(engine, formula, names), condition, counts);
      yield format.start([...record, heading]);
    } else if (batch.push(record) === batchSize) {
      yield format.rows(mapper.map(batch), mapper.isBoolean);
      batch = [];
    }
  }
  if (mapper === undefined)
    throw new CommandFailure('the table is empty; its first line must be the headings');
  if (batch.length > 0) yield format.rows(mapper.map(batch), mapper.isBoolean);
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

  map(batch: readonly (readonly string[])[]): MappedRow[] {
    const table = new Map<number, Float64Array>();
    for (const column of this.#used) table.set(column, this.#column(batch, column));
    const kept = this.#keptRows(table, batch.length);
    if (kept.length < batch.length) {
      for (const [column, values] of table) table.set(column, gather(values, kept));
    }
    const { f } = this.#formula;
    const values = f.map(namedColumns(this.#formula, table), { length: kept.length });
    this.#counts.read += batch.length;
    this.#counts.written += kept.length;
    return Array.from(kept, (row, index) => ({
      cells: batch[row] ?? [],
      value: values[index] ?? Number.NaN,
    }));
  }

  /** Indices of the rows that the filter lets pass. */
  #keptRows(table: ReadonlyMap<number, Float64Array>, length: number): Uint32Array {
    const filter = this.#filter;
    if (filter === undefined) return Uint32Array.from({ length }, (_, row) => row);
    return filter.f.select(namedColumns(filter, table), { length });
  }

  #column(batch: readonly (readonly string[])[], column: number): Float64Array {
    const values = Float64Array.from(batch, (cells) => numberOf(cells[column] ?? ''));
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
