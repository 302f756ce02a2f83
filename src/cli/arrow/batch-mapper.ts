import { Bool, Data, Field, Float64, makeData, RecordBatch, Schema, Struct, Vector } from 'apache-arrow';
import { toBools, toVector } from '../../arrow/to-vector.ts';
import type { NullableArray, ResultArrays } from '../../browser.ts';
import { CommandFailure } from '../command.ts';
import { rejectDuplicates, rowNames } from '../map/columns.ts';
import type { MapRequest } from '../map/map-rows.ts';
import type { NamedOutput } from '../map/named-outputs.ts';
import type { TableRun } from '../map/run-context.ts';
import { compileFormulas, namedColumns, rowNumbers, type TableFormulas } from '../map/table-formulas.ts';
import { gatherRows } from './gather-rows.ts';
import { unreadable } from './ipc-failure.ts';
import { isStored } from './storage.ts';

/** What is done with the rows of batches. */
export interface BatchRequest extends MapRequest {
  readonly outputs: readonly NamedOutput[];
}

/** What a formula takes a column from. */
type Column = Vector | NullableArray | Float64Array | number;

/** Rows of a batch that numbers of rows fit into. */
const mostRows = 2 ** 31 - 1;

/**
 * Batches with columns more. Others stay as they are; those of rows that a filter leaves out are gathered.
 *
 * @throws CommandFailure for a schema that has no such columns, or whose types formulas or filters cannot take; ColumnFormulaError.
 */
export class BatchMapper {
  /** That of the batches that come out. */
  readonly schema: Schema;
  readonly #formulas: TableFormulas;
  readonly #request: BatchRequest;
  readonly #run: TableRun;

  constructor({ fields, metadata }: Schema, request: BatchRequest, run: TableRun) {
    const headings = fields.map(({ name }) => name);
    rejectDuplicates(headings, true);
    this.#request = request;
    this.#run = run;
    this.#formulas = compileFormulas(run.engine, headings, request);
    requireTypes(this.#formulas, fields);
    const added = request.outputs.map(({ heading }, index) => {
      const isBoolean = this.#formulas.formulas[index]?.f.resultType === 'boolean';
      return new Field(heading, isBoolean ? new Bool() : new Float64(), true);
    });
    this.schema = new Schema([...fields, ...added], metadata);
  }

  /** Undefined where no row is left. */
  async map(batch: RecordBatch): Promise<RecordBatch | undefined> {
    const { counts, signal } = this.#run;
    const { threads } = this.#request;
    const { filter, formulas } = this.#formulas;
    const { numRows } = batch;
    if (numRows > mostRows) throw new CommandFailure(`a batch of ${numRows} rows is too large`);
    const options = { signal, nulls: 'bitmap', ...(threads === undefined ? {} : { threads }) } as const;
    let columns = batch.data.children;
    let rows = rowNumbers(numRows);
    if (filter !== undefined) {
      const given = namedColumns(filter, this.#values(columns, rows));
      const { values } = (await filter.f.mapAsync(given, {
        ...options,
        length: numRows,
        type: 'mask',
      })) as NullableArray<ResultArrays['mask']>;
      // A row whose answer is missing has 0 there.
      rows = rows.filter((row) => values[row] === 1);
      if (rows.length < numRows) columns = columns.map((data) => gatherRows(data, rows));
    }
    const values = this.#values(columns, rows);
    const added: Data[] = [];
    for (const formula of formulas) {
      const type = formula.f.resultType === 'boolean' ? 'mask' : 'f64';
      const result = (await formula.f.mapAsync(namedColumns(formula, values), {
        ...options,
        length: rows.length,
        type,
      })) as NullableArray<Uint8Array | Float64Array>;
      values.set(columns.length + added.length, result);
      const { data } = type === 'mask' ? toBools(result as NullableArray<Uint8Array>) : toVector(result);
      added.push(data[0] as Data);
    }
    counts.read += numRows;
    if (rows.length === 0) return undefined;
    const { fields } = this.schema;
    return new RecordBatch(
      this.schema,
      new Data(new Struct(fields), 0, rows.length, 0, undefined, [...columns, ...added]),
    );
  }

  #values(columns: readonly Data[], rows: Uint32Array): Map<number, Column> {
    const { counts, length = Number.NaN } = this.#run;
    return new Map(
      this.#formulas.used.map((column): [number, Column] => {
        if (column === rowNames.get('index'))
          return [column, Float64Array.from(rows, (row) => counts.read + row)];
        if (column === rowNames.get('length')) return [column, length];
        return [column, new Vector([columns[column] as Data])];
      }),
    );
  }
}

/** Formulas over no rows say which types they cannot take. */
function requireTypes({ filter, formulas, used }: TableFormulas, fields: readonly Field[]): void {
  const unknown = fields.find(({ type }) => !isStored(type));
  if (filter !== undefined && unknown !== undefined) {
    throw new CommandFailure(
      `rows of '${unknown.name}', a column of type ${unknown.type}, cannot be left out`,
    );
  }
  const values = new Map<number, Column>();
  for (const column of used) {
    const field = fields[column];
    if (field !== undefined) values.set(column, emptyColumn(field));
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
