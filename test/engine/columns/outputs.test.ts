import { expect } from 'chai';
import { CompileError, KernelError, ReleasedError } from '../../../src/index.ts';
import { expectSame } from './bits.ts';
import { eachLevel } from './each-level.ts';

describe('kernels of several outputs', () => {
  eachLevel((createEngine) => {
    it('compute each as a function of its own would', () => {
      const engine = createEngine();
      const sources = {
        r: 'sqrt(x*x + y*y)',
        a: 'atan2(y, x)',
        near: 'sqrt(x*x + y*y) < 1',
        twice: '2 * sqrt(x*x + y*y)',
      };
      using kernel = engine.kernel({ outputs: sources }, ['x', 'y']);
      using vectors = engine.kernel({ outputs: { r: sources.r, near: sources.near, twice: sources.twice } }, [
        'x',
        'y',
      ]);
      expect(kernel.parameters).to.deep.equal(['x', 'y']);
      expect(kernel.outputs).to.deep.equal(['r', 'a', 'near', 'twice']);
      for (const length of [0, 1, 3, 8, 21, 67, 5000]) {
        const x = Float64Array.from({ length }, (_, row) => ((row * 7) % 11) / 4 - 1);
        const y = Float64Array.from({ length }, (_, row) => ((row * 5) % 13) / 8 - 1);
        const results = kernel.map({ x, y });
        for (const [name, source] of Object.entries(sources)) {
          using f = engine.compile(source, ['x', 'y']);
          expectSame(results[name as 'r'], f.map({ x, y }), source);
        }
        const { r, near, twice } = vectors.map({ x, y });
        expectSame(r, results.r);
        expectSame(near, results.near);
        expectSame(twice, results.twice);
      }
    });

    it('have their columns where only others look at other rows', () => {
      const engine = createEngine();
      using kernel = engine.kernel({ outputs: { before: 'y[index - 1]', own: 'x + 1' } }, ['x', 'y']);
      const { before, own } = kernel.map({ x: [1, 2, 3], y: [4, 5, 6] });
      expect([...before]).to.deep.equal([Number.NaN, 4, 5]);
      expect([...own]).to.deep.equal([2, 3, 4]);
    });

    it('give each the type and the array that is asked for', async () => {
      using kernel = createEngine().kernel({ outputs: { a: 'x * 1.5', b: 'x > 1', c: 'x + 1' } }, ['x']);
      const out = { c: new Float32Array(4) };
      const result = kernel.map({ x: [1, 2, 3] }, { type: { a: 'i32', b: 'mask' }, out });
      const a: Int32Array = result.a;
      const b: Uint8Array = result.b;
      expectSame(a, [1, 3, 4]);
      expectSame(b, [0, 1, 1]);
      expect(result.c).to.equal(out.c);
      expectSame(out.c, [2, 3, 4, 0]);
      const all = await kernel.mapAsync({ x: [1, 2, 3] }, { type: 'u8' });
      for (const array of Object.values(all)) expect(array).to.be.instanceOf(Uint8Array);
      expectSame(all.a, [1, 3, 4]);
    });

    it('may write one of them over a column', () => {
      using kernel = createEngine().kernel({ outputs: { a: 'x + y', b: 'x - y', c: 'x * y' } }, ['x', 'y']);
      for (const length of [1, 5, 16, 67]) {
        const x = Float64Array.from({ length }, (_, row) => row + 0.5);
        const y = Float64Array.from({ length }, (_, row) => 3 * row);
        const expected = kernel.map({ x, y });
        const own = { x: x.slice(), y: y.slice() };
        const { a, b, c } = kernel.map(own, { out: { a: own.x, c: own.y } });
        expect([a, c]).to.deep.equal([own.x, own.y]);
        expectSame(a, expected.a);
        expectSame(b, expected.b);
        expectSame(c, expected.c);
      }
    });

    it('know rows without being told, and parameters by their use', () => {
      const engine = createEngine();
      using kernel = engine.kernel({ outputs: { t: 'index / (length - 1)', u: 'q * index' } });
      expect(kernel.parameters).to.deep.equal(['q', 'index', 'length']);
      const { t, u } = kernel.map({ q: 2 }, { length: 3 });
      expectSame(t, [0, 0.5, 1]);
      expectSame(u, [0, 2, 4]);
      using given = engine.kernel({ outputs: { a: 'index + x' } }, ['x', 'index']);
      expectSame(given.map({ x: [1, 2], index: 10 }).a, [11, 12]);
      expectSame(given.map({ x: [1, 2] }).a, [1, 3]);
    });

    it('have definitions and host functions of their own', () => {
      const engine = createEngine({
        functions: { plus: (x, y) => (x as number) + (y as number), half: (x) => (x as number) / 2 },
      });
      using kernel = engine.kernel(
        {
          outputs: {
            a: 'f(n) = n <= 1 ? 1 : n * f(n - 1); f(x)',
            b: 'let k = 3; f(n) = half(n) + k; f(x)',
            c: 'plus(x, half(x))',
          },
        },
        ['x'],
      );
      const { a, b, c } = kernel.map({ x: [4, 5] });
      expectSame(a, [24, 120]);
      expectSame(b, [5, 5.5]);
      expectSame(c, [6, 7.5]);
    });
  });

  eachLevel((createEngine) => {
    it('are released, alone or with their engine', () => {
      const engine = createEngine();
      const kernel = engine.kernel({ outputs: { a: 'x + 1' } }, ['x']);
      const other = engine.kernel({ outputs: { a: 'x + 2' } }, ['x']);
      kernel.map({ x: [1] });
      other.map({ x: [1] });
      expect(engine.statistics().functionCount).to.equal(2);
      kernel.release();
      kernel.release();
      expect(kernel.released).to.equal(true);
      expect(engine.statistics().functionCount).to.equal(1);
      expect(() => kernel.map({ x: [1] })).to.throw(ReleasedError);
      engine.dispose();
      expect(() => other.map({ x: [1] })).to.throw(ReleasedError);
      expect(() => engine.kernel({ outputs: { a: '1' } })).to.throw(ReleasedError);
    });

    it('refuse definitions that are none', () => {
      const engine = createEngine();
      const kernel = (definition: unknown) => () =>
        engine.kernel(definition as { outputs: { a: string } }, ['x']);
      expect(kernel(undefined)).to.throw(TypeError, 'outputs');
      expect(kernel({})).to.throw(TypeError, 'outputs');
      expect(kernel({ outputs: {} })).to.throw(RangeError, '1 to 64');
      const many = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`o${index}`, 'x']));
      expect(kernel({ outputs: many })).to.throw(RangeError, 'not 65');
      expect(kernel({ outputs: { a: 1 } })).to.throw(TypeError, 'outputs.a');
      expect(kernel({ outputs: { 'a b': 'x' } })).to.throw(TypeError, 'name');
      expect(kernel({ outputs: { a: 'x +' } })).to.throw(CompileError);
      expect(kernel({ outputs: { a: 'x', b: 'z' } })).to.throw(CompileError, 'z');
      expect(kernel({ outputs: { a: 'f(x) = x' } })).to.throw(CompileError);
    });

    it('refuse two arrays on one shared memory, also if it goes by two objects', async () => {
      const memory = new SharedArrayBuffer(64);
      const all = new Float64Array(memory).fill(7);
      const a = all.subarray(0, 3);
      const twin = structuredClone(memory);
      for (const source of ['x + 1', 'sum(i, 1, x, i)']) {
        using kernel = createEngine().kernel({ outputs: { a: source, b: '-x' } }, ['x']);
        for (const offset of [0, 8, 16]) {
          const run = { out: { a, b: new Float64Array(twin, offset, 3) } };
          expect(() => kernel.map({ x: [1, 2, 3] }, run))
            .to.throw(KernelError)
            .with.property('code', 'E_OVERLAP');
          const rejected = await kernel.mapAsync({ x: [1, 2, 3] }, run).catch((error: unknown) => error);
          expect(rejected).to.be.instanceOf(KernelError).with.property('code', 'E_OVERLAP');
          expectSame(all, new Array(8).fill(7));
        }
        // Another memory, and other bytes of this one.
        const others = [new Float64Array(new SharedArrayBuffer(64), 0, 3), new Float64Array(twin, 24, 3)];
        for (const b of others) {
          expectSame(kernel.map({ x: [1, 2, 3] }, { out: { a, b } }).b, [-1, -2, -3]);
          expectSame(a.slice(0, 1), [source === 'x + 1' ? 2 : 1]);
        }
        all.fill(7);
      }
    });

    it('refuse arrays that do not fit, and then write none', () => {
      using kernel = createEngine().kernel({ outputs: { a: 'x + 1', b: 'x + 2' } }, ['x']);
      const map = kernel.map.bind(kernel) as (columns: unknown, options: unknown) => unknown;
      const x = new Float64Array(3);
      const memory = new Float64Array(6);
      const [left, right] = [memory.subarray(0, 3), memory.subarray(2, 5)];
      const refusals: [unknown, string | typeof TypeError | typeof RangeError][] = [
        [{ out: { a: memory, b: new Float64Array(2) } }, 'E_OUT_TOO_SMALL'],
        [{ out: { a: left, b: right } }, 'E_OVERLAP'],
        [{ out: { a: left, b: left } }, 'E_OVERLAP'],
        [{ out: { c: left } }, 'E_UNKNOWN_COLUMN'],
        [{ type: { c: 'f64' } }, 'E_UNKNOWN_COLUMN'],
        [{ out: { a: [0, 0, 0] } }, TypeError],
        [{ out: 3 }, TypeError],
        [{ type: 'f17' }, RangeError],
        [{ type: { a: 'f17' } }, RangeError],
      ];
      for (const [options, error] of refusals) {
        const thrown = expect(() => map({ x }, options)).to.throw(
          typeof error === 'string' ? KernelError : error,
        );
        if (typeof error === 'string') thrown.with.property('code', error);
        expectSame(memory, new Array(6).fill(0));
      }
    });
  });
});
