import { CommandFailure } from '../command.ts';
import { rowTexts } from './cells.ts';
import { CsvScanner, type RowBatch } from './csv-scanner.ts';
import { type Encoding, requireText } from './encoding.ts';
import type { TextForm, TextSource } from './text-source.ts';

/** A table of which the headings have been read. */
export interface CsvTable {
  readonly headings: readonly string[];
  /** The row that they are. */
  readonly first: RowBatch;
  readonly encoding: Encoding;
  /** Of the text that it is read from. */
  readonly form: TextForm;
  /** What stands between cells. */
  readonly delimiter: Uint8Array;
  /** The rows after it, as they come; each batch is good until the next is asked for, and `first` until the first is. */
  readonly batches: AsyncIterable<RowBatch>;
}

/**
 * Reads the headings; the delimiter is guessed by them if it is not given.
 *
 * @throws CommandFailure for a table that has none.
 */
export async function openCsv(
  { chunks, encoding, form }: TextSource,
  delimiter: string | undefined,
): Promise<CsvTable> {
  const scanner = new CsvScanner(encoding, delimiter);
  const iterator = chunks[Symbol.asyncIterator]();
  let first = scanner.first();
  while (first === undefined) {
    const { done, value } = await iterator.next();
    if (done === true) scanner.end();
    else scanner.push(value);
    first = scanner.first();
    if (done === true && first === undefined) {
      throw new CommandFailure('the table is empty; its first line must be the headings');
    }
  }
  requireText(first.bytes.subarray(first.starts[0], first.end), encoding, first.line);
  const rest = { [Symbol.asyncIterator]: () => iterator };
  return {
    headings: rowTexts(first, 0, encoding),
    first,
    encoding,
    form,
    delimiter: scanner.delimiter,
    batches: batchesOf(scanner, rest),
  };
}

async function* batchesOf(scanner: CsvScanner, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<RowBatch> {
  const ahead = scanner.rows();
  if (ahead.rowCount > 0) yield ahead;
  for await (const chunk of chunks) {
    scanner.push(chunk);
    const batch = scanner.rows();
    if (batch.rowCount > 0) yield batch;
  }
  scanner.end();
  const last = scanner.rows();
  if (last.rowCount > 0) yield last;
}

/** How many rows a table has, its headings not counted. */
export async function countRows({ batches }: CsvTable): Promise<number> {
  let count = 0;
  for await (const { rowCount } of batches) count += rowCount;
  return count;
}
