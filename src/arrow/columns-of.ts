import type { ArrowVector } from '../browser.ts';

/** What is asked of a table: its columns by name. */
export interface TableLike {
  /** The column of that name; null if there is none. */
  getChild(name: string): ArrowVector | null;
}

/**
 * Columns of a table by name, for `map` and its like; names that the table lacks are left out.
 *
 * @example
 * f.map({ ...columnsOf(table, f.parameters), rate: 1.2 });
 */
export function columnsOf<const Names extends readonly string[]>(
  table: TableLike,
  names: Names,
): { readonly [Name in Names[number]]: ArrowVector } {
  const found: [name: string, column: ArrowVector][] = [];
  for (const name of names) {
    const column = table.getChild(name);
    if (column !== null) found.push([name, column]);
  }
  return Object.fromEntries(found) as { readonly [Name in Names[number]]: ArrowVector };
}

export function isTable(columns: object): columns is TableLike {
  return 'getChild' in columns && typeof columns.getChild === 'function';
}
