import * as arrow from 'apache-arrow';
import { expect } from 'chai';
import { type ColumnInput, KernelError, TrapError } from '../../../src/index.ts';
import { elementAt } from '../../../src/support/element.ts';
import { groupKinds, plainGroups } from '../../support/group-oracle.ts';
import { randomColumn } from '../../support/null-case.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { eachBackend } from '../each-backend.ts';
import { expectSame } from './bits.ts';
import { eachLevel } from './each-level.ts';

type Maybe = number | null;

/** A formula, and what SQL makes of it row by row. */
const formulas: readonly (readonly [source: string, row: (x: Maybe, y: Maybe, index: number) => Maybe])[] = [
  ['x*y + 0.1', (x, y) => (x === null || y === null ? null : x * y + 0.1)],
  ['x > 0 ? y : x', (x, y) => (x !== null && x > 0 ? y : x)],
  ['coalesce(x, y)', (x, y) => x ?? y],
  ['isnull(x)', (x) => Number(x === null)],
  ['x > 0 && y > 0', (x, y) => and(isPositive(x), isPositive(y))],
  ['x*index', (x, _, index) => (x === null ? null : x * index)],
];

const isPositive = (x: Maybe): Maybe => (x === null ? null : Number(x > 0));

function and(x: Maybe, y: Maybe): Maybe {
  if (x === 0 || y === 0) return 0;
  return x === null || y === null ? null : 1;
}

/** What each group comes to of the rows that are there. */
function expectedOf(
  kind: (typeof groupKinds)[number],
  results: readonly Maybe[],
  by: ArrayLike<number>,
  groups: number,
): Float64Array {
  const there = results.flatMap((value, row) => (value === null ? [] : row));
  return Float64Array.from(
    plainGroups(
      kind,
      there.map((row) => Number(results[row])),
      there.map((row) => Number(by[row])),
      groups,
    ),
  );
}

/** Arrow's own vector, of which the first rows were sliced off. */
function arrowColumn(values: readonly Maybe[]): arrow.Vector {
  return arrow.vectorFromArray([7, null, ...values], new arrow.Float64()).slice(2);
}

describe('reduceBy of columns with missing values', () => {
  const seed = seedFromEnvironment();

  eachLevel((createEngine) => {
    it(`leaves out the rows whose result is missing (SEED=${seed})`, async () => {
      const random = new Random(seed);
      const engine = createEngine();
      for (const [source, row] of formulas) {
        using f = engine.compile(source, ['x', 'y', 'index']);
        for (const length of [0, 1, 33, 8193]) {
          const values = () =>
            Array.from({ length }, () =>
              random.chance(0.3) ? null : random.chance(0.02) ? Number.NaN : random.integer(-5, 5) / 3,
            );
          const [x, y] = [values(), values()];
          // Nothing of the last group but one is there; the last one has no rows.
          const groups = random.integer(3, 20);
          const by = Int16Array.from({ length }, (_, at) =>
            x[at] === null && y[at] === null ? groups - 2 : random.integer(0, groups - 3),
          );
          const columns = { x: randomColumn(random, x), y: arrowColumn(y) };
          const results = x.map((value, at) => row(value, elementAt(y, at), at));
          for (const kind of groupKinds) {
            const expected = expectedOf(kind, results, by, groups);
            expectSame(f.reduceBy(kind, columns, { by, groups }), expected);
            expectSame(await f.reduceByAsync(kind, columns, { by, groups, threads: 2 }), expected);
          }
        }
      }
    });

    it('gives a group in which all is missing what reduce gives of no rows', () => {
      const engine = createEngine();
      const f = engine.compile('x + 1', ['x']);
      for (const kind of groupKinds) {
        const reduced = (x: readonly Maybe[]) => Number(f.reduce(kind as 'sum', { x }));
        const ofNone = reduced([null, null]);
        expect(ofNone).to.deep.equal(reduced([]));
        const found = f.reduceBy(kind, { x: [null, 1, null] }, { by: Uint8Array.of(0, 1, 0), groups: 3 });
        expectSame(found, [ofNone, reduced([1]), ofNone]);
      }
    });

    it('reduces slice by slice as all rows at once, from any bit on', () => {
      const f = createEngine().compile('x', ['x']);
      const rows = 16_500;
      for (const offset of [0, 3, 8]) {
        const validity = new Uint8Array(Math.ceil((offset + rows) / 8)).fill(0b0101_1011);
        const results = Array.from({ length: rows }, (_, row) => {
          const bit = offset + row;
          return ((elementAt(validity, bit >> 3) >> (bit & 7)) & 1) === 1 ? row / 7 : null;
        });
        const values = Float64Array.from(results, (_, row) => row / 7);
        const by = Uint32Array.from(results, (_, row) => row % 11);
        const columns = { x: { values, validity, offset } };
        expectSame(f.reduceBy('sum', columns, { by, groups: 11 }), expectedOf('sum', results, by, 11));
        expectSame(f.reduceBy('mean', columns, { by, groups: 11 }), expectedOf('mean', results, by, 11));
        expectSame(
          values,
          Float64Array.from(results, (_, row) => row / 7),
        );
      }
    });
  });

  eachBackend((createEngine) => {
    const sumBy = (x: ColumnInput, options: { by: Int32Array; groups: number }) =>
      createEngine().compile('x', ['x']).reduceBy('sum', { x }, options);

    it('reads columns of foreign elements slice by slice, too', () => {
      const rows = 9000;
      const values = BigInt64Array.from({ length: rows }, (_, row) => BigInt(row));
      const validity = new Uint8Array(rows / 8).fill(0b1111_0000);
      const by = new Int32Array(rows);
      expectSame(sumBy(values, { by, groups: 1 }), [(rows * (rows - 1)) / 2]);
      const half = Array.from({ length: rows }, (_, row) => (row % 8 < 4 ? 0 : row));
      expectSame(sumBy({ values, validity }, { by, groups: 1 }), [half.reduce((sum, row) => sum + row, 0)]);
    });

    it('refuses keys of no group also where nothing is there, and keys that are missing', async () => {
      const f = createEngine().compile('x', ['x']);
      const x = [1, null, 3];
      for (const key of [-1, 2]) {
        const options = { by: Int32Array.of(0, key, 1), groups: 2 };
        expect(() => f.reduceBy('sum', { x }, options)).to.throw(RangeError, `by[1] is ${key}`);
        const thrown = await f.reduceByAsync('sum', { x }, options).catch((error: unknown) => error);
        expect(thrown).to.be.instanceOf(RangeError).with.property('message').that.includes(`by[1] is ${key}`);
      }
      for (const by of [
        [0, null, 1],
        { values: Int32Array.of(0, 1, 1), validity: Uint8Array.of(0b101) },
        arrow.vectorFromArray([0, null, 1], new arrow.Int32()),
        arrow.vectorFromArray(['a', null, 'b'], new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32())),
      ])
        expect(() => f.reduceBy('sum', { x }, { by: by as never, groups: 2 })).to.throw(
          TypeError,
          'by must be a typed array of integers',
        );
    });

    it('refuses bitmaps that are too short or gone, and ends with what rows throw', () => {
      const by = new Int32Array(20);
      const values = new Float64Array(20);
      const gone = new Uint8Array(4);
      structuredClone(gone.buffer, { transfer: [gone.buffer] });
      for (const validity of [new Uint8Array(2), gone])
        expect(() => sumBy({ values, validity }, { by, groups: 1 })).to.throw(KernelError, 'x.validity');
      const f = createEngine({ limits: { fuel: 1000 } }).compile('sum(i, 1, x, i)', ['x']);
      const options = { by: Int32Array.of(0, 0), groups: 1 };
      expect(() => f.reduceBy('sum', { x: [null, 1e9] }, options)).to.throw(TrapError);
    });

    it('counts no more rows once a host function has taken the bitmap or the keys away', () => {
      const column = () => {
        const validity = new Uint8Array(1500).fill(255);
        validity[0] = 254;
        return { values: Float64Array.from({ length: 12_000 }, (_, row) => row), validity };
      };
      const by = new Int32Array(12_000);
      let taken: ArrayBuffer;
      const take = (x: number): number => {
        if (x === 5) structuredClone(taken, { transfer: [taken] });
        return x;
      };
      const f = createEngine({ functions: { take } }).compile('take(x) > 0', ['x']);
      const x = column();
      taken = x.validity.buffer;
      // Bits are read before their rows run, those of 8,192 rows at a time.
      expectSame(f.reduceBy('count', { x }, { by, groups: 1 }), [8191]);
      taken = by.buffer;
      expect(() => f.reduceBy('count', { x: column() }, { by, groups: 1 }))
        .to.throw(KernelError)
        .with.property('code', 'E_DETACHED');
    });
  });
});
