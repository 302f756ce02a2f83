import { expect } from 'chai';
import {
  CompileError,
  type Edges,
  Engine,
  type Kernel,
  KernelError,
  ReleasedError,
  TrapError,
} from '../../../src/index.ts';
import { elementAt } from '../../../src/support/element.ts';
import { invariant } from '../../../src/support/invariant.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { elementOf, randomRowFormula, rowResults } from '../../support/row-formulas.ts';
import { arrayTypes, expectSame, misaligned } from './bits.ts';
import { eachLevel } from './each-level.ts';

const edgeKinds: readonly Edges[] = ['nan', 'clamp', 'wrap'];

/** Whole numbers, so that sums are the same in any order. */
function numbers(rows: number, seed = 1): number[] {
  return Array.from({ length: rows }, (_, row) => ((row + seed) * 7919) % 101);
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof KernelError) return error.code;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** Of ES2024. */
interface ResizableBuffer extends ArrayBuffer {
  resize(byteLength: number): void;
}

function resizable(byteLength: number): ResizableBuffer {
  type Options = { readonly maxByteLength: number };
  const create = ArrayBuffer as unknown as new (length: number, options: Options) => ResizableBuffer;
  return new create(byteLength, { maxByteLength: 10 * byteLength });
}

describe('formulas that look at other rows', () => {
  eachLevel((createEngine) => {
    it('take the elements of rows before and after, for every length, type, alignment and edge', () => {
      const f = createEngine().compile('(x[index-1] + 2*x + x[index+2]) / 4', ['x']);
      for (const edges of edgeKinds) {
        for (const rows of [0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33, 100]) {
          for (const [offset, type] of arrayTypes.entries()) {
            const values = numbers(rows);
            const { array, expectCanaries } = misaligned(type, values, offset);
            const expected = values.map(
              (value, row) =>
                (elementOf(values, row - 1, edges) + 2 * value + elementOf(values, row + 2, edges)) / 4,
            );
            expectSame(f.map({ x: array }, { edges }), expected, `${edges} ${type.name} ${rows}`);
            const out = new Float64Array(rows + 3).fill(-1);
            expectSame(f.map({ x: array }, { edges, out }), [...expected, -1, -1, -1]);
            expectCanaries();
          }
        }
      }
    });

    it('take elements from farther away than there are rows', () => {
      const engine = createEngine();
      const x = Float64Array.of(1, 2, 3);
      for (const distance of [3, 4, 1000, 9_007_199_254_740_991]) {
        const f = engine.compile(`x[index - ${distance}] + x[index + ${distance}]`, ['x']);
        expectSame(f.map({ x }), [Number.NaN, Number.NaN, Number.NaN]);
        expectSame(f.map({ x }, { edges: 'clamp' }), [4, 4, 4]);
        const wrapped = [0, 1, 2].map(
          (row) =>
            elementOf([1, 2, 3], row - distance, 'wrap') + elementOf([1, 2, 3], row + distance, 'wrap'),
        );
        if (distance <= 1000) expectSame(f.map({ x }, { edges: 'wrap' }), wrapped);
      }
    });

    it('take the element of any row that is computed, in functions and loops too', () => {
      const engine = createEngine();
      const values = numbers(40);
      for (const type of [Float64Array, Int16Array, Uint8ClampedArray]) {
        const x = new type(values);
        for (const edges of edgeKinds) {
          const at = (row: number) => elementOf(values, row, edges);
          const f = engine.compile('x[2*index - 7.5] + x[0]', ['x']);
          expectSame(
            f.map({ x }, { edges }),
            values.map((_, row) => at(2 * row - 7.5) + at(0)),
            edges,
          );
          const g = engine.compile('at(k) = x[k]; at(x) - at(-x/3)', ['x']);
          expectSame(
            g.map({ x }, { edges }),
            values.map((value) => at(value) - at(-value / 3)),
            edges,
          );
          const h = engine.compile('sum(k, 0, n - 1, x[index - k])', ['x', 'n']);
          const sums = values.map((_, row) => [0, 1, 2].reduce((sum, k) => sum + at(row - k), 0));
          expectSame(h.map({ x, n: 3 }, { edges }), sums, edges);
        }
      }
      const odd = engine.compile('x[k]', ['x', 'k']);
      const k = Float64Array.of(
        Number.NaN,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
        1e300,
        -0.9,
        2.9,
      );
      const x = Float64Array.of(10, 11, 12, 13, 14, 15);
      const none = Number.NaN;
      expectSame(odd.map({ x, k }), [none, none, none, none, 10, 12]);
      expectSame(odd.map({ x, k }, { edges: 'clamp' }), [none, 15, 10, 15, 10, 12]);
      expectSame(odd.map({ x: 5, k }), [none, none, none, none, 5, 5]);
    });

    it('may take a row that there is not for an error, but only where it is asked for', () => {
      const engine = createEngine();
      const x = Float64Array.of(1, 2, 3);
      const out = new Float64Array(3);
      const guarded = engine.compile('index > 0 ? x[index - 1] : -1', ['x']);
      expectSame(guarded.map({ x }, { edges: 'error' }), [-1, 1, 2]);
      for (const source of ['x[index - 1]', 'x[index + 1]', 'x[x]', 'x[0/0]']) {
        const f = engine.compile(source, ['x']);
        expect(
          codeOf(() => f.map({ x }, { edges: 'error', out })),
          source,
        ).to.equal('E_EDGE');
      }
      expectSame(out, [0, 0, 0]);
    });

    it('go on from the result of the row before', () => {
      const engine = createEngine();
      const values = numbers(300);
      const x = Float64Array.from(values);
      let average = elementAt(values, 0);
      const averages = values.map((value) => {
        average = average + 0.25 * (value - average);
        return average;
      });
      expectSame(engine.compile('prev(x) + 0.25*(x - prev(x))', ['x']).map({ x }), averages);
      let total = 0;
      const totals = values.map((value) => {
        total += value;
        return total;
      });
      const sums = engine.compile('prev(0) + x', ['x']);
      expectSame(sums.map({ x }), totals);
      expectSame(sums.map({ x }, { type: 'f32' }), Float32Array.from(totals));
      expectSame(sums.map({ x }, { type: 'u8' }), Uint8Array.from(totals));
      expectSame(
        sums.map({ x }, { type: 'mask' }),
        totals.map((value) => Number(value !== 0)),
      );
      expect(sums.reduce('max', { x })).to.equal(total);
      expectSame(sums.map({ x: 2 }, { length: 4 }), [2, 4, 6, 8]);
      expectSame(sums.map({ x: [] }), []);
      let rest = 17;
      expectSame(
        engine.compile('prev(17) % (x + 1) + index', ['x']).map({ x }),
        values.map((value, row) => {
          rest = (rest % (value + 1)) + row;
          return rest;
        }),
      );
      const counted = engine.compile('x > 50 ? prev(0) + 1 : 0', ['x']);
      let run = 0;
      expectSame(
        counted.map({ x }),
        values.map((value) => {
          run = value > 50 ? run + 1 : 0;
          return run;
        }),
      );
    });

    it('go on from the row before also where a row loops, calls the host, or looks around', () => {
      const engine = createEngine({ functions: { twice: (v) => 2 * v } });
      const values = numbers(50);
      const x = Float64Array.from(values);
      const expected = (step: (before: number, value: number, row: number) => number, seed: number) => {
        let before = seed;
        return values.map((value, row) => {
          before = step(before, value, row);
          return before;
        });
      };
      expectSame(
        engine.compile('sum(k, 1, 3, (prev(1) + x*k) % 100)', ['x']).map({ x }),
        expected((p, v) => [1, 2, 3].reduce((sum, k) => sum + ((p + v * k) % 100), 0), 1),
      );
      expectSame(
        engine.compile('twice(prev(1)) % 100 + x', ['x']).map({ x }),
        expected((p, v) => ((2 * p) % 100) + v, 1),
      );
      expectSame(
        engine.compile('prev(1) % 100 + x[index - 1] * (index > 0)', ['x']).map({ x }, { edges: 'clamp' }),
        expected((p, _, row) => (p % 100) + elementOf(values, row - 1, 'clamp') * Number(row > 0), 1),
      );
    });

    it('know what other outputs were in the row before', () => {
      const engine = createEngine();
      const x = Float64Array.of(1, 2, 3, 4);
      const k: Kernel = engine.kernel({
        outputs: {
          a: 'prev(0) + x',
          b: 'prev(a, 100) - x[index - 1] + index',
          c: 'length',
          d: 'mean(x) + prev(c, 5)',
        },
      });
      const { a, b, c, d } = k.map({ x }, { edges: 'clamp' }) as Record<string, Float64Array>;
      expect(k.parameters).to.have.members(['x', 'index', 'length']);
      expectSame(a as Float64Array, [1, 3, 6, 10]);
      expectSame(b as Float64Array, [99, 1, 3, 6]);
      expectSame(c as Float64Array, [4, 4, 4, 4]);
      expectSame(d as Float64Array, [7.5, 6.5, 6.5, 6.5]);
    });

    it('take functions of whole columns for numbers', () => {
      const engine = createEngine();
      const values = numbers(5000);
      const x = Float64Array.from(values);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const most = Math.max(...values);
      expectSame(
        engine.compile('x - mean(x)', ['x']).map({ x }),
        values.map((value) => value - mean),
      );
      expectSame(
        engine.compile('x / max(abs(x))', ['x']).map({ x }),
        values.map((value) => value / most),
      );
      const f = engine.compile(
        'let d = x - mean(x); spread() = sqrt(mean(d^2)); d / spread() + count(x > n) * any(x == 5) - all(x)',
        ['x', 'n'],
      );
      const spread = Math.sqrt(engine.compile('(x - m)^2', ['x', 'm']).reduce('mean', { x, m: mean }));
      const above = values.filter((value) => value > 50).length;
      expectSame(
        f.map({ x, n: 50 }),
        values.map((value) => (value - mean) / spread + above - Number(!values.includes(0))),
      );
      expect(engine.compile('x * (x == max(x))', ['x']).reduce('sum', { x })).to.equal(
        values.filter((value) => value === most).length * most,
      );
      const doubled = engine.compile('2*x', ['x']);
      for (const [call, whole] of [
        ['var(2*x)', doubled.reduce('var', { x })],
        ['std(2*x)', doubled.reduce('std', { x })],
        ['median(2*x)', doubled.reduce('median', { x })],
        ['quantile(2*x, q)', doubled.reduce('quantile', { x }, { q: 0.3 })],
      ] as const) {
        const f = engine.compile(`${call} + 0*x`, ['x', 'q']);
        expectSame(
          f.map({ x, q: 0.3 }),
          values.map(() => whole),
          call,
        );
      }
      for (const q of [-0.1, 1.1, Number.NaN, values]) {
        const f = engine.compile('quantile(x, q)', ['x', 'q']);
        expect(codeOf(() => f.map({ x, q }))).to.equal('E_SHARE');
      }
      expectSame(engine.compile('min(x, 3) + max(x, y, 0)', ['x', 'y']).map({ x: [1, 9], y: 4 }), [5, 12]);
      expectSame(engine.compile('sum(i, 1, 3, i*x) + sum(x)', ['x']).map({ x: [1, 2] }), [9, 15]);
      expectSame(engine.compile('mean(x)', ['x']).map({ x: [] }), []);
      expectSame(engine.compile('mean(x) = x/2; mean(x)', ['x']).map({ x: [2, 4] }), [1, 2]);
    });

    it('roll over the last rows', () => {
      const engine = createEngine();
      const values = numbers(200);
      const x = Float64Array.from(values);
      const over = (rows: number, of: (window: number[]) => number) =>
        values.map((_, row) => (row < rows - 1 ? Number.NaN : of(values.slice(row - rows + 1, row + 1))));
      const total = (window: number[]) => window.reduce((sum, value) => sum + value, 0);
      for (const n of [1, 2, 3, 7, 64, 199, 200, 201]) {
        expectSame(engine.compile('rolling_sum(x, n)', ['x', 'n']).map({ x, n }), over(n, total), `sum ${n}`);
        expectSame(
          engine.compile('rolling_mean(x, n) + 0', ['x', 'n']).map({ x, n }),
          over(n, (window) => total(window) / n),
          `mean ${n}`,
        );
        expectSame(
          engine.compile(`rolling_max(2*x, ${n}) - rolling_min(x, ${n})`, ['x']).map({ x }),
          over(n, (window) => 2 * Math.max(...window) - Math.min(...window)),
          `range ${n}`,
        );
        const deviations = engine.compile('rolling_std(x, n)', ['x', 'n']).map({ x, n });
        const expected = over(n, (window) => {
          const mean = total(window) / n;
          return Math.sqrt(window.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n);
        });
        for (const [row, value] of expected.entries()) {
          if (Number.isNaN(value)) expect(deviations[row], `std ${n} ${row}`).to.be.NaN;
          else expect(deviations[row], `std ${n} ${row}`).to.be.closeTo(value, 1e-12 * Math.max(value, 1));
        }
      }
      const gap = Float64Array.of(1, Number.NaN, 2, 3, Number.POSITIVE_INFINITY, 4, 5);
      expectSame(engine.compile('rolling_sum(x, 2)', ['x']).map({ x: gap }), [
        Number.NaN,
        Number.NaN,
        Number.NaN,
        5,
        Number.POSITIVE_INFINITY,
        Number.POSITIVE_INFINITY,
        9,
      ]);
    });

    it('refuse windows that are none', () => {
      const engine = createEngine();
      const x = [1, 2, 3];
      for (const n of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        const f = engine.compile('rolling_sum(x, n)', ['x', 'n']);
        expect(
          codeOf(() => f.map({ x, n })),
          String(n),
        ).to.equal('E_WINDOW');
      }
      for (const source of [
        'rolling_sum(x, x)',
        'rolling_sum(x, index + 1)',
        'rolling_sum(x, rolling_sum(x, 2))',
      ]) {
        const f = engine.compile(source, ['x', 'index']);
        expect(
          codeOf(() => f.map({ x })),
          source,
        ).to.equal('E_WINDOW');
      }
      expectSame(engine.compile('rolling_sum(x, length - 1)', ['x', 'length']).map({ x }), [
        Number.NaN,
        3,
        5,
      ]);
      expectSame(engine.compile('rolling_sum(x, max(x))', ['x']).map({ x }), [Number.NaN, Number.NaN, 6]);
    });

    it('may write where they read', () => {
      const engine = createEngine();
      const f = engine.compile('x[index - 1] + x[index + 1] + x[2*index]', ['x']);
      for (const memory of [new ArrayBuffer(80), new SharedArrayBuffer(80)]) {
        const x = new Float64Array(memory);
        x.set(numbers(10));
        const expected = f.map({ x: Float64Array.from(x) });
        expect(f.map({ x }, { out: x })).to.equal(x);
        expectSame(x, expected);
      }
      const memory = new Float64Array(12);
      expect(codeOf(() => f.map({ x: memory.subarray(0, 10) }, { out: memory.subarray(1, 11) }))).to.equal(
        'E_OVERLAP',
      );
      const sums = engine.compile('prev(0) + x', ['x']);
      const x = Float64Array.of(1, 2, 3);
      sums.map({ x }, { out: x });
      expectSame(x, [1, 3, 6]);
    });

    it('are all that functions of columns are', async () => {
      const engine = createEngine();
      const values = numbers(10_000);
      const x = Float64Array.from(values);
      const f = engine.compile('x[index - 1] - x[index/2] + mean(x)', ['x']);
      const expected = f.map({ x });
      const shares: number[] = [];
      expectSame(await f.mapAsync({ x }, { threads: 3, onProgress: (done) => shares.push(done) }), expected);
      expect(shares.at(-1)).to.equal(1);
      const counted = f.reduce('count', { x }, { edges: 'wrap' });
      expect(await f.reduceAsync('count', { x }, { edges: 'wrap' })).to.equal(counted);
      expect(f.reduce('any', { x })).to.equal(true);
      const rows = f.select({ x });
      expectSame(
        rows,
        [...expected.keys()].filter((row) => expected[row] !== 0 && !Number.isNaN(expected[row])),
      );
      expectSame(
        f.filter({ x }, 'x'),
        Array.from(rows, (row) => elementAt(values, row)),
      );
      const bound = f.bind({ x }, { edges: 'clamp' });
      expectSame(bound.run(), f.map({ x }, { edges: 'clamp' }));
      x[0] = 77;
      expectSame(bound.run(), f.map({ x }, { edges: 'clamp' }));
      const running = engine.compile('prev(0) + x', ['x']);
      expectSame(await running.mapAsync({ x }), running.map({ x }));
      expect(await running.reduceAsync('max', { x })).to.equal(running.reduce('max', { x }));
      const signal = AbortSignal.abort(new Error('enough'));
      const refusal = await running.mapAsync({ x }, { signal }).catch((error: Error) => error.message);
      expect(refusal).to.equal('enough');
    });

    it('say in explanations how rows go', () => {
      const engine = createEngine();
      const ways = [
        ['(x[index-1] + 2*x + x[index+1]) / 4', 'vectors'],
        ['sum(k, 0, n - 1, x[index-k])', 'vectors'],
        ['x[2*index] - mean(x) + rolling_sum(x, 3)', 'vectors'],
        ['prev(x) + 0.5*(x - prev(x))', 'rows'],
      ] as const;
      for (const [source, way] of ways) {
        for (const cpu of ['sse2', 'avx2'] as const) {
          const { code } = engine.explain(source, undefined, { kernel: 'f32', cpu });
          expect(code?.kernel, source).to.equal(way);
        }
        expect(engine.explain(source).ir.at(-1)?.text).to.include('function main(');
      }
    });

    it('take no more of other rows than programs have parameters', () => {
      const engine = createEngine();
      const terms = (count: number, term: (index: number) => string) =>
        Array.from({ length: count }, (_, index) => term(index + 1)).join(' + ');
      const x = [1, 2];
      expectSame(
        engine
          .compile(
            terms(254, (k) => `x[index - ${k}]`),
            ['x'],
          )
          .map({ x }, { edges: 'clamp' }),
        [254, 254],
      );
      for (const term of [(k: number) => `x[index - ${k}]`, (k: number) => `mean(x + ${k})`]) {
        expect(() => engine.compile(terms(255, term), ['x']))
          .to.throw(CompileError)
          .that.includes({ code: 'E_PARAMETERS' });
      }
      const outputs: Record<string, string> = {};
      for (const name of ['a', 'b', 'c', 'd']) outputs[name] = terms(150, (k) => `max(x + ${k})`);
      expect(() => engine.kernel({ outputs }, ['x']))
        .to.throw(CompileError)
        .that.includes({ code: 'E_PARAMETERS' });
    });

    it('go on to their end when they are released meanwhile', async () => {
      let whenCalled = () => {};
      const engine = createEngine({
        functions: {
          tell(v) {
            whenCalled();
            return v;
          },
        },
      });
      const x = Float64Array.of(1, 2, 6);
      const expected = [-2 + 1, -1 + 1, 3 + 2];
      const source = 'x - mean(tell(x)) + x[index - 1]';
      const during = engine.compile(source, ['x']);
      whenCalled = () => during.release();
      expectSame(during.map({ x }, { edges: 'clamp' }), expected);
      expect(() => during.map({ x })).to.throw(ReleasedError);
      whenCalled = () => {};
      const f = engine.compile(source, ['x']);
      const mapped = f.mapAsync({ x }, { edges: 'clamp' });
      const reduced = f.reduceAsync('max', { x }, { edges: 'clamp' });
      f.release();
      expectSame(await mapped, expected);
      expect(await reduced).to.equal(5);
      const g = engine.compile(source, ['x']);
      const columns = {
        get x() {
          g.release();
          return x;
        },
      };
      expect(() => g.map(columns, { edges: 'error' })).to.throw(ReleasedError);
    });

    it('are no functions of numbers', () => {
      const f = createEngine().compile('x[index - 1]', ['x']);
      expect(f.parameters).to.deep.equal(['x']);
      expect(codeOf(() => f(1))).to.equal('E_ROWS_ONLY');
      expect(f.code).to.equal(undefined);
      const g = createEngine().compile('x[index - 1] + index', ['x', 'index']);
      expect(() => g.map({ x: [1], index: [0] })).to.throw(TypeError, 'index cannot be given');
      expect(() => f.map({ x: [1] }, { edges: 'mirror' as Edges })).to.throw(RangeError, 'edges');
      f.release();
      expect(() => f.map({ x: [1] })).to.throw(ReleasedError);
    });

    it('write nothing when they fail', () => {
      let calls = 0;
      const engine = createEngine({
        functions: {
          fail(v) {
            if (++calls > 12) throw new Error('enough');
            return v;
          },
        },
        limits: { fuel: 1000 },
      });
      const x = Float64Array.from(numbers(20));
      const out = new Float64Array(20);
      const f = engine.compile('fail(x[index - 1]) + prev(0)', ['x']);
      expect(() => f.map({ x }, { out })).to.throw('enough');
      const g = engine.compile('sum(k, 1, index > 10 ? 1e9 : 1, x[index - k])', ['x']);
      expect(() => g.map({ x }, { out })).to.throw(TrapError);
      expectSame(out, new Float64Array(20));
      const slow = engine.compile('prev(0) + x[index-1]', ['x']);
      const many = new Float64Array(200_000);
      const into = new Float64Array(200_000);
      try {
        slow.map({ x: many }, { out: into, timeout: 0.001 });
      } catch (error) {
        expect((error as TrapError).code).to.equal('E_TIMEOUT');
        expectSame(into, many);
      }
    });

    it('notice arrays whose memory goes, whoever takes it', () => {
      const engine = createEngine({
        functions: {
          take(v) {
            structuredClone(x.buffer, { transfer: [x.buffer as ArrayBuffer] });
            return v;
          },
        },
      });
      let x = Float64Array.from(numbers(100));
      const f = engine.compile('take(x) + x[index - 1] + x[index/2]', ['x']);
      const out = new Float64Array(100);
      try {
        f.map({ x }, { out });
      } catch (error) {
        expect((error as KernelError).code).to.equal('E_DETACHED');
        expectSame(out, new Float64Array(100));
      }
      expect(codeOf(() => f.map({ x }, { out }))).to.equal('E_DETACHED');
      x = new Float64Array(resizable(80));
      const g = engine.compile('x[index - 1] + x[index/2]', ['x']);
      g.map({ x });
      (x.buffer as ResizableBuffer).resize(40);
      expect(g.map({ x })).to.have.length(5);
    });

    it('give what they mean, at random', () => {
      const seed = seedFromEnvironment();
      const random = new Random(seed);
      const engine = createEngine();
      for (let round = 0; round < 60; round++) {
        const formula = randomRowFormula(random, 3, random.chance(0.4));
        const rows = random.integer(1, 40);
        const data = {
          x: Array.from({ length: rows }, () => random.integer(-50, 50)),
          y: Array.from({ length: rows }, () => random.integer(-50, 50)),
        };
        const edges = random.pick(edgeKinds);
        using f = engine.compile(`${formula.source} + 0*x[index]^2 + 0*y[index]^2`, ['x', 'y']);
        const type = random.pick([Float64Array, Float32Array, Int8Array, Int32Array]);
        const results = f.map({ x: new type(data.x), y: Float64Array.from(data.y) }, { edges });
        const expected = rowResults(
          { ...formula, evaluate: (...at) => formula.evaluate(...at) + 0 },
          data,
          edges,
        );
        expectSame(results, expected, `SEED=${seed}, ${edges}, ${formula.source}`);
      }
    });
  });

  it('go on to their end when nobody refers to them', async () => {
    const { gc } = globalThis;
    invariant(gc !== undefined, 'the tests need --expose-gc');
    // Rows enough that the run has pauses, in which what is forgotten is given back.
    const x = new Float64Array(20_000).fill(2);
    const runs = (() => {
      const engine = new Engine();
      const f = engine.compile('x - mean(x) + rolling_max(x, 1) - median(x)', ['x']);
      const kernel = engine.kernel({ outputs: { a: 'x - mean(x)' } }, ['x']);
      return [f.mapAsync({ x }), f.reduceAsync('min', { x }), kernel.mapAsync({ x })];
    })();
    let isDone = false;
    const all = Promise.all(runs).finally(() => {
      isDone = true;
    });
    while (!isDone) {
      gc();
      await new Promise<void>((resolve) => setTimeout(resolve));
    }
    expectSame((await all)[0] as Float64Array, new Float64Array(20_000));
  });
});
