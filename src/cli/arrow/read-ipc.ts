import { open } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import {
  type AsyncRecordBatchFileReader,
  type RecordBatch,
  type RecordBatchFileReader,
  RecordBatchReader,
  type Schema,
} from 'apache-arrow';
import { reading, unreadable } from './ipc-failure.ts';
import type { IpcInput } from './ipc-input.ts';
import { ipcMessages, mostMetadata } from './ipc-messages.ts';
import { MetadataCheck } from './ipc-metadata.ts';
import { isWhole } from './is-whole.ts';
import { isSound } from './storage.ts';

/** An input of which the schema has been read. */
export interface IpcTable extends AsyncDisposable {
  readonly schema: Schema;
  /** One at a time is held; each of them has all of its rows. */
  readonly batches: AsyncIterable<RecordBatch>;
}

/** Rejects with CommandFailure for what is no such input, as its batches do. */
export async function openIpc(input: IpcInput): Promise<IpcTable> {
  const table = await reading(() => (input.kind === 'file' ? openFile(input) : openStream(input)));
  // Of an input without a schema the library says so by leaving it out.
  const schema: Schema | undefined = table.schema;
  if (schema?.fields.every(isSound)) return table;
  await table[Symbol.asyncDispose]();
  throw unreadable(schema === undefined ? 'it has no schema' : 'a column has no name or no type');
}

/** How many rows an input has. */
export async function countIpcRows(input: IpcInput): Promise<number> {
  await using table = await openIpc(input);
  let count = 0;
  for await (const { numRows } of table.batches) count += numRows;
  return count;
}

async function openStream({ chunks }: IpcInput): Promise<IpcTable> {
  const reader = await RecordBatchReader.from(ipcMessages(chunks));
  await reader.open();
  const { schema } = reader;
  const next = async (): Promise<RecordBatch | undefined> => {
    const { done, value } = await reader.next();
    if (reader.schema !== schema && done !== true) throw unreadable('it has a second schema');
    return done === true ? undefined : value;
  };
  return { schema, batches: wholeBatches(next), async [Symbol.asyncDispose]() {} };
}

/** What stands at the end of a file: the length of the footer, and the mark once more. */
const tailBytes = 10;

async function openFile({ path, chunks, onRead }: IpcInput): Promise<IpcTable> {
  if (path === undefined) {
    const bytes = await buffer(chunks);
    await requireMessages(async (start, length) => bytes.subarray(start, start + length), bytes.length);
    return fileTable(RecordBatchReader.from(bytes) as RecordBatchFileReader, bytes.length, onRead);
  }
  const handle = await open(path);
  const close = (): Promise<void> => handle.close();
  try {
    const { size } = await handle.stat();
    const readAt = async (start: number, length: number): Promise<Buffer> => {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, start);
      return buffer.subarray(0, bytesRead);
    };
    await requireMessages(readAt, size);
    const reader = (await RecordBatchReader.from(handle)) as AsyncRecordBatchFileReader;
    return { ...(await fileTable(reader, size, onRead)), [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The library reads a footer wherever it would have to be, and messages wherever it says that they are. */
async function requireMessages(
  readAt: (start: number, length: number) => Promise<Buffer>,
  size: number,
): Promise<void> {
  const end = size - tailBytes;
  const tail = end < 0 ? Buffer.alloc(tailBytes) : await readAt(end, tailBytes);
  const footerLength = tail.readInt32LE(0);
  if (tail.toString('latin1', 4) !== 'ARROW1' || footerLength <= 0 || footerLength > end)
    throw unreadable('it is cut off, and the list of its batches is at the end');
  const check = new MetadataCheck();
  for (const { offset, length } of check.footer(await readAt(end - footerLength, footerLength))) {
    if (offset < 0 || length < 0 || length > mostMetadata || offset + length > end)
      throw unreadable(`there is no message at byte ${offset}`);
    const message = await readAt(offset, length);
    // Before Arrow 0.15 the length stood there alone.
    const bodyLength = check.message(message.subarray(message.readInt32LE(0) === -1 ? 8 : 4));
    if (offset + length + bodyLength > end) throw unreadable(`the batch at byte ${offset} has no end`);
  }
}

async function fileTable(
  reader: RecordBatchFileReader | AsyncRecordBatchFileReader,
  size: number,
  onRead: (bytes: number) => void,
): Promise<IpcTable> {
  await reader.open();
  const count = reader.numRecordBatches;
  let index = 0;
  const next = async (): Promise<RecordBatch | undefined> => {
    if (index >= count) return undefined;
    const batch = await reader.readRecordBatch(index);
    if (batch === null) throw unreadable(`batch ${index} is not where the file says`);
    index++;
    onRead(size / count);
    return batch;
  };
  return { schema: reader.schema, batches: wholeBatches(next), async [Symbol.asyncDispose]() {} };
}

/** Batches without rows are left out. */
async function* wholeBatches(next: () => Promise<RecordBatch | undefined>): AsyncGenerator<RecordBatch> {
  const nextWhole = async (): Promise<RecordBatch | undefined> => {
    const batch = await next();
    if (batch === undefined || batch.numRows === 0) return batch;
    const column = batch.data.children.findIndex((data) => !isWhole(data));
    if (column >= 0) throw unreadable(`a batch has not all of '${batch.schema.fields[column]?.name}'`);
    return batch;
  };
  for (;;) {
    const batch = await reading(nextWhole);
    if (batch === undefined) return;
    if (batch.numRows > 0) yield batch;
  }
}
