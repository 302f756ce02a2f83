import { expect } from 'chai';
import { elementAt } from '../../../src/support/element.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { eachBackend } from '../each-backend.ts';
import { eachLevel } from './each-level.ts';

const kinds = ['sum', 'mean', 'min', 'max', 'prod', 'any', 'all', 'count'] as const;
type Kind = (typeof kinds)[number];

/** As plain as can be, in another order: right up to rounding. */
function plainly(kind: Kind, values: readonly number[]): number | boolean {
  const isTrue = (value: number) => value !== 0 && !Number.isNaN(value);
  const sum = () => values.reduce((total, value) => total + value, 0);
  switch (kind) {
    case 'sum':
      return sum();
    case 'mean':
      return sum() / values.length;
    case 'min':
      return values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
    case 'max':
      return values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
    case 'prod':
      return values.reduce((product, value) => product * value, 1);
    case 'any':
      return values.some(isTrue);
    case 'all':
      return values.every(isTrue);
    case 'count':
      return values.filter(isTrue).length;
  }
}

describe('reduce', () => {
  const seed = seedFromEnvironment();
  const lengths = [
    ...Array.from({ length: 68 }, (_, length) => length),
    4095,
    4096,
    4097,
    8192,
    12_300,
    20_001,
  ];
  const sources = ['x*y', 'x > y', 'sin(x) + y', 'x + sum(i, 1, 2, y)'];

  /** The bits that each test finds, by level: all must find the same. */
  const results = new Map<string, string[]>();

  eachLevel((createEngine, level) => {
    it(`gives the same bits on every level and any number of threads (SEED=${seed})`, async () => {
      const random = new Random(seed);
      const engine = createEngine();
      const found: string[] = [];
      for (const source of sources) {
        using f = engine.compile(source, ['x', 'y']);
        for (const length of lengths) {
          const x = Float64Array.from(
            { length },
            () => (random.fraction() - 0.5) * 10 ** random.integer(-3, 3),
          );
          const y = Float64Array.from({ length }, () => random.integer(-8, 8) / 4);
          for (const kind of kinds) {
            const value = f.reduce(kind as 'sum', { x, y });
            found.push(`${source} ${kind} ${length}: ${value}`);
            if (length > 67 && kind === 'sum') {
              for (const threads of [1, 3]) {
                expect(await f.reduceAsync(kind, { x, y }, { threads })).to.equal(value);
              }
            }
          }
        }
      }
      results.set(level, found);
      const [first] = results.values();
      expect(found).to.deep.equal(first);
    });

    it('is right up to rounding', () => {
      const engine = createEngine();
      for (const source of ['x*2 - 3', 'x > 1', 'exp(x)']) {
        const f = engine.compile(source, ['x']);
        for (const length of [1, 2, 15, 16, 17, 100, 5000]) {
          const x = Array.from({ length }, (_, row) => 1 + ((row * 7) % 13) / 1000);
          const values = x.map((value) => f(value));
          for (const kind of kinds) {
            const expected = plainly(kind, values);
            const value = f.reduce(kind as 'sum', { x });
            if (typeof expected === 'boolean' || !Number.isFinite(expected)) expect(value).to.equal(expected);
            else expect(value).to.be.closeTo(expected, 1e-11 * Math.abs(expected));
          }
        }
      }
    });

    it('has results for no rows', () => {
      const f = createEngine().compile('x', ['x']);
      const expected = [0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1, false, true, 0];
      for (const [index, kind] of kinds.entries()) {
        expect(f.reduce(kind as 'sum', { x: [] })).to.deep.equal(elementAt(expected, index));
      }
    });

    it('follows Math.min and Math.max, with NaN and both zeros', () => {
      const f = createEngine().compile('x', ['x']);
      for (let at = 0; at < 40; at++) {
        const x = new Float64Array(40).fill(3);
        x[at] = Number.NaN;
        expect(f.reduce('min', { x })).to.deep.equal(Number.NaN);
        expect(f.reduce('max', { x })).to.deep.equal(Number.NaN);
        expect(f.reduce('count', { x })).to.equal(39);
        expect(f.reduce('all', { x })).to.equal(false);
        const zeros = new Float64Array(40);
        zeros[at] = -0;
        expect(Object.is(f.reduce('min', { x: zeros }), -0)).to.equal(true);
        expect(Object.is(f.reduce('max', { x: zeros }), 0)).to.equal(true);
        expect(f.reduce('any', { x: zeros })).to.equal(false);
      }
    });

    it('grows its error slowly', () => {
      const f = createEngine().compile('x', ['x']);
      const x = new Float64Array(300_000).fill(0.1);
      expect(Math.abs(f.reduce('sum', { x }) - 30_000)).to.be.lessThan(1e-9);
      expect(Math.abs(f.reduce('mean', { x: x.subarray(1) }) - 0.1)).to.be.lessThan(1e-14);
    });

    it('needs no column', () => {
      const f = createEngine().compile('index');
      expect(f.reduce('sum', {}, { length: 10_001 })).to.equal((10_000 * 10_001) / 2);
      expect(f.reduce('max', {}, { length: 77 })).to.equal(76);
    });
  });
});

describe('select and filter', () => {
  eachBackend((createEngine) => {
    it('find the rows where the result is neither 0 nor NaN', () => {
      const engine = createEngine();
      const x = [0, 1, -0, Number.NaN, 2, Number.POSITIVE_INFINITY, -1e-320];
      const rows = engine.compile('x', ['x']).select({ x });
      expect(rows).to.be.instanceOf(Uint32Array);
      expect([...rows]).to.deep.equal([1, 4, 5, 6]);
      expect([...engine.compilePredicate('x > 1', ['x']).select({ x })]).to.deep.equal([4, 5]);
      expect([...engine.compile('index % 3 == 0').select({}, { length: 8 })]).to.deep.equal([0, 3, 6]);
      expect(engine.compile('x > 5', ['x']).select({ x: [] })).to.have.lengthOf(0);
    });

    it('give the elements of one column in its own type', () => {
      const f = createEngine().compile('x % 2 == 1 && y > 0', ['x', 'y']);
      const x = new Int16Array([1, 2, 3, 4, 5]);
      const y = new Float32Array([1, 1, 0, 1, 0.1]);
      const odd: Int16Array = f.filter({ x, y }, 'x');
      expect(odd).to.be.instanceOf(Int16Array);
      expect([...odd]).to.deep.equal([1, 5]);
      expect([...f.filter({ x, y }, 'y')]).to.deep.equal([1, Math.fround(0.1)]);
      expect([...f.filter({ x: [3, 4, 7], y: 1 }, 'x')]).to.deep.equal([3, 7]);
    });

    it('agree on many rows', () => {
      const f = createEngine().compile('x*x > 0.5', ['x']);
      const random = new Random(7);
      const x = Float64Array.from({ length: 10_000 }, () => random.fraction());
      const expected = [...x.keys()].filter((row) => f(elementAt(x, row)) === 1);
      expect([...f.select({ x })]).to.deep.equal(expected);
      expect([...f.filter({ x }, 'x')]).to.deep.equal(expected.map((row) => x[row]));
    });
  });
});
