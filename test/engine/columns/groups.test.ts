import { expect } from 'chai';
import { type GroupKind, KernelError, TrapError } from '../../../src/index.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { eachLevel } from './each-level.ts';

const kinds = ['sum', 'mean', 'min', 'max', 'prod', 'any', 'all', 'count'] as const;
const untyped = (value: unknown): never => value as never;

/** Row by row, as plain as can be. */
function plainly(
  kind: GroupKind,
  values: ArrayLike<number>,
  by: ArrayLike<number>,
  groups: number,
): number[] {
  return Array.from({ length: groups }, (_, group) =>
    definitions[kind](Array.from(values).filter((_value, row) => by[row] === group)),
  );
}

const isTrue = (x: number): boolean => x !== 0 && !Number.isNaN(x);

const definitions: Readonly<Record<GroupKind, (own: readonly number[]) => number>> = {
  sum: (own) => own.reduce((sum, x) => sum + x, 0),
  mean: (own) => own.reduce((sum, x) => sum + x, 0) / own.length,
  min: (own) => own.reduce((least, x) => Math.min(least, x), Number.POSITIVE_INFINITY),
  max: (own) => own.reduce((most, x) => Math.max(most, x), Number.NEGATIVE_INFINITY),
  prod: (own) => own.reduce((product, x) => product * x, 1),
  any: (own) => (own.some(isTrue) ? 1 : 0),
  all: (own) => (own.every(isTrue) ? 1 : 0),
  count: (own) => own.filter(isTrue).length,
};

describe('reduceBy', () => {
  const seed = seedFromEnvironment();

  eachLevel((createEngine) => {
    it(`adds row by row what a plain loop adds (SEED=${seed})`, async () => {
      const random = new Random(seed);
      const engine = createEngine();
      for (const source of ['x', 'x*index - length', 'sum(i, 1, 2, x)', 'x > 0.2']) {
        using f = engine.compile(source, ['x', 'index', 'length']);
        for (const length of [0, 1, 100, 4096, 4097, 9001]) {
          const groups = random.integer(1, 20);
          const x = Float64Array.from({ length }, () =>
            random.integer(0, 50) === 0 ? Number.NaN : random.integer(-5, 5) / 3,
          );
          const keys = Array.from({ length }, () => random.integer(0, groups - 1));
          const by = random.pick([
            Int8Array.from(keys),
            Uint8Array.from(keys),
            Uint8ClampedArray.from(keys),
            Int16Array.from(keys),
            Uint16Array.from(keys),
            Int32Array.from(keys),
            Uint32Array.from(keys),
          ]);
          const values = x.map((value, row) => f(value, row, length));
          for (const kind of kinds) {
            const expected = Float64Array.from(plainly(kind, values, by, groups + 1));
            const options = { by, groups: groups + 1 };
            expect(f.reduceBy(kind, { x }, options), `${source} ${kind} ${length}`).to.deep.equal(expected);
            expect(await f.reduceByAsync(kind, { x }, { ...options, threads: 2 })).to.deep.equal(expected);
          }
        }
      }
    });

    it('refuses keys of no group, and what cannot be grouped by', async () => {
      const f = createEngine().compile('x', ['x']);
      const x = new Float64Array(5000);
      const by = new Int16Array(5000);
      const grouped = (options: object) => () => f.reduceBy('sum', { x }, untyped(options));
      for (const [key, name] of [
        [3, '3'],
        [-1, '-1'],
      ] as const) {
        by[4500] = key;
        const message = `by[4500] is ${name}, and groups are numbered from 0 to 2`;
        expect(grouped({ by, groups: 3 })).to.throw(RangeError, message);
        let thrown: unknown;
        await f.reduceByAsync('sum', { x }, { by, groups: 3 }).catch((error: unknown) => {
          thrown = error;
        });
        expect(thrown).to.be.instanceOf(RangeError).with.property('message', message);
      }
      by[4500] = 0;
      expect(grouped({ by: new Float64Array(5000), groups: 3 })).to.throw(TypeError, 'array of integers');
      expect(grouped({ by: [1], groups: 3 })).to.throw(TypeError, 'array of integers');
      expect(grouped({ by: new BigInt64Array(5000), groups: 3 })).to.throw(TypeError, 'array of integers');
      expect(grouped({ by: by.subarray(1), groups: 3 })).to.throw(KernelError, 'by has 4999 elements');
      for (const groups of [-1, 1.5, '3', undefined, 2 ** 32, Number.NaN]) {
        expect(grouped({ by, groups })).to.throw(RangeError, 'groups must be an integer from 0 to');
      }
      expect(grouped({ by, groups: 0 })).to.throw(RangeError, 'by[0] is 0');
      expect(grouped({ by, group: 3 })).to.throw(TypeError, "did you mean 'groups'?");
      expect(() => f.reduceBy(untyped('var'), { x }, { by, groups: 3 })).to.throw(RangeError, 'kind must be');
      expect(() => f.reduceBy('sum', { x }, untyped(undefined))).to.throw(TypeError, 'by must be');
      const gone = new Int32Array(5000);
      structuredClone(gone, { transfer: [gone.buffer] });
      expect(grouped({ by: gone, groups: 3 })).to.throw(KernelError, 'by has 0 elements');
    });

    it('needs no column, and throws what rows throw', () => {
      const engine = createEngine({ limits: { fuel: 1000 } });
      const by = Uint8Array.of(1, 0, 1);
      expect([...engine.compile('index').reduceBy('sum', {}, { by, groups: 2 })]).to.deep.equal([1, 2]);
      const f = engine.compile('sum(i, 1, x, i)', ['x']);
      expect(() => f.reduceBy('sum', { x: [1, 1, 1e9] }, { by, groups: 2 })).to.throw(TrapError);
    });

    it('sees that host functions have taken the keys away', () => {
      const by = Uint8Array.of(1, 0, 1);
      let calls = 0;
      const take = (x: number): number => {
        if (++calls === 2) structuredClone(by, { transfer: [by.buffer] });
        return x;
      };
      const f = createEngine({ functions: { take } }).compile('take(x)', ['x']);
      expect(() => f.reduceBy('sum', { x: [1, 2, 3] }, { by, groups: 2 }))
        .to.throw(KernelError)
        .with.property('code', 'E_DETACHED');
      expect(calls).to.equal(3);
    });
  });
});
