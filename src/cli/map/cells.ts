import type { RowBatch } from './csv-scanner.ts';
import type { Encoding } from './encoding.ts';
import { readDecimal } from './number-bytes.ts';

export function cellStart(
  { starts, ends, width, delimiterLength }: RowBatch,
  row: number,
  column: number,
): number {
  if (column === 0) return starts[row] as number;
  return (ends[row * width + column - 1] as number) + delimiterLength;
}

export function cellEnd({ ends, width }: RowBatch, row: number, column: number): number {
  return ends[row * width + column] as number;
}

/** Where a row ends, without its line end. */
export function rowEnd(batch: RowBatch, row: number): number {
  return cellEnd(batch, row, batch.width - 1);
}

/** A cell as it is meant, without its quotes. */
export function cellText(batch: RowBatch, row: number, column: number, encoding: Encoding): string {
  const start = cellStart(batch, row, column);
  const end = cellEnd(batch, row, column);
  return unquoted(encoding.decode(batch.bytes.subarray(start, end)));
}

/** What a cell means that is written so. */
export function unquoted(cell: string): string {
  return cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
}

/** The cells of a row as they are meant. */
export function rowTexts(batch: RowBatch, row: number, encoding: Encoding): string[] {
  const texts: string[] = [];
  for (let column = 0; column < batch.width; column++) texts.push(cellText(batch, row, column, encoding));
  return texts;
}

/** A column as numbers, see {@link numberOf}. */
export function readNumbers(batch: RowBatch, column: number, encoding: Encoding): Float64Array {
  const { bytes, rowCount } = batch;
  const values = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const start = cellStart(batch, row, column);
    const end = cellEnd(batch, row, column);
    values[row] =
      end === start
        ? Number.NaN
        : (readDecimal(bytes, start, end) ?? numberOf(cellText(batch, row, column, encoding)));
  }
  return values;
}

/** A cell as a number: `true` and `false` are 1 and 0; what is empty or no number is NaN. */
export function numberOf(cell: string): number {
  const text = cell.trim();
  if (text === '') return Number.NaN;
  const value = Number(text);
  return Number.isNaN(value) ? (words.get(text.toLowerCase()) ?? value) : value;
}

const words: ReadonlyMap<string, number> = new Map([
  ['true', 1],
  ['false', 0],
  ['inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
]);
