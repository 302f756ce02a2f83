import { type Data, Field, makeData, Schema, Utf8 } from 'apache-arrow';
import { cellText } from '../map/cells.ts';
import type { CsvTable } from '../map/csv-table.ts';
import { requireText } from '../map/encoding.ts';
import type { RowMapper } from '../map/map-rows.ts';
import { ipcFormat } from './ipc-format.ts';
import type { IpcKind } from './ipc-kind.ts';
import { batchOf, resultColumn, resultField } from './make-batch.ts';

/**
 * A table of CSV with its new columns, as Arrow. Cells are texts as they stand: what they would be as numbers is known at the end of the
 * table, and loses digits, zeros before them, and whatever is no number.
 *
 * @throws CommandFailure for a text that is not in its encoding; what the mapper throws.
 */
export async function* csvToArrow(
  { headings, encoding, batches }: CsvTable,
  mapper: RowMapper,
  added: readonly string[],
  kind: IpcKind,
): AsyncGenerator<Uint8Array> {
  const { areBoolean } = mapper;
  const schema = new Schema([
    ...headings.map((heading) => new Field(heading, new Utf8())),
    ...added.map((heading, index) => resultField(heading, areBoolean[index] === true)),
  ]);
  const format = ipcFormat(schema, kind);
  for await (const each of batches) {
    const { batch, rows, columns } = await mapper.map(each);
    if (rows.length === 0) continue;
    requireText(batch.bytes.subarray(batch.starts[0], batch.end), encoding, batch.line);
    const texts = headings.map((_, column) =>
      textColumn(rows, (row) => cellText(batch, row, column, encoding)),
    );
    const results = columns.map(({ values, isBoolean }) =>
      resultColumn({ values: isBoolean ? Uint8Array.from(values) : values, validity: undefined }),
    );
    yield* format.batch(batchOf(schema, rows.length, [...texts, ...results]));
  }
  yield* format.end();
}

function textColumn(rows: Uint32Array, textOf: (row: number) => string): Data {
  const valueOffsets = new Int32Array(rows.length + 1);
  let text = '';
  let end = 0;
  for (const [index, row] of rows.entries()) {
    const cell = textOf(row);
    text += cell;
    end += Buffer.byteLength(cell);
    valueOffsets[index + 1] = end;
  }
  return makeData({
    type: new Utf8(),
    length: rows.length,
    nullCount: 0,
    valueOffsets,
    data: Buffer.from(text),
  });
}
