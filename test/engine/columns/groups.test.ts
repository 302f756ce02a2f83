import { expect } from 'chai';
import { KernelError, TrapError } from '../../../src/index.ts';
import { groupKinds, plainGroups } from '../../support/group-oracle.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { eachLevel } from './each-level.ts';

const untyped = (value: unknown): never => value as never;

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
          for (const kind of groupKinds) {
            const expected = Float64Array.from(plainGroups(kind, values, by, groups + 1));
            const options = { by, groups: groups + 1 };
            expect(f.reduceBy(kind, { x }, options), `${source} ${kind} ${length}`).to.deep.equal(expected);
            expect(await f.reduceByAsync(kind, { x }, { ...options, threads: 2 })).to.deep.equal(expected);
          }
        }
      }
    });

    it('adds slice by slice as all rows at once, with the same errors', () => {
      const engine = createEngine();
      const f = engine.compile('x*y + 0.1', ['x', 'y']);
      for (const length of [16_384, 16_401]) {
        const memory = new Float32Array(length + 1).map((_, row) => Math.sin(row));
        const columns = { x: memory.subarray(1), y: Float64Array.from({ length }, (_, row) => row % 7) };
        const by = Int16Array.from({ length }, (_, row) => (row * 31) % 100);
        const values = f.map(columns);
        for (const kind of ['sum', 'mean', 'max'] as const) {
          const expected = Float64Array.from(plainGroups(kind, values, by, 101));
          expect(f.reduceBy(kind, columns, { by, groups: 101 })).to.deep.equal(expected);
        }
        by[length - 1] = 101;
        expect(() => f.reduceBy('sum', columns, { by, groups: 101 })).to.throw(
          RangeError,
          `by[${length - 1}] is 101`,
        );
        const sum = f.reduceBy('sum', { x: 2, y: 3 }, { by: new Uint8Array(length), groups: 1 });
        expect(sum[0]).to.be.closeTo(6.1 * length, 1e-6 * length);
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
