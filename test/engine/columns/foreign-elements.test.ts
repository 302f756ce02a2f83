import { expect } from 'chai';
import { halvesOf } from '../../../src/engine/columns/foreign-elements.ts';
import { Engine, KernelError } from '../../../src/index.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { eachBackend } from '../each-backend.ts';
import { expectSame } from './bits.ts';

/** Node 24 and later have it. */
const { Float16Array } = globalThis as {
  Float16Array?: new (values: readonly number[]) => never;
};

/** binary16, by the definition of IEEE 754. */
function half(pattern: number): number {
  const sign = pattern >> 15 === 0 ? 1 : -1;
  const exponent = (pattern >> 10) & 31;
  const significand = (pattern & 1023) / 1024;
  if (exponent === 31) return significand === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * significand * 2 ** -14 : sign * (1 + significand) * 2 ** (exponent - 15);
}

describe('columns of integers of 64 bits', () => {
  const seed = seedFromEnvironment();

  eachBackend((createEngine) => {
    it(`are rounded as Number rounds bigints (SEED=${seed})`, () => {
      const random = new Random(seed);
      const f = createEngine().compile('x', ['x']);
      const words: bigint[] = [0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, 2n ** 53n + 3n];
      for (let bits = 52n; bits < 64n; bits++) {
        for (const tail of [-1n, 0n, 1n]) {
          const half = 1n << (bits > 53n ? bits - 53n : 0n);
          words.push(
            (1n << bits) + half + tail,
            (1n << bits) + 3n * half + tail,
            -(1n << bits) - half - tail,
          );
        }
      }
      for (let i = 0; i < 2000; i++) {
        const word = (BigInt(random.integer(0, 2 ** 32 - 1)) << 32n) | BigInt(random.integer(0, 2 ** 32 - 1));
        words.push(word >> BigInt(random.integer(0, 63)));
      }
      const signed = BigInt64Array.from(words);
      const unsigned = BigUint64Array.from(words);
      expectSame(f.map({ x: signed }), Array.from(signed, Number));
      expectSame(f.map({ x: unsigned }), Array.from(unsigned, Number));
      expectSame(f.map({ x: signed.subarray(3, 50) }), Array.from(signed.subarray(3, 50), Number));
    });

    it('are columns everywhere', async () => {
      const engine = createEngine();
      const f = engine.compile('x > 2', ['x']);
      const x = BigInt64Array.of(1n, 3n, 5n);
      expect([...f.select({ x })]).to.deep.equal([1, 2]);
      expectSame(f.filter({ x }, 'x'), [3, 5]);
      expect(f.reduce('count', { x })).to.equal(2);
      expectSame(await f.mapAsync({ x }), [0, 1, 1]);
      expectSame(f.map({ x: { values: x, validity: Uint8Array.of(0b101) } }), [0, Number.NaN, 1]);
      const bound = f.bind({ x });
      expectSame(bound.run(), [0, 1, 1]);
      x[0] = 9n;
      expectSame(bound.run(), [1, 1, 1]);
    });

    it('are refused where their memory is gone, and where one stands for all rows', () => {
      const f = createEngine().compile('x', ['x']);
      const x = new BigInt64Array(2);
      structuredClone(x.buffer, { transfer: [x.buffer] });
      expect(() => f.map({ x })).to.throw(KernelError, 'x is gone');
      expect(() => f.map({ x: 5n as never }, { length: 2 })).to.throw(TypeError, 'Number(…)');
    });
  });
});

describe('results as integers of 64 bits', () => {
  const seed = seedFromEnvironment();

  eachBackend((createEngine) => {
    const f = () => createEngine().compile('x', ['x']);

    it(`are the integer part modulo 2^64 (SEED=${seed})`, () => {
      const random = new Random(seed);
      const x = [0, -0, 0.9, -0.9, 1.5, -1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (const power of [31, 32, 33, 52, 53, 62, 63, 64, 65, 100, 1023]) {
        for (const factor of [1, 1 + 2 ** -52, 2 - 2 ** -52, 1.5])
          x.push(factor * 2 ** power, -factor * 2 ** power);
      }
      for (let i = 0; i < 2000; i++)
        x.push(random.double(), (random.fraction() - 0.5) * 2 ** random.integer(0, 70));
      const integers = x.map((value) => (Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n));
      const signed: BigInt64Array = f().map({ x }, { type: 'i64' });
      expect([...signed]).to.deep.equal(integers.map((value) => BigInt.asIntN(64, value)));
      const unsigned: BigUint64Array = f().map({ x }, { type: 'u64' });
      expect([...unsigned]).to.deep.equal(integers.map((value) => BigInt.asUintN(64, value)));
    });

    it('go into arrays that are given, and from one to the other', async () => {
      const engine = createEngine();
      const g = engine.compile('x + 1', ['x']);
      const out = new BigInt64Array(new SharedArrayBuffer(40), 8, 3).fill(7n);
      expect(g.map({ x: [1, 2] }, { out })).to.equal(out);
      expect([...out]).to.deep.equal([2n, 3n, 7n]);
      expect([...(await g.mapAsync({ x: out }, { out }))]).to.deep.equal([3n, 4n, 8n]);
      const { values, validity } = g.map({ x: [1, null] }, { type: 'u64', nulls: 'bitmap' });
      expect([[...values], [...validity]]).to.deep.equal([[2n, 0n], [1]]);
      const there = await g.mapAsync({ x: [1, null] }, { type: 'i64', nulls: 'bitmap' });
      expect([[...there.values], [...there.validity]]).to.deep.equal([[2n, 0n], [1]]);
      expect([...engine.compile('index').map({}, { out })]).to.deep.equal([0n, 1n, 2n]);
      const bound = g.bind({ x: out }, { out });
      expect(bound.out).to.equal(out);
      for (let i = 0; i < 5; i++) bound.run();
      expect([...out]).to.deep.equal([5n, 6n, 7n]);
      const made: BigInt64Array = g.bind({ x: [1] }, { type: 'i64' }).run();
      expect([...made]).to.deep.equal([2n]);
      const kernel = engine.kernel({ outputs: { a: 'x*2', b: 'x' } });
      const { a, b } = kernel.map({ x: [3] }, { type: { a: 'i64' }, out: { b: new BigUint64Array(1) } });
      expect([a[0], b[0]]).to.deep.equal([6n, 3n]);
      const both = await kernel.mapAsync({ x: [null] }, { type: 'i64', nulls: 'bitmap' });
      expect([...both.b.values, ...both.a.validity]).to.deep.equal([0n, 0]);
    });

    it('are refused where they do not fit, and nothing is written', () => {
      const out = new BigInt64Array(2).fill(9n);
      const refusals = [
        [{ out, type: 'u64' }, TypeError, 'elements of type u64, not be a BigInt64Array'],
        [{ out, type: 'f64' }, TypeError, 'out must be'],
        [{ out: new Float64Array(3), type: 'i64' }, TypeError, 'not be a Float64Array'],
        [{ out }, KernelError, 'out has 2 elements, and there are 3'],
        [{ type: 'i63' }, RangeError, 'mask, i64, u64, f16, not "i63"'],
      ] as const;
      for (const [options, error, message] of refusals)
        expect(() => f().map({ x: [1, 2, 3] }, options as never)).to.throw(error, message);
      const gone = new BigInt64Array(3);
      structuredClone(gone.buffer, { transfer: [gone.buffer] });
      expect(() => f().map({ x: [1, 2, 3] }, { out: gone })).to.throw(KernelError, 'gone');
      const engine = createEngine({
        functions: {
          take(x: number) {
            structuredClone(out.buffer, { transfer: [out.buffer] });
            return x;
          },
        },
      });
      expect(() => engine.compile('take(x)', ['x']).map({ x: [1] }, { out })).to.throw(KernelError, 'gone');
    });
  });
});

describe('columns of floats of 16 bits', () => {
  it('are what their patterns mean', () => {
    const patterns = Uint16Array.from({ length: 65_536 }, (_, pattern) => pattern);
    expectSame(halvesOf(patterns), Float32Array.from(patterns, half));
  });

  if (Float16Array === undefined) {
    it('are no results where there are none', () => {
      using engine = new Engine();
      const f = engine.compile('x', ['x']);
      expect(() => f.map({ x: [1] }, { type: 'f16' })).to.throw(RangeError, 'no Float16Array');
    });
  } else {
    eachBackend((createEngine) => {
      it('are numbers', () => {
        const f = createEngine().compile('x*2', ['x']);
        expectSame(f.map({ x: new Float16Array([1.5, -0, 65_504, Number.NaN]) }), [
          3,
          -0,
          131_008,
          Number.NaN,
        ]);
      });

      it('are results, rounded once', () => {
        const g = createEngine().compile('x', ['x']);
        const x = [
          1,
          1 + 2 ** -11,
          1 + 2 ** -11 + 2 ** -40,
          65_519.9,
          65_520,
          2 ** -25,
          -(2 ** -24),
          Number.NaN,
        ];
        const expected = [1, 1, 1 + 2 ** -10, 65_504, Number.POSITIVE_INFINITY, 0, -(2 ** -24), Number.NaN];
        expectSame(g.map({ x }, { type: 'f16' }), expected);
        const out = new Float16Array(new Array(8).fill(5));
        expect(g.map({ x }, { out })).to.equal(out);
        expectSame(out, expected);
      });
    });
  }
});
