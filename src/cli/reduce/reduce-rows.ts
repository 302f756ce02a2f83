import { CommandFailure } from '../command.ts';
import { ColumnNames, rejectDuplicates } from '../map/columns.ts';
import { newlineOf } from '../map/row-formats.ts';
import type { TableRun } from '../map/run-context.ts';
import type { Accumulator } from './accumulator.ts';
import { createAccumulator } from './accumulators.ts';
import type { NamedAggregate } from './aggregate.ts';
import { type GroupTableShape, groupTable, linesAsFound, linesInOrder } from './group-table.ts';
import { type GroupKey, Groups } from './groups.ts';
import { createMergeable } from './mergeable.ts';
import type { ComputedColumn, RowFormulas, RowSource } from './row-source.ts';
import type { MergeableAggregate, StateForm } from './state-form.ts';
import { writeState } from './write-state.ts';

/** What is made of the rows of a table. */
export interface ReduceRequest {
  readonly aggregates: readonly NamedAggregate[];
  /** Columns by whose cells rows are grouped: headings, or names as formulas have them. */
  readonly by: readonly string[];
  readonly filter: string | undefined;
  readonly threads: number | undefined;
  readonly json: boolean;
  /** Whether what is written depends on no order of rows: neither do sums and means, nor which group comes first, nor its quotes. */
  readonly exact: boolean;
}

/** Of which states can be written. */
export interface StateRequest extends ReduceRequest {
  readonly aggregates: readonly MergeableAggregate[];
}

/**
 * The text of the table of groups: the cells that each has in common, and its aggregates.
 *
 * @throws CommandFailure for a table that has no such columns; ColumnFormulaError; what formulas throw.
 */
export async function* reduceTable<Batch>(
  source: RowSource<Batch>,
  request: ReduceRequest,
  run: TableRun,
): AsyncGenerator<Uint8Array> {
  const { aggregates, exact, json } = request;
  const accumulators = aggregates.map(({ kind }) => createAccumulator(kind, exact));
  const reduction = new TableReduction(source, request, run);
  const shape: GroupTableShape = {
    by: reduction.by,
    aggregates: aggregates.map(({ heading }) => heading),
    encoding: source.text.encoding,
    delimiter: source.text.delimiter,
    newline: newlineOf(source.text.lineEnd),
  };
  const groups = await reduction.run(accumulators);
  const lines = exact
    ? linesInOrder(keysOf(groups), shape.delimiter, accumulators)
    : linesAsFound((group) => groups.cells(group), groups.count, accumulators);
  yield* groupTable(shape, json, lines);
}

/**
 * The text of the state that all rows of a table come to, see {@link writeState}.
 *
 * @throws CommandFailure for a table that has no such columns, and for formulas that look at the numbers of rows; ColumnFormulaError; what
 * formulas throw.
 */
export async function* reduceToState<Batch>(
  source: RowSource<Batch>,
  request: StateRequest,
  run: TableRun,
): AsyncGenerator<Uint8Array> {
  const { aggregates, filter } = request;
  const accumulators = aggregates.map(({ kind }) => createMergeable(kind));
  const reduction = new TableReduction(source, request, run);
  if (reduction.countsRows) {
    throw new CommandFailure(
      "'index' and 'length' are those of one table, so states with them cannot be merged",
    );
  }
  const { encoding, form: text, delimiter, lineEnd } = source.text;
  const form: StateForm = {
    by: reduction.by,
    aggregates,
    filter,
    text,
    delimiter: encoding.decode(delimiter),
    newline: encoding.decode(lineEnd),
  };
  const groups = await reduction.run(accumulators);
  yield* writeState(form, keysOf(groups), accumulators);
}

/** What the group of each row adds up to. */
class TableReduction<Batch> {
  /** Headings of the columns by which rows are grouped. */
  readonly by: readonly string[];
  readonly #source: RowSource<Batch>;
  readonly #groups: Groups<Batch>;
  readonly #formulas: RowFormulas<Batch>;

  constructor(source: RowSource<Batch>, request: ReduceRequest, run: TableRun) {
    const { filter, threads, aggregates } = request;
    const outputs = aggregates.map(({ formula }) => ({ heading: undefined, formula }));
    rejectDuplicates(source.headings, false);
    this.#source = source;
    this.#formulas = source.compile({ outputs, filter, threads }, run);
    const columns = columnsOf(source.headings, request.by);
    this.#groups = new Groups(columns.map((column) => source.groupColumn(column)));
    this.by = columns.map((column) => source.headings[column] as string);
    for (const { heading } of aggregates) {
      if (this.by.includes(heading)) {
        throw new CommandFailure(`there is a column '${heading}' already; see --as`);
      }
    }
  }

  get countsRows(): boolean {
    return this.#formulas.countsRows;
  }

  /** Adds all rows, and gives the groups that there are. */
  async run(accumulators: readonly Accumulator[]): Promise<Groups<Batch>> {
    const groups = this.#groups;
    for (const accumulator of accumulators) accumulator.grow(groups.count);
    for await (const batch of this.#source.batches) {
      const { rows, columns } = await this.#formulas.map(batch);
      const numbers = groups.of(batch, rows);
      for (const [index, accumulator] of accumulators.entries()) {
        accumulator.grow(groups.count);
        addPresent(accumulator, columns[index] as ComputedColumn, numbers);
      }
    }
    return groups;
  }
}

/** A value that is missing is none of its group. */
function addPresent(
  accumulator: Accumulator,
  { values, validity }: ComputedColumn,
  groups: Int32Array,
): void {
  if (validity === undefined) {
    accumulator.add(values, groups);
    return;
  }
  const isPresent = (_: number, row: number): boolean =>
    (((validity[row >>> 3] ?? 0) >>> (row & 7)) & 1) === 1;
  accumulator.add(values.filter(isPresent), groups.filter(isPresent));
}

function keysOf<Batch>(groups: Groups<Batch>): GroupKey[] {
  const keys: GroupKey[] = [];
  for (let group = 0; group < groups.count; group++) keys.push(groups.key(group));
  return keys;
}

function columnsOf(headings: readonly string[], by: readonly string[]): number[] {
  const names = new ColumnNames(headings);
  return by.map((name) => {
    const exact = headings.indexOf(name);
    const column = exact >= 0 ? exact : names.find(name);
    if (column !== undefined && column >= 0) return column;
    throw new CommandFailure(`there is no column '${name}' to group by; there are ${headings.join(', ')}`);
  });
}
