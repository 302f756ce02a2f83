import { formatJson, formatResult } from '../format-result.ts';
import type { CsvRow } from './csv-reader.ts';

/** A row that was computed. */
export interface MappedRow {
  readonly row: CsvRow;
  readonly value: number;
}

/** Writes rows in some format. */
export interface RowFormat {
  /** Whether headings name cells, so that none may occur twice. */
  readonly needsUniqueHeadings: boolean;
  /** What stands before all rows. */
  start(headings: CsvRow, heading: string): string;
  rows(rows: readonly MappedRow[], isBoolean: boolean): string;
}

/** The table as it was written, down to quotes and line ends, with the new column last. */
export function csvFormat(delimiter: string): RowFormat {
  let newline = '\n';
  const extended = ({ text, lineEnd }: CsvRow, cell: string): string =>
    `${text}${delimiter}${quoted(cell, delimiter)}${lineEnd || newline}`;
  return {
    needsUniqueHeadings: false,
    start(headings, heading) {
      newline = headings.lineEnd || newline;
      return extended(headings, heading);
    },
    rows: (rows, isBoolean) =>
      rows.map((row) => extended(row.row, formatResult(resultOf(row, isBoolean)))).join(''),
  };
}

/** One JSON object a line; cells are texts as they were, the new value is a number or a boolean. */
export function jsonFormat(): RowFormat {
  let keys: string[] = [];
  return {
    needsUniqueHeadings: true,
    start({ cells }, heading) {
      keys = [...cells, heading].map((key) => `${JSON.stringify(key)}:`);
      return '';
    },
    rows: (rows, isBoolean) =>
      rows
        .map((row) => {
          const fields = row.row.cells.map((cell, index) => `${keys[index]}${JSON.stringify(cell)}`);
          fields.push(`${keys.at(-1)}${formatJson(resultOf(row, isBoolean))}`);
          return `{${fields.join()}}\n`;
        })
        .join(''),
  };
}

function resultOf({ value }: MappedRow, isBoolean: boolean): number | boolean {
  return isBoolean ? value !== 0 : value;
}

function quoted(cell: string, delimiter: string): string {
  const isPlain = !cell.includes(delimiter) && !/["\r\n]/.test(cell);
  return isPlain ? cell : `"${cell.replaceAll('"', '""')}"`;
}
