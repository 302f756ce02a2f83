import { stringify } from 'csv-stringify/sync';
import { formatJson, formatResult } from '../format.ts';
import type { MappedRow, RowFormat } from './map-rows.ts';

/** The table with the new column last. */
export function csvFormat(delimiter: string): RowFormat {
  return {
    start: (headings) => stringify([[...headings]], { delimiter }),
    rows: (rows, isBoolean) =>
      stringify(
        rows.map((row) => [...row.cells, formatResult(resultOf(row, isBoolean))]),
        { delimiter },
      ),
  };
}

/** One JSON object a line; cells are texts as they were, the new value is a number or a boolean. */
export function jsonFormat(): RowFormat {
  let keys: string[] = [];
  return {
    start(headings) {
      keys = headings.map((heading) => `${JSON.stringify(heading)}:`);
      return '';
    },
    rows: (rows, isBoolean) =>
      rows
        .map((row) => {
          const fields = row.cells.map((cell, index) => `${keys[index]}${JSON.stringify(cell)}`);
          fields.push(`${keys.at(-1)}${formatJson(resultOf(row, isBoolean))}`);
          return `{${fields.join()}}\n`;
        })
        .join(''),
  };
}

function resultOf({ value }: MappedRow, isBoolean: boolean): number | boolean {
  return isBoolean ? value !== 0 : value;
}
