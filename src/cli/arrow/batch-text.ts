import type { RecordBatch, Schema } from 'apache-arrow';
import { formatJson } from '../format-result.ts';
import { quoteCell } from '../map/row-formats.ts';
import { type Cell, cellReader, textOf } from './cell-reader.ts';

/** Writes batches in some format; what stands before all of them comes with the first, or with the end. */
export interface BatchFormat {
  batch(batch: RecordBatch): Iterable<Uint8Array>;
  end(): Iterable<Uint8Array>;
}

/** Rows that are text at once: strings have a greatest length. */
const rowsAtOnce = 4096;

/**
 * CSV with a delimiter, or JSON, one object a line, without one. UTF-8.
 *
 * @throws CommandFailure for a column of a type that has no text.
 */
export function textFormat({ fields }: Schema, delimiter: string | undefined): BatchFormat {
  const readers = fields.map(cellReader);
  const names = fields.map(({ name }) => name);
  const keys = names.map((name, index) => `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`);
  const row =
    delimiter === undefined
      ? (cells: Cell[]) => `${cells.map((cell, index) => keys[index] + jsonOf(cell)).join('')}}\n`
      : (cells: Cell[]) => `${cells.map((cell) => quoteCell(textOf(cell), delimiter)).join(delimiter)}\n`;
  let start = delimiter === undefined ? '' : row(names);
  return {
    *batch({ data: { children }, numRows }) {
      const columns = children.map((data, index) => readers[index]?.(data));
      for (let first = 0; first < numRows; first += rowsAtOnce) {
        let text = start;
        start = '';
        const end = Math.min(first + rowsAtOnce, numRows);
        for (let at = first; at < end; at++) text += row(columns.map((cellAt) => cellAt?.(at) ?? null));
        yield Buffer.from(text);
      }
    },
    *end() {
      yield Buffer.from(start);
    },
  };
}

function jsonOf(cell: Cell): string {
  if (typeof cell === 'bigint') return String(cell);
  return cell === null || typeof cell === 'string' ? JSON.stringify(cell) : formatJson(cell);
}
