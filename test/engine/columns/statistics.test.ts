import { expect } from 'chai';
import { elementAt } from '../../../src/support/element.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { eachLevel } from './each-level.ts';

const untyped = (value: unknown): never => value as never;

/** By its definition, in plain order. */
function plainVariance(values: readonly number[], ddof: number): number {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - ddof);
}

/** By sorting all. */
function plainQuantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((x, y) => x - y);
  const position = (sorted.length - 1) * q;
  const below = Math.floor(position);
  const [lower, upper] = [elementAt(sorted, below), elementAt(sorted, Math.ceil(position))];
  return lower + (upper - lower) * (position - below);
}

describe('reduce to statistics', () => {
  const seed = seedFromEnvironment();
  /** The bits that each level finds. */
  const results = new Map<string, number[]>();

  eachLevel((createEngine, level) => {
    it(`follows the definitions, with the same bits everywhere (SEED=${seed})`, async () => {
      const random = new Random(seed);
      const engine = createEngine();
      const found: number[] = [];
      for (const source of ['x', 'x*x - 3', 'sum(i, 1, 2, x)']) {
        using f = engine.compile(source, ['x']);
        for (const length of [1, 2, 3, 16, 17, 1000, 4097, 9001]) {
          const distinct = random.pick([3, 1000, 1e9]);
          const x = Float64Array.from({ length }, () => random.integer(-distinct, distinct) / 7);
          const values = Array.from(x, (value) => f(value));
          for (const ddof of [undefined, 0, 0.5]) {
            const options = ddof === undefined ? {} : { ddof };
            const [variance, deviation] = [f.reduce('var', { x }, options), f.reduce('std', { x }, options)];
            const expected = plainVariance(values, ddof ?? 0);
            expect(variance).to.be.closeTo(expected, 1e-11 * expected);
            expect(deviation).to.equal(Math.sqrt(variance));
            expect(await f.reduceAsync('var', { x }, { ...options, threads: 3 })).to.equal(variance);
            found.push(variance);
          }
          expect(f.reduce('median', { x })).to.equal(f.reduce('quantile', { x }, { q: 0.5 }));
          for (const q of [0, 0.1, 0.25, 0.5, 0.77, 0.999, 1]) {
            const value = f.reduce('quantile', { x }, { q });
            const expected = plainQuantile(values, q);
            expect(value).to.be.closeTo(expected, 1e-15 * Math.max(...values.map(Math.abs)));
            expect(await f.reduceAsync('quantile', { x }, { q })).to.equal(value);
            found.push(value);
          }
        }
      }
      results.set(level, found);
      const [first] = results.values();
      expect(found).to.deep.equal(first);
    });

    it('says NaN where there is no value, and knows infinities', () => {
      const f = createEngine().compile('x', ['x']);
      const [infinity, nan] = [Number.POSITIVE_INFINITY, Number.NaN];
      for (const kind of ['var', 'std', 'median'] as const) {
        expect(f.reduce(kind, { x: [] })).to.deep.equal(nan);
        expect(f.reduce(kind, { x: [1, nan, 2] })).to.deep.equal(nan);
      }
      expect(f.reduce('quantile', { x: [nan, 1] }, { q: 1 })).to.deep.equal(nan);
      expect(f.reduce('var', { x: [5] }, { ddof: 1 })).to.deep.equal(nan);
      expect(f.reduce('var', { x: [5] }, { ddof: 2 })).to.deep.equal(nan);
      expect(f.reduce('var', { x: [5] })).to.equal(0);
      expect(f.reduce('var', { x: [1, infinity] })).to.deep.equal(nan);
      expect(f.reduce('median', { x: [infinity, 1, infinity] })).to.equal(infinity);
      expect(f.reduce('median', { x: [infinity, infinity] })).to.equal(infinity);
      expect(f.reduce('median', { x: [infinity, 1] })).to.equal(infinity);
      expect(f.reduce('quantile', { x: [1, infinity] }, { q: 0 })).to.equal(1);
      expect(f.reduce('median', { x: [-infinity, 1] })).to.equal(-infinity);
      expect(f.reduce('median', { x: [-infinity, infinity] })).to.deep.equal(nan);
      const most = Number.MAX_VALUE;
      expect(f.reduce('median', { x: [-most, most] })).to.equal(0);
      expect(Object.is(f.reduce('median', { x: [-0, -0, 0] }), 0)).to.equal(true);
    });

    it('refuses options that are impossible, or of other kinds', () => {
      const f = createEngine().compile('x', ['x']);
      const x = [1, 2];
      const reduce = (kind: string, options?: object) => () =>
        f.reduce(untyped(kind), { x }, untyped(options));
      for (const q of [-0.1, 1.1, Number.NaN, '0.5', undefined]) {
        expect(reduce('quantile', { q })).to.throw(RangeError, 'q must be a number from 0 to 1, not');
      }
      expect(reduce('quantile')).to.throw(RangeError, 'q must be a number from 0 to 1, not undefined');
      expect(reduce('median', { q: 0.5 })).to.throw(TypeError, 'q is an option of quantile, not of median');
      expect(reduce('sum', { q: 0.5 })).to.throw(TypeError, 'q is an option of quantile, not of sum');
      for (const ddof of [-1, Number.NaN, Number.POSITIVE_INFINITY, '1']) {
        expect(reduce('var', { ddof })).to.throw(RangeError, 'ddof must be a number of at least 0, not');
      }
      expect(reduce('mean', { ddof: 1 })).to.throw(
        TypeError,
        'ddof is an option of var and std, not of mean',
      );
      expect(reduce('std', { exact: true })).to.throw(TypeError, 'only sum and mean can be exact, not std');
      expect(reduce('variance')).to.throw(RangeError, 'kind must be one of sum, mean');
    });
  });
});
