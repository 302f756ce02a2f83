/**
 * Random formulas that look at other rows of columns with missing values, with a plain meaning in JavaScript: `null` is a missing value. Written from the
 * language's definition, and from nothing of the compiler.
 */
import type { Edges } from '../../src/lang/row-functions.ts';
import { elementAt } from '../../src/support/element.ts';
import type { Random } from './random.ts';
import { elementOf } from './row-formulas.ts';

export type MaybeNumber = number | null;

/** Columns of whole numbers, so that sums are the same in any order. */
export interface NullRowData {
  readonly x: readonly MaybeNumber[];
  readonly y: readonly MaybeNumber[];
}

export interface NullRowFormula {
  readonly source: string;
  readonly evaluate: (row: number, data: NullRowData, edges: Edges) => MaybeNumber;
}

const isTrue = (value: number): boolean => value !== 0 && !Number.isNaN(value);
const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Of the values that are there. */
export const nullAggregates = {
  sum: sumOf,
  mean: (values: readonly number[]) => sumOf(values) / values.length,
  min: (values: readonly number[]) => Math.min(...values),
  max: (values: readonly number[]) => Math.max(...values),
  count: (values: readonly number[]) => values.filter(isTrue).length,
  any: (values: readonly number[]) => Number(values.some(isTrue)),
  all: (values: readonly number[]) => Number(values.every(isTrue)),
  median: (values: readonly number[]) => {
    if (values.length === 0 || values.some(Number.isNaN)) return Number.NaN;
    const sorted = values.toSorted((a, b) => a - b);
    const [low, high] = [Math.floor((sorted.length - 1) / 2), Math.ceil((sorted.length - 1) / 2)];
    const [lower, upper] = [elementAt(sorted, low), elementAt(sorted, high)];
    return lower === upper ? lower : lower + (upper - lower) / 2;
  },
} as const;

const windows = {
  sum: sumOf,
  min: (values: readonly number[]) => Math.min(...values),
  max: (values: readonly number[]) => Math.max(...values),
} as const;

/** What an engine gives for `nulls: 'bitmap'`, as a list. */
export function listOf(found: {
  readonly values: ArrayLike<number | bigint>;
  readonly validity: ArrayLike<number>;
}): MaybeNumber[] {
  return Array.from(found.values, (value, row) =>
    (((found.validity[row >> 3] as number) >> (row & 7)) & 1) === 1 ? Number(value) + 0 : null,
  );
}

/** `depth` bounds how deep it is nested. */
export function randomNullRowFormula(random: Random, depth: number): NullRowFormula {
  if (depth === 0) return leaf(random);
  const part = (): NullRowFormula => randomNullRowFormula(random, depth - 1);
  const [a, b] = [part(), part()];
  switch (random.integer(0, 8)) {
    case 0:
    case 1:
      return {
        source: `(${a.source} - ${b.source})`,
        evaluate: (...at) => both(a.evaluate(...at), b.evaluate(...at), (x, y) => x - y),
      };
    case 2:
      return {
        source: `max(${a.source}, ${b.source})`,
        evaluate: (...at) => both(a.evaluate(...at), b.evaluate(...at), Math.max),
      };
    case 3: {
      const test = leaf(random);
      return {
        source: `(${test.source} > 3 ? ${a.source} : ${b.source})`,
        evaluate: (...at) => ((test.evaluate(...at) ?? 0) > 3 ? a.evaluate(...at) : b.evaluate(...at)),
      };
    }
    case 4:
    case 5:
      return {
        source: `coalesce(${a.source}, ${b.source})`,
        evaluate: (...at) => a.evaluate(...at) ?? b.evaluate(...at),
      };
    case 6:
      return {
        source: `isnull(${a.source})`,
        evaluate: (...at) => Number(a.evaluate(...at) === null),
      };
    case 7: {
      const kind = random.pick(Object.keys(nullAggregates) as (keyof typeof nullAggregates)[]);
      return {
        source: `${kind}(${a.source})`,
        evaluate: (_, data, edges) => nullAggregates[kind](thereIn(allOf(a, data, edges))),
      };
    }
    default: {
      const kind = random.pick(Object.keys(windows) as (keyof typeof windows)[]);
      const window = random.integer(1, 5);
      return {
        source: `rolling_${kind}(${a.source}, ${window})`,
        evaluate: (row, data, edges) => {
          const first = Math.max(0, row - window + 1);
          const values = allOf(a, data, edges).slice(first, row + 1);
          if (values.includes(null)) return null;
          return row < window - 1 ? Number.NaN : windows[kind](thereIn(values));
        },
      };
    }
  }
}

/** What it comes to in all rows. */
export function allOf({ evaluate }: NullRowFormula, data: NullRowData, edges: Edges): MaybeNumber[] {
  return data.x.map((_, row) => evaluate(row, data, edges));
}

export function thereIn(values: readonly MaybeNumber[]): number[] {
  return values.filter((value) => value !== null);
}

function both(a: MaybeNumber, b: MaybeNumber, of: (a: number, b: number) => number): MaybeNumber {
  return a === null || b === null ? null : of(a, b);
}

function leaf(random: Random): NullRowFormula {
  const column = random.pick(['x', 'y'] as const);
  switch (random.integer(0, 5)) {
    case 0: {
      const number = random.integer(0, 9);
      return { source: String(number), evaluate: () => number };
    }
    case 1:
      return { source: 'index', evaluate: (row) => row };
    case 2:
      return { source: column, evaluate: (row, data) => data[column][row] ?? null };
    default: {
      const distance = random.integer(-9, 9);
      const source = `${column}[index ${distance < 0 ? '-' : '+'} ${Math.abs(distance)}]`;
      return {
        source,
        evaluate: (row, data, edges) => {
          // Where there is no row there is a number all the same: NaN.
          const rows = data[column].map((value, at) => (value === null ? Number.NEGATIVE_INFINITY : at));
          const found = elementOf(rows, row + distance, edges);
          if (Number.isNaN(found)) return Number.NaN;
          return found < 0 ? null : (data[column][found] ?? null);
        },
      };
    }
  }
}
