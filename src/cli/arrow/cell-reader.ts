import {
  type Data,
  type DataType,
  type Dictionary,
  type Field,
  type Timestamp,
  Type,
  Vector,
} from 'apache-arrow';
import { CommandFailure } from '../command.ts';
import { formatResult } from '../format-result.ts';

/** A value that has a text; null is missing. */
export type Cell = string | number | bigint | boolean | null;

/** What gives the cell of each row of a column. */
export type CellReader = (data: Data) => (row: number) => Cell;

/** Types whose values are texts, numbers or truth values. */
const plainTypes: ReadonlySet<Type> = new Set([
  Type.Null,
  Type.Int,
  Type.Float,
  Type.Bool,
  Type.Utf8,
  Type.LargeUtf8,
  Type.Utf8View,
  Type.Time,
  Type.Duration,
]);

/**
 * Dates and timestamps are texts of ISO 8601 with all digits of their unit; times and durations are numbers, as formulas see them.
 *
 * @throws CommandFailure for a type that has no text.
 */
export function cellReader({ name, type }: Field): CellReader {
  const valueType = type.typeId === Type.Dictionary ? (type as Dictionary).dictionary : type;
  if (plainTypes.has(valueType.typeId)) {
    return (data) => {
      const vector = new Vector([data]);
      return (row) => vector.get(row);
    };
  }
  const write = type.typeId === Type.Date ? dateText : timestampText(type);
  if (write === undefined) {
    throw new CommandFailure(`'${name}' is a column of type ${type}, which has no text`);
  }
  return (data) => {
    const vector = new Vector([data]);
    const values = data.values as BigInt64Array;
    return (row) => {
      const value = vector.get(row);
      return value === null ? null : write(Number(value), values[row] as bigint);
    };
  };
}

/** As CSV has it. */
export function textOf(cell: Cell): string {
  if (cell === null) return '';
  return typeof cell === 'string' || typeof cell === 'bigint' ? String(cell) : formatResult(cell);
}

function dateText(milliseconds: number): Cell {
  // Years beyond 9999 have more digits.
  return isoText(milliseconds)?.split('T', 1)[0] ?? milliseconds;
}

/** The library gives milliseconds, without what the unit has below. */
function timestampText(type: DataType): ((milliseconds: number, value: bigint) => Cell) | undefined {
  if (type.typeId !== Type.Timestamp) return undefined;
  const { unit, timezone } = type as Timestamp;
  const digits = unit * 3;
  const scale = 10n ** BigInt(digits);
  return (_, value) => {
    const fraction = ((value % scale) + scale) % scale;
    const seconds = isoText(Number((value - fraction) / scale) * 1000)?.slice(0, -5);
    if (seconds === undefined) return value;
    const point = digits === 0 ? '' : `.${String(fraction).padStart(digits, '0')}`;
    return `${seconds}${point}${timezone ? 'Z' : ''}`;
  };
}

/** Undefined for years that have none. */
function isoText(milliseconds: number): string | undefined {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
