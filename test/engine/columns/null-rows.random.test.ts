import { expect } from 'chai';
import type { Edges, NullableArray } from '../../../src/index.ts';
import { maybeAt } from '../../../src/support/element.ts';
import { randomColumn, rowsOf } from '../../support/null-case.ts';
import {
  type MaybeNumber,
  nullAggregates,
  randomNullRowFormula,
  thereIn,
} from '../../support/null-row-formulas.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { rowResults } from '../../support/row-formulas.ts';
import { eachLevel } from './each-level.ts';

const formulaCount = 40;

/** Signs of zeros aside. */
function plain(values: ArrayLike<MaybeNumber>): MaybeNumber[] {
  return Array.from(values, (value) => (value === null ? null : value + 0));
}

function plainRowsOf(result: NullableArray): MaybeNumber[] {
  return plain(rowsOf(result));
}

/** Means are no whole numbers, so their sums are not the same in any order. */
function isNear(a: number, b: number): boolean {
  return Object.is(a + 0, b + 0) || Math.abs(a - b) < 1e-9;
}

describe('formulas that look at other rows of columns with missing values', () => {
  const seed = seedFromEnvironment();

  eachLevel((createEngine) => {
    it(`give what the definition of the language says (SEED=${seed})`, async () => {
      const random = new Random(seed);
      const engine = createEngine();
      for (let count = 0; count < formulaCount; count++) {
        const formula = randomNullRowFormula(random, random.integer(1, 3), random.chance(0.5));
        const other = randomNullRowFormula(random, 1, false);
        // The oracle takes the square of the rows for what is of all of them.
        const isOfRows = !/sum|mean|min|max|count|any|all|median|rolling/.test(formula.source + other.source);
        const rows = isOfRows && random.chance(0.3) ? random.integer(4000, 4200) : random.integer(0, 40);
        const column = () =>
          Array.from({ length: rows }, () => (random.chance(0.2) ? null : random.integer(-50, 50)));
        const data = { x: column(), y: column() };
        const columns = { x: randomColumn(random, data.x), y: randomColumn(random, data.y) };
        const edges = random.pick<Edges>(['nan', 'clamp', 'wrap']);
        const expected = plain(rowResults(formula, data, edges));
        const there = thereIn(expected);
        const source = `${formula.source} + 0*isnull(x[index - 1])`;
        const where = `${source}, ${edges}, ${JSON.stringify(data)}`;
        using f = engine.compile(source, ['x', 'y']);
        const nullable = { edges, nulls: 'bitmap' } as const;
        expect(plainRowsOf(f.map(columns, nullable)), where).to.deep.equal(expected);
        expect(plainRowsOf(await f.mapAsync(columns, nullable)), where).to.deep.equal(expected);
        const withNaN = expected.map((value) => value ?? Number.NaN);
        expect(plain(f.map(columns, { edges })), where).to.deep.equal(withNaN);
        expect(plain(await f.mapAsync(columns, { edges })), where).to.deep.equal(withNaN);
        for (const kind of ['sum', 'mean', 'count', 'min', 'median'] as const) {
          const reduced = f.reduce(kind, columns, { edges });
          expect(isNear(reduced, nullAggregates[kind](there)), `${kind} ${reduced}, ${where}`).to.equal(true);
        }
        const exact = f.reduce('sum', columns, { edges, exact: true });
        expect(isNear(exact, nullAggregates.sum(there)), `${exact}, ${where}`).to.equal(true);
        const by = Uint8Array.from(expected, () => random.integer(0, 3));
        const sums = f.reduceBy('sum', columns, { by, groups: 4, edges });
        for (const [group, sum] of sums.entries()) {
          const own = thereIn(expected.filter((_, row) => by[row] === group));
          expect(isNear(sum, nullAggregates.sum(own)), `sum of group ${group}, ${where}`).to.equal(true);
        }
        using both = engine.kernel({ outputs: { a: source, b: `${other.source} + 0*x` } }, ['x', 'y']);
        const { a, b } = both.map(columns, nullable);
        expect(plainRowsOf(a), where).to.deep.equal(expected);
        const others = rowResults(other, data, edges).map((value, row) =>
          maybeAt(data.x, row) === null ? null : value,
        );
        expect(plainRowsOf(b), `${other.source}, ${where}`).to.deep.equal(plain(others));
      }
    });
  });
});
