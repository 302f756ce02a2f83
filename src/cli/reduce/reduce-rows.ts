import { CommandFailure } from '../command.ts';
import { formatJson, formatResult } from '../format-result.ts';
import { ColumnNames, rejectDuplicates } from '../map/columns.ts';
import type { CsvTable } from '../map/csv-table.ts';
import { latin1, requireText, utf8 } from '../map/encoding.ts';
import { isJsonNumber } from '../map/json-number.ts';
import { RowMapper } from '../map/map-rows.ts';
import { newlineOf, quoteCell } from '../map/row-formats.ts';
import type { TableRun } from '../map/table-run.ts';
import { type Accumulator, createAccumulator } from './accumulators.ts';
import type { Aggregate } from './aggregate.ts';
import { Groups } from './groups.ts';

export interface NamedAggregate extends Aggregate {
  readonly heading: string;
}

/** What is made of the rows of a table. */
export interface ReduceRequest {
  readonly aggregates: readonly NamedAggregate[];
  /** Columns by whose cells rows are grouped: headings, or names as formulas have them. */
  readonly by: readonly string[];
  readonly filter: string | undefined;
  readonly threads: number | undefined;
  readonly json: boolean;
}

/** Groups that are written together. */
const pieceSize = 4096;

/**
 * The text of the table of groups: the cells that each has in common, and its aggregates.
 *
 * @throws CommandFailure for a table that has no such columns; ColumnFormulaError; what formulas throw.
 */
export async function* reduceTable(
  table: CsvTable,
  request: ReduceRequest,
  run: TableRun,
): AsyncGenerator<Uint8Array> {
  const { filter, threads, aggregates } = request;
  const outputs = aggregates.map(({ formula }) => ({ heading: undefined, formula }));
  rejectDuplicates(table.headings, false);
  const mapper = new RowMapper(table, { outputs, filter, threads }, run);
  const columns = columnsOf(table, request.by);
  const headings = columns.map((column) => table.headings[column] as string);
  for (const { heading } of aggregates) {
    if (headings.includes(heading)) {
      throw new CommandFailure(`there is a column '${heading}' already; see --as`);
    }
  }
  const write = request.json
    ? jsonWriter([...headings, ...aggregates.map(({ heading }) => heading)], table)
    : csvWriter(columns, request, table);
  const groups = new Groups(columns);
  const accumulators = aggregates.map(({ kind }) => createAccumulator(kind));
  for await (const batch of table.batches) {
    const { rows, columns: values } = await mapper.map(batch);
    const numbers = groups.of(batch, rows);
    for (const [index, accumulator] of accumulators.entries()) {
      accumulator.grow(groups.count);
      accumulator.add((values[index] as { values: Float64Array }).values, numbers);
    }
  }
  yield write.start;
  for (let start = 0; start < groups.count; start += pieceSize) {
    const pieces: Uint8Array[] = [];
    for (let group = start; group < Math.min(start + pieceSize, groups.count); group++) {
      pieces.push(write.row(groups.cells(group), resultsOf(accumulators, group)));
    }
    yield Buffer.concat(pieces);
  }
}

function resultsOf(accumulators: readonly Accumulator[], group: number): (number | boolean)[] {
  return accumulators.map((accumulator) => {
    accumulator.grow(group + 1);
    return accumulator.result(group);
  });
}

function columnsOf({ headings }: CsvTable, by: readonly string[]): number[] {
  const names = new ColumnNames(headings);
  return by.map((name) => {
    const exact = headings.indexOf(name);
    const column = exact >= 0 ? exact : names.find(name);
    if (column !== undefined && column >= 0) return column;
    throw new CommandFailure(`there is no column '${name}' to group by; there are ${headings.join(', ')}`);
  });
}

interface GroupWriter {
  readonly start: Uint8Array;
  row(cells: readonly Buffer[], results: readonly (number | boolean)[]): Uint8Array;
}

/** Cells and headings of the table as they are written there. */
function csvWriter(
  columns: readonly number[],
  { aggregates }: ReduceRequest,
  { headings, encoding, delimiter, first }: CsvTable,
): GroupWriter {
  const text = encoding.decode(delimiter);
  const cellOf = (content: string): Buffer => encoding.encode(quoteCell(content, text));
  const newline = newlineOf(first);
  const line = (cells: readonly Uint8Array[]): Buffer =>
    Buffer.concat(cells.flatMap((cell, index) => (index === 0 ? [cell] : [delimiter, cell])).concat(newline));
  const own = columns.map((column) => cellOf(headings[column] as string));
  return {
    start: line([...own, ...aggregates.map(({ heading }) => cellOf(heading))]),
    row: (cells, results) => line([...cells, ...results.map((result) => cellOf(formatResult(result)))]),
  };
}

function jsonWriter(headings: readonly string[], { encoding }: CsvTable): GroupWriter {
  const keys = headings.map((heading) => `${JSON.stringify(heading)}:`);
  const jsonCell = (cell: Buffer): string => {
    if (isJsonNumber(cell, 0, cell.length)) return latin1.decode(cell);
    requireText(cell, encoding, undefined);
    const text = encoding.decode(cell);
    return JSON.stringify(text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text);
  };
  return {
    start: new Uint8Array(0),
    row(cells, results) {
      const values = [...cells.map(jsonCell), ...results.map(formatJson)];
      return utf8.encode(`{${values.map((value, index) => keys[index] + value).join()}}\n`);
    },
  };
}
