import { type Field, type RecordBatch, Schema } from 'apache-arrow';
import { CommandFailure } from '../command.ts';
import { rejectDuplicates } from '../map/columns.ts';
import type { MapRequest } from '../map/map-rows.ts';
import type { NamedOutput } from '../map/named-outputs.ts';
import type { TableRun } from '../map/run-context.ts';
import { BatchFormulas } from './batch-formulas.ts';
import { batchOf, resultColumn, resultField } from './make-batch.ts';
import { isStored } from './storage.ts';

/** What is done with the rows of batches. */
export interface BatchRequest extends MapRequest {
  readonly outputs: readonly NamedOutput[];
}

/**
 * Batches with columns more. Others stay as they are; those of rows that a filter leaves out are gathered.
 *
 * @throws CommandFailure for a schema that has no such columns, or whose types formulas or filters cannot take; ColumnFormulaError.
 */
export class BatchMapper {
  /** That of the batches that come out. */
  readonly schema: Schema;
  readonly #formulas: BatchFormulas;

  constructor(schema: Schema, request: BatchRequest, run: TableRun) {
    const { fields, metadata } = schema;
    rejectDuplicates(
      fields.map(({ name }) => name),
      true,
    );
    if (request.filter !== undefined) requireStored(fields);
    this.#formulas = new BatchFormulas(schema, request, run);
    const { areBoolean } = this.#formulas;
    const added = request.outputs.map(({ heading }, index) =>
      resultField(heading, areBoolean[index] === true),
    );
    this.schema = new Schema([...fields, ...added], metadata);
  }

  /** Undefined where no row is left. */
  async map(batch: RecordBatch): Promise<RecordBatch | undefined> {
    const { rows, results, columnAt } = await this.#formulas.compute(batch);
    if (rows.length === 0) return undefined;
    const kept = batch.data.children.map((_, column) => columnAt(column));
    return batchOf(this.schema, rows.length, [...kept, ...results.map(resultColumn)]);
  }
}

function requireStored(fields: readonly Field[]): void {
  const unknown = fields.find(({ type }) => !isStored(type));
  if (unknown === undefined) return;
  throw new CommandFailure(`rows of '${unknown.name}', a column of type ${unknown.type}, cannot be left out`);
}
