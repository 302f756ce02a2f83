import * as arrow from 'apache-arrow';
import { expect } from 'chai';
import { type ColumnInput, Engine, KernelError, type KernelErrorCode } from '../../../src/index.ts';
import { elementAt } from '../../../src/support/element.ts';
import { rowsOf } from '../../support/null-case.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { eachBackend } from '../each-backend.ts';
import { expectSame } from './bits.ts';

/** What Arrow itself says, as numbers. */
function numbersOf(vector: arrow.Vector): (number | null)[] {
  return Array.from({ length: vector.length }, (_, row) => {
    const value: unknown = vector.get(row);
    return value === null ? null : Number(value);
  });
}

const integers = [1, null, -3, 4, null, 6, 7, 8, null, 10, 11] as const;
const types: readonly (readonly [what: string, vector: arrow.Vector])[] = [
  ['Float64', arrow.vectorFromArray([1.5, null, Number.NaN, -0, null, 1e300], new arrow.Float64())],
  ['Float32', arrow.vectorFromArray([1.5, null, 0.1, null], new arrow.Float32())],
  ['Float16', arrow.vectorFromArray([1.5, null, -0.1, 65504, 6e-8, Infinity], new arrow.Float16())],
  ['Int8', arrow.vectorFromArray(integers, new arrow.Int8())],
  ['Int16', arrow.vectorFromArray(integers, new arrow.Int16())],
  ['Int32', arrow.vectorFromArray(integers, new arrow.Int32())],
  ['Uint8', arrow.vectorFromArray([1, null, 255], new arrow.Uint8())],
  ['Uint16', arrow.vectorFromArray([1, null, 65_535], new arrow.Uint16())],
  ['Uint32', arrow.vectorFromArray([1, null, 2 ** 32 - 1], new arrow.Uint32())],
  ['Int64', arrow.vectorFromArray([1n, null, -(2n ** 63n), 2n ** 53n + 1n], new arrow.Int64())],
  ['Uint64', arrow.vectorFromArray([1n, null, 2n ** 64n - 1n, 2n ** 53n + 3n], new arrow.Uint64())],
  ['Bool', arrow.vectorFromArray([true, null, false, true, true, null, false, true, true], new arrow.Bool())],
  ['Timestamp', arrow.vectorFromArray([1_700_000_000_123, null, 5], new arrow.TimestampMillisecond())],
  ['Date64', arrow.vectorFromArray([new Date(86_400_000), null], new arrow.DateMillisecond())],
  ['Time32', arrow.vectorFromArray([5, null, 6], new arrow.TimeMillisecond())],
  ['Duration', arrow.vectorFromArray([5n, null, 6n], new arrow.DurationSecond())],
];

describe('columns of Apache Arrow', () => {
  const seed = seedFromEnvironment();

  eachBackend((createEngine) => {
    const read = (x: ColumnInput) =>
      rowsOf(createEngine().compile('x', ['x']).map({ x }, { nulls: 'bitmap' }));

    for (const [what, vector] of types) {
      it(`are the numbers that they hold: ${what}`, () => {
        expect(read(vector)).to.deep.equal(numbersOf(vector));
        const slice = vector.slice(1, vector.length);
        expect(read(slice)).to.deep.equal(numbersOf(slice));
        const chunks = vector.concat(slice, vector.slice(0, 1));
        expect(chunks.data.length).to.equal(3);
        expect(read(chunks)).to.deep.equal(numbersOf(chunks));
        expect(read(chunks.slice(2, chunks.length - 1))).to.deep.equal(
          numbersOf(chunks.slice(2, chunks.length - 1)),
        );
      });
    }

    it(`are sliced and joined at any row (SEED=${seed})`, () => {
      const random = new Random(seed);
      const f = createEngine().compile('x + y', ['x', 'y']);
      for (let round = 0; round < 60; round++) {
        let vector: arrow.Vector = arrow.vectorFromArray([0], new arrow.Int32());
        for (let part = random.integer(1, 4); part > 0; part--) {
          const values = Array.from({ length: random.integer(1, 70) }, (_, i) =>
            random.chance(0.2) ? null : i,
          );
          const whole = arrow.vectorFromArray(values, new arrow.Int32());
          const first = random.integer(0, whole.length - 1);
          vector = vector.concat(whole.slice(first, random.integer(first + 1, whole.length)));
        }
        const first = random.integer(0, vector.length - 1);
        const slice = vector.slice(first, random.integer(first + 1, vector.length));
        const expected = numbersOf(slice).map((value) => (value === null ? null : value + 1));
        expect(rowsOf(f.map({ x: slice, y: 1 }, { nulls: 'bitmap' }))).to.deep.equal(expected);
      }
    });

    it('of a table that was written and read', () => {
      const table = arrow.tableFromArrays({
        x: Float64Array.of(1, 2, 3, 4),
        flag: [true, null, false, true],
      });
      const again = arrow.tableFromIPC(arrow.tableToIPC(table));
      const x = again.getChild('x');
      const flag = again.getChild('flag');
      if (x === null || flag === null) throw new Error('the table has its columns');
      const f = createEngine().compile('flag ? x : isnull(flag) ? -1 : 0', ['x', 'flag']);
      expectSame(f.map({ x, flag }), [1, -1, 0, 4]);
      expect([...createEngine().compile('flag && x > 0', ['x', 'flag']).select({ x, flag })]).to.deep.equal([
        0, 3,
      ]);
    });

    it('without nulls are no more than their array', () => {
      const vector = arrow.makeVector(Float64Array.of(1, 2, 3));
      expect(elementAt(vector.data, 0).nullBitmap?.length ?? 0).to.equal(0);
      expect(read(vector)).to.deep.equal([1, 2, 3]);
    });

    it('are bound', () => {
      const f = createEngine().compile('x + 1', ['x']);
      expectSame(f.bind({ x: arrow.vectorFromArray([1, null, 3], new arrow.Float64()) }).run(), [2, NaN, 4]);
      expectSame(f.bind({ x: arrow.vectorFromArray([1n, null], new arrow.Int64()) }).run(), [2, NaN]);
    });
  });
});

describe('columns of Apache Arrow that are wrong', () => {
  const values = Float64Array.of(1, 2, 3);
  const type = { typeId: 3 };
  const chunk = { length: 3, offset: 0, values, nullBitmap: undefined };
  const vector = (change: object) => ({ type, data: [{ ...chunk, ...change }] });
  const gone = new Uint8Array(1);
  structuredClone(gone.buffer, { transfer: [gone.buffer] });
  const refusals: readonly (readonly [
    what: string,
    column: unknown,
    error: KernelErrorCode | typeof TypeError | typeof RangeError,
    message: string,
  ])[] = [
    ['text', arrow.vectorFromArray(['a', 'b']), TypeError, 'which has no numbers'],
    ['nothing but nulls', arrow.vectorFromArray([null], new arrow.Null()), TypeError, 'of type Null'],
    ['decimals', arrow.vectorFromArray([null], new arrow.Decimal(2, 10)), TypeError, 'no numbers'],
    ['lists', arrow.vectorFromArray([[1]]), TypeError, 'no numbers'],
    ['no type', { type: undefined, data: [chunk] }, TypeError, 'of type undefined'],
    ['no chunks', { type, data: 5 }, TypeError, 'must be an array of chunks'],
    ['a chunk that is none', { type, data: [5] }, TypeError, 'x.data[0] must be a chunk'],
    ['a chunk longer than its values', vector({ length: 4 }), RangeError, 'has 3 elements'],
    ['a chunk of no whole length', vector({ length: 1.5 }), RangeError, 'x.data[0].length'],
    ['a chunk of negative length', vector({ length: -1 }), RangeError, 'x.data[0].length'],
    ['a negative offset', vector({ offset: -8 }), RangeError, 'x.data[0].offset'],
    [
      'a bitmap too short',
      vector({ offset: 6, nullBitmap: Uint8Array.of(1) }),
      'E_LENGTH_MISMATCH',
      'take 2',
    ],
    ['a bitmap that is gone', vector({ nullBitmap: gone }), 'E_DETACHED', 'nullBitmap'],
    ['a bitmap that is none', vector({ nullBitmap: [1] }), TypeError, 'a Uint8Array of bits'],
    ['values that are a list', vector({ values: [1, 2, 3] }), TypeError, 'must be a typed array'],
    ['values that are gone', vector({ values: gone }), 'E_DETACHED', 'x.data[0].values'],
    [
      'truth values that are no bits',
      { type: { typeId: 6 }, data: [{ ...chunk }] },
      TypeError,
      'a Uint8Array of bits',
    ],
    [
      'too few truth values',
      { type: { typeId: 6 }, data: [{ ...chunk, length: 9, values: Uint8Array.of(1) }] },
      'E_LENGTH_MISMATCH',
      'take 2',
    ],
    [
      'chunks of two types',
      { type, data: [chunk, { ...chunk, values: new Int8Array(3) }] },
      TypeError,
      'different types',
    ],
    [
      'a type that throws',
      {
        type: {
          get typeId() {
            throw new TypeError('hostile');
          },
        },
        data: [],
      },
      TypeError,
      'hostile',
    ],
  ];

  for (const [what, column, error, message] of refusals) {
    it(`${what}: refused, and nothing is written`, () => {
      using engine = new Engine();
      const f = engine.compile('x + y', ['x', 'y']);
      const out = new Float64Array(9).fill(5);
      try {
        f.map({ x: column as ColumnInput, y: 1 }, { out });
      } catch (thrown) {
        if (typeof error === 'string') expect((thrown as KernelError).code).to.equal(error);
        else expect(thrown).to.be.instanceOf(error);
        expect((thrown as Error).message).to.include(message);
        expectSame(out, new Float64Array(9).fill(5));
        return;
      }
      expect.fail('nothing was thrown');
    });
  }

  it('chunks that lie about themselves the second time', () => {
    using engine = new Engine();
    const f = engine.compile('x', ['x']);
    let reads = 0;
    const lying = {
      get length() {
        return reads++ === 0 ? 3 : 1e9;
      },
      offset: 0,
      values,
      nullBitmap: null,
    };
    expectSame(f.map({ x: { type, data: [lying] } }), [1, 2, 3]);
    const growing: object[] = [];
    growing.push({
      ...chunk,
      get length() {
        growing.push(chunk);
        return 3;
      },
    });
    expectSame(f.map({ x: { type, data: growing } as never }), [1, 2, 3]);
  });

  it('an empty one has no rows', () => {
    using engine = new Engine();
    expectSame(engine.compile('x', ['x']).map({ x: { type, data: [] } }), []);
    expect(KernelError).to.be.a('function');
  });
});
