import { formatJson, formatResult } from '../format-result.ts';
import { Byte, copyBytes } from './byte.ts';
import { cellEnd, cellStart, cellText, rowEnd } from './cells.ts';
import type { RowBatch } from './csv-scanner.ts';
import type { CsvTable } from './csv-table.ts';
import { requireText, utf8 } from './encoding.ts';
import { isJsonNumber } from './json-number.ts';
import { mostNumberBytes, writeNumber, writeText } from './number-bytes.ts';

/** The values of a new column. */
export interface NewColumn {
  readonly values: Float64Array;
  readonly isBoolean: boolean;
}

/** Rows that were computed. */
export interface MappedRows {
  readonly batch: RowBatch;
  /** Those of the batch that are written; the values are of these. */
  readonly rows: Uint32Array;
  readonly columns: readonly NewColumn[];
}

/** Writes rows in some format. */
export interface RowFormat {
  /** What stands before all rows. */
  start(): Uint8Array;
  rows(rows: MappedRows): Uint8Array;
}

/** The table as it was written, down to quotes and line ends, with the new columns last. */
export function csvFormat({ first, delimiter, encoding }: CsvTable, headings: readonly string[]): RowFormat {
  const text = encoding.decode(delimiter);
  const newline = newlineOf(lineEndOf(first));
  const added = headings.map((heading) => text + quoteCell(heading, text)).join('');
  const row = first.bytes.subarray(first.starts[0], rowEnd(first, 0));
  const start = Buffer.concat([row, encoding.encode(added), newline]);
  // A number that has the delimiter in it is in quotes.
  const isPlain = !/[-.\da-z]/.test(text);
  const write = isPlain
    ? writeResult
    : (to: Uint8Array, at: number, value: number, isBoolean: boolean) =>
        writeText(to, at, quoteCell(formatResult(isBoolean ? value !== 0 : value), text));
  const cellBytes = delimiter.length + mostNumberBytes;

  return {
    start: () => start,
    rows({ batch, rows, columns }) {
      const { bytes, starts, end } = batch;
      const most = end - (starts[0] as number) + rows.length * (columns.length * cellBytes + newline.length);
      const to = Buffer.allocUnsafe(most);
      let at = 0;
      for (let index = 0; index < rows.length; index++) {
        const row = rows[index] as number;
        const stop = rowEnd(batch, row);
        at = copyBytes(bytes, starts[row] as number, stop, to, at);
        for (const { values, isBoolean } of columns) {
          at = copyBytes(delimiter, 0, delimiter.length, to, at);
          at = write(to, at, values[index] as number, isBoolean);
        }
        at =
          stop < end
            ? copyBytes(bytes, stop, endOfLine(bytes, stop, end), to, at)
            : copyBytes(newline, 0, newline.length, to, at);
      }
      return to.subarray(0, at);
    },
  };
}

/** What ends rows that are added: what ends the first row, and where it ends without, a line feed. */
export function newlineOf(lineEnd: Uint8Array): Uint8Array {
  return lineEnd.length > 0 ? lineEnd : Uint8Array.of(Byte.LineFeed);
}

/** What ends the first row; nothing if the table ends with it. */
export function lineEndOf(first: RowBatch): Uint8Array {
  return first.bytes.slice(rowEnd(first, 0), first.end);
}

/** A text as a cell: in quotes if it has to be. */
export function quoteCell(text: string, delimiter: string): string {
  const isPlain = !text.includes(delimiter) && !/["\r\n]/.test(text);
  return isPlain ? text : `"${text.replaceAll('"', '""')}"`;
}

function endOfLine(bytes: Uint8Array, at: number, end: number): number {
  return bytes[at] === Byte.CarriageReturn && at + 1 < end && bytes[at + 1] === Byte.LineFeed
    ? at + 2
    : at + 1;
}

function writeResult(to: Uint8Array, at: number, value: number, isBoolean: boolean): number {
  return isBoolean ? writeText(to, at, value !== 0 ? 'true' : 'false') : writeNumber(to, at, value);
}

/**
 * One JSON object a line. A cell that is a number of JSON and in no quotes is one, digit by digit as it stands; the others are texts. A new
 * value is a number or a boolean.
 */
export function jsonFormat({ headings, encoding }: CsvTable, added: readonly string[]): RowFormat {
  const names = [...headings, ...added];
  const keys = names.map((name, index) => utf8.encode(`${index === 0 ? '{' : ','}${JSON.stringify(name)}:`));
  const keyBytes = keys.reduce((sum, key) => sum + key.length, 0);

  return {
    start: () => new Uint8Array(0),
    rows({ batch, rows, columns }) {
      const { bytes, starts, end, width } = batch;
      const begin = starts[0] as number;
      requireText(bytes.subarray(begin, end), encoding, batch.line);
      // A byte of a cell becomes six at most (\u0000), two if it is more than ASCII.
      const perRow = keyBytes + 2 + width * 2 + columns.length * mostNumberBytes;
      const to = Buffer.allocUnsafe((end - begin) * 6 + rows.length * perRow);
      let at = 0;
      for (let index = 0; index < rows.length; index++) {
        const row = rows[index] as number;
        for (let column = 0; column < width; column++) {
          const key = keys[column] as Buffer;
          at = copyBytes(key, 0, key.length, to, at);
          const start = cellStart(batch, row, column);
          const stop = cellEnd(batch, row, column);
          if (isJsonNumber(bytes, start, stop)) at = copyBytes(bytes, start, stop, to, at);
          else if (isPlainText(bytes, start, stop)) {
            to[at++] = Byte.Quote;
            at = copyBytes(bytes, start, stop, to, at);
            to[at++] = Byte.Quote;
          } else at += to.write(JSON.stringify(cellText(batch, row, column, encoding)), at);
        }
        for (let column = 0; column < columns.length; column++) {
          const key = keys[width + column] as Buffer;
          at = copyBytes(key, 0, key.length, to, at);
          const { values, isBoolean } = columns[column] as NewColumn;
          const value = values[index] as number;
          at = writeText(to, at, formatJson(isBoolean ? value !== 0 : value));
        }
        to[at++] = closing;
        to[at++] = Byte.LineFeed;
      }
      return to.subarray(0, at);
    },
  };
}

const closing = 0x7d;

/** Of ASCII, without anything that JSON or CSV writes in another way. */
function isPlainText(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte < Byte.Space || byte > 0x7e || byte === Byte.Quote || byte === Byte.Backslash) return false;
  }
  return true;
}
