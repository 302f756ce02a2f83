import { expect } from 'chai';
import { KernelError, ReductionState, TrapError } from '../../../src/index.ts';
import { batchRows } from '../../../src/jit/kernel/exact-reduction.ts';
import { exactMeanOf, exactSumOf } from '../../support/exact-oracle.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { eachBackend } from '../each-backend.ts';
import { eachLevel } from './each-level.ts';

const exact = { exact: true } as const;
const untyped = (value: unknown): never => value as never;

/** Numbers of very different sizes, of which many cancel. */
function illConditioned(random: Random, length: number): Float64Array {
  const values = Float64Array.from(
    { length },
    () => (random.fraction() - 0.5) * 2 ** random.integer(-200, 200),
  );
  for (let i = 1; i < length; i += 2) values[i] = -(values[i - 1] as number) + random.fraction();
  return values;
}

describe('exact reductions', () => {
  const seed = seedFromEnvironment();

  eachLevel((createEngine) => {
    it(`are the nearest doubles to sum and mean, in any order (SEED=${seed})`, async () => {
      const random = new Random(seed);
      const engine = createEngine();
      const sources: readonly [source: string, value: (x: number, index: number) => number][] = [
        ['x', (x) => x],
        ['x * 3 + index', (x, index) => x * 3 + index],
        ['sum(i, 1, 2, x) - index', (x, index) => x + x - index],
        ['x > 0', (x) => (x > 0 ? 1 : 0)],
      ];
      for (const [source, value] of sources) {
        using f = engine.compile(source, ['x', 'index']);
        for (const length of [1, 2, 15, 16, 17, 100, 2047, 2048, 4096, 4097, 9001]) {
          const x = illConditioned(random, length);
          const values = x.map(value);
          const [sum, mean] = [exactSumOf(values), exactMeanOf(values)];
          expect(f.reduce('sum', { x }, exact), `${source} ${length}`).to.equal(sum);
          expect(f.reduce('mean', { x }, exact), `${source} ${length}`).to.equal(mean);
          if (length < 4000) continue;
          for (const threads of [1, 3]) {
            expect(await f.reduceAsync('sum', { x }, { ...exact, threads })).to.equal(sum);
            expect(await f.reduceAsync('mean', { x }, { ...exact, threads })).to.equal(mean);
          }
        }
        const x = illConditioned(random, 5000);
        if (!source.includes('index')) {
          expect(f.reduce('sum', { x: x.slice().sort() }, exact)).to.equal(f.reduce('sum', { x }, exact));
        }
      }
    });

    it(`follow values whose magnitudes and spread change from batch to batch (SEED=${seed})`, () => {
      const random = new Random(seed);
      const f = createEngine().compile('x', ['x']);
      const exponents = [-1074, -1060, -1022, -700, -40, -1, 0, 1, 6, 20, 22, 60, 500, 960, 990, 1000, 1010];
      for (let round = 0; round < 25; round++) {
        const batches = random.integer(2, 12);
        const x = new Float64Array(batches * batchRows + random.integer(0, 20));
        let [exponent, spread] = [0, 0];
        for (let row = 0; row < x.length; row++) {
          if (row % batchRows === 0) {
            if (random.integer(0, 3) > 0) exponent = random.pick(exponents);
            spread = random.pick([0, 0, 3, 24, 40, 80, 400]);
          }
          const own = Math.max(-1074, exponent - random.integer(0, spread));
          x[row] = (random.fraction() * 2 - 1) * 2 ** own;
        }
        // What is great goes out again, so the result shows the last bit of all that is small.
        const twice = new Float64Array(2 * x.length + 1);
        twice.set(x);
        twice.set(x.map((value) => -value).reverse(), x.length);
        for (let row = 0; row < 40; row++) twice[random.integer(0, twice.length - 1)] = random.fraction();
        for (const values of [x, twice])
          expect(f.reduce('sum', { x: values }, exact), `round ${round}`).to.equal(exactSumOf(values));
      }
    });

    it('overflow only if the result does', () => {
      const f = createEngine().compile('x', ['x']);
      const most = Number.MAX_VALUE;
      expect(f.reduce('sum', { x: [most, most, -most] }, exact)).to.equal(most);
      expect(f.reduce('mean', { x: [most, most, most] }, exact)).to.equal(most);
      expect(f.reduce('sum', { x: [most, most] }, exact)).to.equal(Number.POSITIVE_INFINITY);
      expect(f.reduce('sum', { x: new Float64Array(9000).fill(-most) }, exact)).to.equal(
        Number.NEGATIVE_INFINITY,
      );
      expect(f.reduce('sum', { x: [1e100, 1, -1e100] }, exact)).to.equal(1);
      expect(f.reduce('sum', { x: [2 ** -1074, 1, -1] }, exact)).to.equal(2 ** -1074);
    });

    it('keep to infinities, NaN, zeros and no rows', () => {
      const f = createEngine().compile('x', ['x']);
      const infinity = Number.POSITIVE_INFINITY;
      expect(f.reduce('sum', { x: [infinity, -1e308, 5] }, exact)).to.equal(infinity);
      expect(f.reduce('sum', { x: [infinity, -infinity] }, exact)).to.deep.equal(Number.NaN);
      expect(f.reduce('mean', { x: [Number.NaN, 1] }, exact)).to.deep.equal(Number.NaN);
      expect(Object.is(f.reduce('sum', { x: [-0, -0] }, exact), 0)).to.equal(true);
      expect(f.reduce('sum', { x: [] }, exact)).to.equal(0);
      expect(f.reduce('mean', { x: [] }, exact)).to.deep.equal(Number.NaN);
    });

    it('have states with the same bytes for all ways to divide the rows', () => {
      const random = new Random(seed);
      const f = createEngine().compile('x*y', ['x', 'y']);
      const [x, y] = [illConditioned(random, 9000), illConditioned(random, 9000)];
      const whole = new ReductionState();
      const sum = f.reduce('sum', { x, y }, { into: whole });
      expect(sum).to.equal(exactSumOf(x.map((value, i) => value * (y[i] as number))));
      for (const shards of [2, 7]) {
        const states = Array.from({ length: shards }, (_, shard) => {
          const state = new ReductionState();
          const [from, to] = [Math.floor((9000 * shard) / shards), Math.floor((9000 * (shard + 1)) / shards)];
          f.reduce('mean', { x: x.subarray(from, to), y: y.subarray(from, to) }, { into: state });
          return ReductionState.fromBytes(state.toBytes());
        });
        const merged = states.reverse().reduce((all, state) => all.merge(state), new ReductionState());
        expect(merged.toBytes()).to.deep.equal(whole.toBytes());
        expect([merged.rows, merged.sum, merged.mean]).to.deep.equal([9000, sum, whole.mean]);
      }
    });
  });

  eachBackend((createEngine) => {
    it('call host functions once for each row', () => {
      let calls = 0;
      const next = { arity: 1, call: (x: number) => x * ++calls } as const;
      const f = createEngine({ functions: { next: (x: number) => next.call(x) } }).compile('next(x)', ['x']);
      const x = Float64Array.from({ length: 5000 }, (_, i) => 2 ** ((i * 37) % 900));
      const expected = exactSumOf(x.map((value, i) => value * (i + 1)));
      expect(f.reduce('sum', { x }, exact)).to.equal(expected);
      expect(calls).to.equal(5000);
    });

    it('leave the state alone when a run throws', () => {
      const engine = createEngine({ limits: { fuel: 1000 } });
      const f = engine.compile('sum(i, 1, x, i)', ['x']);
      const state = new ReductionState();
      f.reduce('sum', { x: [2, 3] }, { into: state });
      const before = state.toBytes();
      expect(() => f.reduce('sum', { x: [1, 1e9] }, { into: state })).to.throw(TrapError);
      expect(() => f.reduce('sum', untyped({}), { into: state })).to.throw(KernelError);
      expect(state.toBytes()).to.deep.equal(before);
      expect(f.reduce('sum', { x: [4] }, { into: state })).to.equal(19);
      expect([state.rows, state.mean]).to.deep.equal([3, 19 / 3]);
    });

    it('sum exact products of two formulas', () => {
      const engine = createEngine();
      const x = Float64Array.of(2 ** 27 + 1, 2 ** 54 + 4);
      const y = Float64Array.of(2 ** 27 + 1, -1);
      const state = new ReductionState();
      engine.compile('x*y', ['x', 'y']).reduce('sum', { x, y }, { into: state });
      engine.compile('fma(x, y, -(x*y))', ['x', 'y']).reduce('sum', { x, y }, { into: state });
      expect(state.sum).to.equal(2 ** 28 + 1 - 4);
    });

    it('refuse options and kinds that are impossible', async () => {
      const f = createEngine().compile('x', ['x']);
      const x = [1, 2];
      const refused: readonly [kind: string, options: object, message: RegExp][] = [
        ['max', { exact: true }, /only sum and mean can be exact, not max/],
        ['any', { into: new ReductionState() }, /only sum and mean can be exact, not any/],
        ['sum', { exact: 1 }, /exact must be a boolean, not/],
        ['sum', { into: {} }, /into must be a ReductionState, not/],
        ['sum', { into: Object.create(ReductionState.prototype) }, /into must be a ReductionState, not/],
        ['sum', { exact: false, into: new ReductionState() }, /exact cannot be false/],
        ['sum', { exct: true }, /did you mean 'exact'\?/],
      ];
      for (const [kind, options, message] of refused) {
        expect(() => f.reduce(untyped(kind), { x }, options)).to.throw(TypeError, message);
        let thrown: unknown;
        await f.reduceAsync(untyped(kind), { x }, options).catch((error: unknown) => {
          thrown = error;
        });
        expect(thrown).to.be.instanceOf(TypeError).with.property('message').that.matches(message);
      }
      expect(f.reduce('max', { x }, { exact: false } as never)).to.equal(2);
    });
  });
});

describe('ReductionState', () => {
  const stateOf = (bytes: (view: DataView) => void): (() => ReductionState) => {
    const own = new ReductionState().toBytes();
    bytes(new DataView(own.buffer));
    return () => ReductionState.fromBytes(own);
  };

  it('adds numbers that were computed already', () => {
    const state = new ReductionState();
    expect(state.add(new Float64Array(0)).toBytes()).to.deep.equal(new ReductionState().toBytes());
    const values = Float64Array.of(9, 1e100, 0.1, -1e100, 0.2, 9);
    expect(state.add(values.subarray(1, 3))).to.equal(state);
    state.add(values.subarray(3, 5));
    expect([state.rows, state.sum]).to.deep.equal([4, exactSumOf([0.1, 0.2])]);
    expect(state.add(Float64Array.of(Number.NaN)).mean).to.deep.equal(Number.NaN);
    for (const wrong of [[1], Float32Array.of(1), null, Object.create(Float64Array.prototype)]) {
      expect(() => state.add(untyped(wrong))).to.throw(TypeError, 'values must be a Float64Array');
    }
    const detached = Float64Array.of(1);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    expect(state.add(detached).rows).to.equal(5);
  });

  it('is empty at first, and merges with itself', () => {
    const state = new ReductionState();
    expect([state.rows, state.sum, state.mean]).to.deep.equal([0, 0, Number.NaN]);
    expect(state.merge(state).toBytes()).to.deep.equal(new ReductionState().toBytes());
    expect(state.toBytes()).to.have.lengthOf(288);
  });

  it('refuses bytes that are none', () => {
    expect(() => ReductionState.fromBytes(untyped([1]))).to.throw(TypeError, 'bytes must be a Uint8Array');
    expect(() => ReductionState.fromBytes(new Uint8Array(287))).to.throw(
      RangeError,
      '287 bytes instead of 288',
    );
    expect(stateOf((view) => view.setUint8(0, 0))).to.throw(RangeError, 'do not begin with XSUM');
    expect(stateOf((view) => view.setUint8(4, 2))).to.throw(RangeError, 'version is 2, not 1');
    expect(stateOf((view) => view.setUint8(5, 8))).to.throw(RangeError, 'mean nothing');
    expect(stateOf((view) => view.setUint8(6, 1))).to.throw(RangeError, 'mean nothing');
    expect(stateOf((view) => view.setUint32(12, 0xffff_ffff, true))).to.throw(RangeError, 'too many rows');
    const large = stateOf((view) => {
      view.setUint8(8, 1);
      view.setUint32(284, 0x7fff_ffff, true);
    });
    expect(large).to.throw(RangeError, 'larger than so many');
    expect(stateOf((view) => view.setUint8(16, 1))).to.throw(RangeError, 'no rows');
    expect(() => new ReductionState().merge(untyped({}))).to.throw(
      TypeError,
      'other must be a ReductionState',
    );
  });

  it('refuses more rows than it can count', () => {
    const many = stateOf((view) => {
      view.setUint32(8, 0xffff_ffff, true);
      view.setUint32(12, 0x1f_ffff, true);
    })();
    expect(many.rows).to.equal(Number.MAX_SAFE_INTEGER);
    expect(() => many.merge(many)).to.throw(RangeError, '2^53 - 1 rows');
    expect(() => many.add(Float64Array.of(1))).to.throw(RangeError, '2^53 - 1 rows');
    expect(many.rows).to.equal(Number.MAX_SAFE_INTEGER);
  });
});
