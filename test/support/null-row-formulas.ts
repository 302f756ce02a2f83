/**
 * Random formulas that look at other rows of columns with missing values, with a plain meaning in JavaScript: `null` is a missing value. Written from the
 * language's definition, and from nothing of the compiler.
 */
import { elementAt } from '../../src/support/element.ts';
import type { Random } from './random.ts';
import { aggregates, elementOf, leaf, type RowFormula, rowResults } from './row-formulas.ts';

export type MaybeNumber = number | null;

/** Of the values that are there. */
export const nullAggregates = {
  ...aggregates,
  median: (values: readonly number[]) => {
    if (values.length === 0 || values.some(Number.isNaN)) return Number.NaN;
    const sorted = values.toSorted((a, b) => a - b);
    const [low, high] = [Math.floor((sorted.length - 1) / 2), Math.ceil((sorted.length - 1) / 2)];
    const [lower, upper] = [elementAt(sorted, low), elementAt(sorted, high)];
    return lower === upper ? lower : lower + (upper - lower) / 2;
  },
} as const;

/** `depth` bounds how deep it is nested; `before` says whether `prev` may stand in it. */
export function randomNullRowFormula(
  random: Random,
  depth: number,
  before: boolean,
): RowFormula<MaybeNumber> {
  if (depth === 0) return leaf<MaybeNumber>(random);
  const part = (mayHavePrev = before) => randomNullRowFormula(random, depth - 1, mayHavePrev);
  const [a, b] = [part(), part()];
  switch (random.integer(0, 11)) {
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
      const test = leaf<MaybeNumber>(random);
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
      const inner = part(false);
      return {
        source: `${kind}(${inner.source})`,
        evaluate: (_, data, edges) => nullAggregates[kind](thereIn(rowResults(inner, data, edges))),
      };
    }
    case 8: {
      const column = random.pick(['x', 'y'] as const);
      return {
        source: `${column}[${a.source} / 4]`,
        evaluate: (row, data, edges, previous) => {
          const at = a.evaluate(row, data, edges, previous);
          return at === null ? null : elementOf(data[column], at / 4, edges);
        },
      };
    }
    case 9:
    case 10: {
      if (!before) return a;
      const seed = part(false);
      return {
        source: `(prev(${seed.source}) % 1000)`,
        evaluate: (row, data, edges, previous) => {
          const handedOn = row === 0 ? seed.evaluate(row, data, edges, previous) : previous;
          return handedOn === null ? null : handedOn % 1000;
        },
      };
    }
    default: {
      const kind = random.pick(['sum', 'min', 'max'] as const);
      const window = random.integer(1, 5);
      const inner = part(false);
      return {
        source: `rolling_${kind}(${inner.source}, ${window})`,
        evaluate: (row, data, edges) => {
          const first = Math.max(0, row - window + 1);
          const values = rowResults(inner, data, edges).slice(first, row + 1);
          if (values.includes(null)) return null;
          return row < window - 1 ? Number.NaN : aggregates[kind](thereIn(values));
        },
      };
    }
  }
}

export function thereIn(values: readonly MaybeNumber[]): number[] {
  return values.filter((value) => value !== null);
}

function both(a: MaybeNumber, b: MaybeNumber, of: (a: number, b: number) => number): MaybeNumber {
  return a === null || b === null ? null : of(a, b);
}
