/** Random formulas that look at other rows, with a plain meaning in JavaScript to hold kernels against. */
import type { Edges } from '../../src/lang/row-functions.ts';
import { elementAt } from '../../src/support/element.ts';
import type { Random } from './random.ts';

/** Columns of whole numbers, so that sums are the same in any order. */
export interface RowData<Element = number> {
  readonly x: readonly Element[];
  readonly y: readonly Element[];
}

export interface RowFormula<Element = number> {
  readonly source: string;
  /** In a row; `before` is the result in the row before, which the first row does not ask for. */
  readonly evaluate: (
    row: number,
    data: RowData<Element>,
    edges: Edges,
    before: Element | number,
  ) => Element | number;
}

/** The element of a column at a row, which may be any number; NaN where there is none. */
export function elementOf<Element>(column: readonly Element[], row: number, edges: Edges): Element | number {
  const whole = Math.trunc(row);
  const count = column.length;
  if (Number.isNaN(whole)) return Number.NaN;
  if (whole >= 0 && whole < count) return elementAt(column, whole);
  if (count === 0) return Number.NaN;
  if (edges === 'clamp') return elementAt(column, whole < 0 ? 0 : count - 1);
  if (edges === 'wrap') return elementAt(column, ((whole % count) + count) % count);
  return Number.NaN;
}

export const aggregates = {
  sum: (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0),
  mean: (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length,
  min: (values: readonly number[]) => Math.min(...values),
  max: (values: readonly number[]) => Math.max(...values),
  count: (values: readonly number[]) => values.filter((value) => value !== 0 && !Number.isNaN(value)).length,
  any: (values: readonly number[]) => Number(values.some((value) => value !== 0 && !Number.isNaN(value))),
  all: (values: readonly number[]) => Number(values.every((value) => value !== 0 && !Number.isNaN(value))),
} as const;

/** `depth` bounds how deep it is nested; `before` says whether `prev` may stand in it, `whole` whether functions of whole columns may. */
export function randomRowFormula(random: Random, depth: number, before: boolean, whole = true): RowFormula {
  if (depth === 0) return leaf(random);
  const part = (): RowFormula => randomRowFormula(random, depth - 1, before, whole);
  switch (random.integer(0, whole ? 9 : 6)) {
    case 0:
      return leaf(random);
    case 1:
    case 2: {
      const [a, b] = [part(), part()];
      const operator = random.pick(['+', '-', '*'] as const);
      return {
        source: `(${a.source} ${operator} ${b.source})`,
        evaluate: (...at) => {
          const [x, y] = [a.evaluate(...at), b.evaluate(...at)];
          return operator === '+' ? x + y : operator === '-' ? x - y : x * y;
        },
      };
    }
    case 3: {
      const [test, a, b] = [part(), part(), part()];
      return {
        source: `(${test.source} > 3 ? ${a.source} : ${b.source})`,
        evaluate: (...at) => (test.evaluate(...at) > 3 ? a.evaluate(...at) : b.evaluate(...at)),
      };
    }
    case 4: {
      const column = random.pick(['x', 'y'] as const);
      const row = part();
      return {
        source: `${column}[${row.source} / 4]`,
        evaluate: (i, data, edges, previous) =>
          elementOf(data[column], row.evaluate(i, data, edges, previous) / 4, edges),
      };
    }
    case 5: {
      const column = random.pick(['x', 'y'] as const);
      const last = random.integer(0, 4);
      return {
        source: `sum(k, 0, ${last}, ${column}[index - k])`,
        evaluate: (i, data, edges) => {
          let sum = 0;
          for (let k = 0; k <= last; k++) sum += elementOf(data[column], i - k, edges);
          return sum;
        },
      };
    }
    case 6: {
      if (!before) return leaf(random);
      const seed = randomRowFormula(random, depth - 1, false, whole);
      return {
        source: `(prev(${seed.source}) % 1000)`,
        evaluate: (i, data, edges, previous) =>
          (i === 0 ? seed.evaluate(i, data, edges, previous) : previous) % 1000,
      };
    }
    case 7:
    case 8: {
      const name = random.pick(Object.keys(aggregates) as (keyof typeof aggregates)[]);
      const inner = randomRowFormula(random, depth - 1, false, false);
      return {
        source: `${name}(${inner.source})`,
        evaluate: (_, data, edges, previous) =>
          aggregates[name](data.x.map((_, row) => inner.evaluate(row, data, edges, previous))),
      };
    }
    default: {
      const name = random.pick(['sum', 'min', 'max'] as const);
      const inner = randomRowFormula(random, depth - 1, false, false);
      const window = random.integer(1, 6);
      return {
        source: `rolling_${name}(${inner.source}, ${window})`,
        evaluate: (i, data, edges, previous) => {
          if (i < window - 1) return Number.NaN;
          const rows = Array.from({ length: window }, (_, back) => i - window + 1 + back);
          return aggregates[name](rows.map((row) => inner.evaluate(row, data, edges, previous)));
        },
      };
    }
  }
}

/** A number, the number of the row, or an element of this row or one around it. */
export function leaf<Element = number>(random: Random): RowFormula<Element> {
  const column = random.pick(['x', 'y'] as const);
  switch (random.integer(0, 4)) {
    case 0: {
      const value = random.integer(0, 9);
      return { source: String(value), evaluate: () => value };
    }
    case 1:
      return { source: 'index', evaluate: (row) => row };
    case 2:
      return { source: column, evaluate: (row, data) => elementAt(data[column], row) };
    default: {
      const distance = random.integer(-9, 9);
      const sign = distance < 0 ? '-' : '+';
      return {
        source: `${column}[index ${sign} ${Math.abs(distance)}]`,
        evaluate: (row, data, edges) => elementOf(data[column], row + distance, edges),
      };
    }
  }
}

/** The results of all rows. */
export function rowResults<Element = number>(
  formula: RowFormula<Element>,
  data: RowData<Element>,
  edges: Edges,
): (Element | number)[] {
  let before: Element | number = Number.NaN;
  return data.x.map((_, row) => {
    before = formula.evaluate(row, data, edges, before);
    return before;
  });
}
