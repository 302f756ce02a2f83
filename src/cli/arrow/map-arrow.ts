import type { TableRun } from '../map/run-context.ts';
import type { TableFormat } from '../map/table-format.ts';
import { BatchMapper, type BatchRequest } from './batch-mapper.ts';
import { type BatchFormat, textFormat } from './batch-text.ts';
import { ipcFormat } from './ipc-format.ts';
import type { IpcInput } from './ipc-input.ts';
import { kindsByFormat } from './ipc-kind.ts';
import { openIpc } from './read-ipc.ts';

export interface ArrowRequest extends BatchRequest {
  /** Undefined: as the input. */
  readonly to: TableFormat | undefined;
  /** Of CSV. */
  readonly delimiter: string;
}

/**
 * The bytes of a table with its new columns, batch by batch. What is wrong with the schema or the first batch is told before any.
 *
 * @throws CommandFailure for an input that is damaged or has no such columns; ColumnFormulaError; what formulas throw.
 */
export async function* mapArrow(
  input: IpcInput,
  request: ArrowRequest,
  run: TableRun,
): AsyncGenerator<Uint8Array> {
  await using table = await openIpc(input);
  const mapper = new BatchMapper(table.schema, request, run);
  const format = formatOf(request, input, mapper);
  for await (const batch of table.batches) {
    const mapped = await mapper.map(batch);
    if (mapped !== undefined) yield* format.batch(mapped);
  }
  yield* format.end();
}

function formatOf({ to, delimiter }: ArrowRequest, { kind }: IpcInput, { schema }: BatchMapper): BatchFormat {
  const written = to === undefined ? kind : kindsByFormat.get(to);
  return written === undefined
    ? textFormat(schema, to === 'json' ? undefined : delimiter)
    : ipcFormat(schema, written);
}
