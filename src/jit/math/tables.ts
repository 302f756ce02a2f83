/** The tables of the math library by name, and their columns by the names that IR has for them. */
import { invariant } from '../../support/invariant.ts';
import type { Table } from './table.ts';
import { erfcRows, erfRows } from './tables/erf.ts';
import { EXP32, EXP128, EXPH16 } from './tables/exp.ts';
import { gammaRows } from './tables/gamma.ts';
import { LOG64 } from './tables/log.ts';
import { LOG128 } from './tables/pow.ts';
import { inversePiDigits, sines, splitSines } from './tables/trig.ts';

const tables: readonly Table[] = [
  ...[EXP32, EXP128, EXPH16, LOG64, LOG128],
  ...[sines, splitSines, inversePiDigits],
  ...[erfRows, erfcRows, gammaRows],
];

/** By name. */
export const mathTables: ReadonlyMap<string, Table> = new Map(tables.map((table) => [table.name, table]));

/** The table of a name that is known to be one. */
export function mathTable(name: string): Table {
  const table = mathTables.get(name);
  invariant(table !== undefined, `the math library has no table ${name}`);
  return table;
}

/** A column by its name in IR. */
export function columnName({ name }: Table, column: number): string {
  return `${name}$${column}`;
}

/** The inverse of {@link columnName}. */
export function tableColumn(name: string): { readonly table: Table; readonly column: number } {
  const [tableName = '', column] = name.split('$');
  const table = mathTable(tableName);
  invariant(Number(column) < table.columns, `the math library has no column ${name}`);
  return { table, column: Number(column) };
}
