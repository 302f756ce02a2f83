import { expect } from 'chai';
import {
  type ColumnInput,
  CompileError,
  type Edges,
  Engine,
  KernelError,
  type KernelErrorCode,
  type NullableArray,
  type OutputArrays,
  type ReduceKind,
} from '../../../src/index.ts';
import { elementAt } from '../../../src/support/element.ts';
import { rowsOf } from '../../support/null-case.ts';
import { Random } from '../../support/random.ts';
import { eachBackend } from '../each-backend.ts';
import { expectSame } from './bits.ts';
import { eachLevel } from './each-level.ts';

/** A column, from `offset` bits on; what is missing is a number nevertheless. */
function withBitmap(values: readonly (number | null)[], offset = 0, junk = 77) {
  const validity = new Uint8Array(Math.ceil((offset + values.length) / 8));
  for (const [row, value] of values.entries()) {
    const bit = offset + row;
    if (value !== null) validity[bit >> 3] = elementAt(validity, bit >> 3) | (1 << (bit & 7));
  }
  return { values: Float64Array.from(values, (value) => value ?? junk), validity, offset };
}

describe('missing values', () => {
  eachLevel((createEngine) => {
    const map = (source: string, columns: Readonly<Record<string, ColumnInput>>) => {
      const f = createEngine().compile(source, Object.keys(columns));
      return rowsOf(f.map(columns, { nulls: 'bitmap' }));
    };

    it('are what a bitmap says, from any bit on and for any number of rows', () => {
      const random = new Random(5);
      const engine = createEngine();
      const f = engine.compile('x*y + 1', ['x', 'y']);
      for (const rows of [0, 1, 7, 8, 9, 31, 32, 33, 64, 100, 1023, 32_768, 32_769, 40_000]) {
        for (const offset of rows > 1000 ? [3] : [0, 1, 5, 8, 13]) {
          const x = Array.from({ length: rows }, (_, row) => (random.chance(0.2) ? null : row));
          const y = Array.from({ length: rows }, () => (random.chance(0.2) ? null : 2));
          const expected = x.map((value, row) => (value === null || y[row] === null ? null : value * 2 + 1));
          const columns = { x: withBitmap(x, offset), y: withBitmap(y, 2) };
          const result = f.map(columns, { nulls: 'bitmap' });
          expect(result.validity).to.have.lengthOf(Math.ceil(rows / 8));
          expect(rowsOf(result)).to.deep.equal(expected);
          const last = rows % 8 === 0 ? 0 : elementAt(result.validity, rows >> 3) >> (rows % 8);
          expect(last, 'bits behind the last row').to.equal(0);
          expectSame(
            f.map(columns),
            expected.map((value) => value ?? Number.NaN),
          );
        }
      }
    });

    it('are null in lists', () => {
      expect(map('x + 1', { x: [1, null, 3] })).to.deep.equal([2, null, 4]);
      expect(map('x + 1', { x: { values: [1, null, 3], validity: Uint8Array.of(0b110) } })).to.deep.equal([
        null,
        null,
        4,
      ]);
    });

    it('are no NaN', () => {
      expect(map('isnull(x)', { x: [1, null, Number.NaN] })).to.deep.equal([0, 1, 0]);
      expect(map('x', { x: [1, null, Number.NaN] })).to.deep.equal([1, null, Number.NaN]);
      expect(map('coalesce(x, 5)', { x: [1, null, Number.NaN] })).to.deep.equal([1, 5, Number.NaN]);
    });

    it('follow the three-valued logic of SQL', () => {
      const x = [1, 1, 1, 0, 0, 0, null, null, null];
      const y = [1, 0, null, 1, 0, null, 1, 0, null];
      expect(map('x && y', { x, y })).to.deep.equal([1, 0, null, 0, 0, 0, null, 0, null]);
      expect(map('x || y', { x, y })).to.deep.equal([1, 1, 1, 1, 0, null, 1, null, null]);
      expect(map('!x', { x })).to.deep.equal([0, 0, 0, 1, 1, 1, null, null, null]);
      expect(map('x == y', { x, y })).to.deep.equal([1, 0, null, 0, 1, null, null, null, null]);
      expect(map('x ? 1 : 2', { x })).to.deep.equal([1, 1, 1, 2, 2, 2, 2, 2, 2]);
      expect(map('if y then x else 5', { x, y })).to.deep.equal([1, 5, 5, 0, 5, 5, null, 5, 5]);
      expect(map('1 && x && 1 && y', { x, y })).to.deep.equal([1, 0, null, 0, 0, 0, null, 0, null]);
      expect(map('x || 0 || y', { x, y })).to.deep.equal([1, 1, 1, 1, 0, null, 1, null, null]);
    });

    it('are passed over by coalesce', () => {
      const columns = { x: [null, 1, null, null], y: [2, 3, null, 4], z: [5, 6, null, null] };
      expect(map('coalesce(x, y, z)', columns)).to.deep.equal([2, 1, null, 4]);
      expect(map('coalesce(x, y, z, 0) + 1', columns)).to.deep.equal([3, 2, 1, 5]);
      expect(map('coalesce(x > 0, y > 2, true)', { x: columns.x, y: columns.y })).to.deep.equal([0, 1, 1, 1]);
    });

    it('go through functions as if their bodies stood there, and do not enter recursive ones', () => {
      const x = [1, null, 3];
      expect(map('f(a) = coalesce(a, 9); f(f(x))', { x })).to.deep.equal([1, 9, 3]);
      expect(map('f(a, b) = a; f(1, x)', { x })).to.deep.equal([1, 1, 1]);
      expect(map('f(n) = n < 1 ? 1 : n*f(n - 1); f(x)', { x })).to.deep.equal([1, null, 6]);
      expect(map('f(n) = n < 1 ? x : f(n - 1); f(2)', { x })).to.deep.equal([1, null, 3]);
      expect(map('f(n, m) = n < 1 ? 1 : f(n - 1, m); f(1, x)', { x })).to.deep.equal([1, null, 1]);
      expect(map('let y = x + 1; let _z = x; y*2', { x })).to.deep.equal([4, null, 8]);
    });

    it('make loops missing, by their bounds and by any of their terms', () => {
      const columns = { x: [2, null, 3, 0], y: [1, 1, null, null] };
      expect(map('sum(i, 1, x, i)', { x: columns.x })).to.deep.equal([3, null, 6, 0]);
      expect(map('prod(i, 1, x, i + y)', columns)).to.deep.equal([6, null, null, 1]);
      expect(map('sum(i, 1, 3, i == 2 ? y : coalesce(x, 10))', columns)).to.deep.equal([5, 21, null, null]);
      // What stands in the place of a bound that is missing is no reason to go on for ever.
      const far = { values: Float64Array.of(1e15, 3), validity: Uint8Array.of(2) };
      expect(map('sum(i, 1, x, i)', { x: far })).to.deep.equal([null, 6]);
    });

    it('do not reach host functions', () => {
      const seen: number[] = [];
      const engine = createEngine({
        functions: {
          note(x: number) {
            seen.push(x);
            return x * 2;
          },
        },
      });
      const f = engine.compile('coalesce(note(x), -1)', ['x']);
      expectSame(f.map({ x: [1, null, 3] }), [2, -1, 6]);
      expect(seen).to.deep.equal([1, 3]);
    });

    it('are NaN, or what that is in the type of the results', () => {
      const f = createEngine().compile('x', ['x']);
      const x = [1.5, null, -3];
      expectSame(f.map({ x }, { type: 'f32' }), [1.5, Number.NaN, -3]);
      expectSame(f.map({ x }, { type: 'i16' }), [1, 0, -3]);
      expectSame(f.map({ x }, { type: 'u8c' }), [2, 0, 0]);
      expectSame(f.map({ x }, { type: 'mask' }), [1, 0, 1]);
      const { values, validity } = f.map({ x }, { type: 'mask', nulls: 'bitmap' });
      expectSame(values, [1, 0, 1]);
      expect([...validity]).to.deep.equal([0b101]);
      const out = new Int32Array(4).fill(9);
      const given: NullableArray<Int32Array> = f.map({ x }, { out, nulls: 'bitmap' });
      expect(given.values).to.equal(out);
      expectSame(out, [1, 0, -3, 9]);
    });

    it('are left out of reductions', () => {
      const engine = createEngine();
      const random = new Random(3);
      const f = engine.compile('x*y', ['x', 'y']);
      const g = engine.compile('x > 0 ? y : x', ['x', 'y']);
      for (const rows of [0, 1, 17, 4096, 10_000]) {
        const x = Array.from({ length: rows }, () => (random.chance(0.3) ? null : random.integer(-3, 3)));
        const y = Array.from({ length: rows }, () => (random.chance(0.3) ? null : random.integer(1, 2)));
        const columns = { x: withBitmap(x, 3), y };
        for (const [fn, row] of [
          [f, (i: number) => (x[i] == null || y[i] == null ? null : Number(x[i]) * Number(y[i]))],
          [g, (i: number) => (Number(x[i]) > 0 ? y[i] : x[i])],
        ] as const) {
          const there = Array.from(x, (_, i) => row(i)).filter((value) => value != null) as number[];
          const sum = there.reduce((total, value) => total + value, 0);
          expect(fn.reduce('sum', columns)).to.equal(sum);
          expect(fn.reduce('mean', columns)).to.deep.equal(sum / there.length);
          expect(fn.reduce('min', columns)).to.equal(there.reduce((a, b) => Math.min(a, b), Infinity));
          expect(fn.reduce('max', columns)).to.equal(there.reduce((a, b) => Math.max(a, b), -Infinity));
          expect(fn.reduce('count', columns)).to.equal(there.filter((value) => value !== 0).length);
          expect(fn.reduce('any', columns)).to.equal(there.some((value) => value !== 0));
          expect(fn.reduce('all', columns)).to.equal(there.every((value) => value !== 0));
        }
      }
      const p = engine.compile('x', ['x']);
      expect(p.reduce('prod', { x: [2, null, 5] })).to.equal(10);
      expect(Object.is(p.reduce('min', { x: [0, null, -0] }), -0)).to.equal(true);
      for (const [kind, empty] of [
        ['sum', 0],
        ['prod', 1],
        ['mean', Number.NaN],
        ['min', Number.POSITIVE_INFINITY],
        ['max', Number.NEGATIVE_INFINITY],
        ['count', 0],
        ['any', false],
        ['all', true],
      ] as const) {
        expect(p.reduce(kind as 'sum', { x: [null, null] }), kind).to.deep.equal(empty);
      }
    });

    it('are not selected, and NaN where they are among what is filtered', () => {
      const f = createEngine().compile('x > 1', ['x', 'y']);
      const columns = { x: [1, 2, null, 4], y: withBitmap([5, null, 7, 8]) };
      expect([...f.select(columns)]).to.deep.equal([1, 3]);
      const y: Float64Array = f.filter(columns, 'y');
      expectSame(y, [Number.NaN, 8]);
      expectSame(f.filter({ x: columns.x, y: Int8Array.of(5, 6, 7, 8) }, 'y'), [6, 8]);
    });

    it('have a bitmap for each output of a kernel', () => {
      const kernel = createEngine().kernel({ outputs: { a: 'x + y', b: 'coalesce(y, index)', c: 'length' } });
      const columns = { x: [1, null, 3], y: [null, 5, 6] };
      const { a, b, c } = kernel.map(columns, { nulls: 'bitmap', type: { b: 'f32' } });
      const typed: OutputArrays['f32'] = b.values;
      expect(typed).to.be.instanceOf(Float32Array);
      expect([a, b, c].map(rowsOf)).to.deep.equal([
        [null, null, 9],
        [0, 5, 6],
        [3, 3, 3],
      ]);
      expectSame(kernel.map(columns).a, [Number.NaN, Number.NaN, 9]);
      const strict = createEngine().kernel({ outputs: { a: 'x + y', b: 'x*y' } });
      const both = strict.map(columns, { nulls: 'bitmap' });
      expect(rowsOf(both.b)).to.deep.equal([null, null, 18]);
      both.a.validity.fill(0);
      expect(rowsOf(both.b)).to.deep.equal([null, null, 18]);
    });

    it('are the same in other threads', async () => {
      const random = new Random(8);
      const engine = createEngine();
      const rows = 20_000;
      const x = withBitmap(Array.from({ length: rows }, (_, row) => (random.chance(0.1) ? null : row / 7)));
      const y = Array.from({ length: rows }, () => (random.chance(0.1) ? null : random.integer(0, 3)));
      for (const source of ['x*y + 1', 'y > 1 ? x : y', 'coalesce(y, 2) + sum(i, 1, coalesce(y, 1), x)']) {
        const f = engine.compile(source, ['x', 'y']);
        const here = f.map({ x, y }, { nulls: 'bitmap' });
        const there = await f.mapAsync({ x, y }, { nulls: 'bitmap', threads: 3 });
        expectSame(there.values, here.values);
        expectSame(there.validity, here.validity);
        expectSame(await f.mapAsync({ x, y }, { threads: 2 }), here.values);
        for (const kind of ['sum', 'mean', 'max'] as const)
          expect(await f.reduceAsync(kind, { x, y })).to.equal(f.reduce(kind, { x, y }));
      }
      const kernel = engine.kernel({ outputs: { a: 'x + y' } });
      const { a } = await kernel.mapAsync({ x, y }, { nulls: 'bitmap' });
      expectSame(a.validity, kernel.map({ x, y }, { nulls: 'bitmap' }).a.validity);
    });
  });

  eachBackend((createEngine) => {
    it('are of no concern to columns without any', () => {
      const f = createEngine().compile('isnull(x) ? 1 : coalesce(x, 2)', ['x']);
      expect(f(3)).to.equal(3);
      expectSame(f.map({ x: [4, Number.NaN] }), [4, Number.NaN]);
      const { values, validity } = f.map({ x: new Float64Array(11) }, { nulls: 'bitmap' });
      expectSame(values, new Float64Array(11));
      expect([...validity]).to.deep.equal([255, 7]);
      for (const given of [undefined, null, Uint8Array.of(255)])
        expectSame(f.map({ x: { values: [1, 2], validity: given } }), [1, 2]);
    });

    it('are found in columns that are bound, as they are at each run', () => {
      const f = createEngine().compile('x + 1', ['x']);
      const validity = Uint8Array.of(0b101);
      const bound = f.bind({ x: { values: Float64Array.of(1, 2, 3), validity } });
      expectSame(bound.run(), [2, Number.NaN, 4]);
      validity[0] = 0b110;
      expectSame(bound.run(), [Number.NaN, 3, 4]);
      validity[0] = 0b111;
      expectSame(bound.run(), [2, 3, 4]);
      expectSame(f.map({ x: Float64Array.of(5) }), [6]);
      expectSame(f.bind({ x: [1, null, 3] }).run(), [2, Number.NaN, 4]);
      const full = Uint8Array.of(0b11);
      const later = f.bind({ x: { values: Float64Array.of(1, 2), validity: full } });
      for (const [bits, expected] of [
        [3, [2, 3]],
        [3, [2, 3]],
        [1, [2, Number.NaN]],
        [2, [Number.NaN, 3]],
      ] as const) {
        full[0] = bits;
        expectSame(later.run(), expected);
      }
      expect(() => f.bind({ x: [1] }, { nulls: 'bitmap' } as never)).to.throw(TypeError, 'use map');
    });

    it('are the same of any memory, and where results replace the column', () => {
      const f = createEngine().compile('x + 1', ['x']);
      const shared = new Uint8Array(new SharedArrayBuffer(4), 1, 1);
      shared[0] = 0b101;
      expectSame(f.map({ x: { values: Float64Array.of(1, 2, 3), validity: shared } }), [2, Number.NaN, 4]);
      const values = Float64Array.of(1, 2, 3);
      const result = f.map(
        { x: { values, validity: Uint8Array.of(0b11) } },
        { out: values, nulls: 'bitmap' },
      );
      expect(rowsOf(result)).to.deep.equal([2, 3, null]);
      expect(() =>
        f.map({ x: { values: values.subarray(1), validity: Uint8Array.of(1) } }, { out: values }),
      ).to.throw(KernelError, 'shares memory with');
    });

    it('stay while a host function runs the same function again, or takes the bitmap away', () => {
      const validity = new Uint8Array(new ArrayBuffer(1), 0, 1);
      validity[0] = 0b1011;
      const engine = createEngine({
        functions: {
          again(x: number) {
            if (x === 1) {
              expectSame(f.map({ x: [null, 7, null, 8, 9] }), [-1, 7, -1, 8, 9]);
              structuredClone(validity.buffer, { transfer: [validity.buffer as ArrayBuffer] });
            }
            return x;
          },
        },
      });
      const f = engine.compile('coalesce(again(x), -1)', ['x']);
      expectSame(f.map({ x: { values: Float64Array.of(1, 2, 3, 4), validity } }), [1, 2, -1, 4]);
    });

    it('come with any number of parameters, more of them than are kept', () => {
      const engine = createEngine();
      const names = Array.from({ length: 20 }, (_, index) => `p${index}`);
      const f = engine.compile(names.join(' + '), names);
      for (const [index] of names.entries()) {
        const columns = Object.fromEntries(names.map((name, i) => [name, i === index ? [1, null] : [1, 1]]));
        expectSame(f.map(columns), [20, Number.NaN]);
      }
      f.release();
      expect(() => f.map({})).to.throw('released');
    });

    it('are known to functions of workspaces as they were compiled, and to modules', () => {
      const engine = createEngine();
      const workspace = engine.workspace();
      workspace.run('k = 2; f(a) = isnull(a) ? k : a'.replace('k = 2', 'let k = 2'));
      const f = workspace.function('f');
      const g = workspace.compile('f(x) + 1', ['x']);
      expectSame(f.map({ a: [1, null] }), [1, 2]);
      workspace.run('let k = 3');
      expectSame(f.map({ a: [1, null] }), [1, 3]);
      expectSame(g.map({ x: [1, null] }), [2, 4]);
      const { h, r } = engine.module(
        'let k = 4; h(a) = coalesce(a, k); r(n) = n < 1 ? 1 : r(n - 1)',
      ).functions;
      expectSame(h?.map({ a: [null, 1] }) ?? [], [4, 1]);
      expectSame(r?.map({ n: [null, 1] }) ?? [], [Number.NaN, 1]);
    });

    const big = (source: string) => () =>
      createEngine()
        .compile(source, ['x'])
        .map({ x: [null, 1] });

    it('are what rows find in others', () => {
      const engine = createEngine();
      const x = [1, null, 4, 8];
      const rows = (source: string) => rowsOf(engine.compile(source, ['x']).map({ x }, { nulls: 'bitmap' }));
      expect(rows('x[index - 1]')).to.deep.equal([Number.NaN, 1, null, 4]);
      expect(rows('coalesce(x, x[index - 1])')).to.deep.equal([1, 1, 4, 8]);
      expect(rows('isnull(x[index + 1])')).to.deep.equal([1, 0, 0, 0]);
      expect(rows('x - min(x)')).to.deep.equal([0, null, 3, 7]);
      expect(rows('mean(coalesce(x, max(x)))')).to.deep.equal([5.25, 5.25, 5.25, 5.25]);
      expect(rows('rolling_sum(x, 2)')).to.deep.equal([Number.NaN, null, null, 12]);
      expect(engine.compile('x - x[index - 1]', ['x']).reduce('count', { x }, { edges: 'clamp' })).to.equal(
        1,
      );
    });

    it('are handed on to the next row', () => {
      const engine = createEngine();
      const x = [1, null, 4, null, 8, 2, 2, 2, 2, null, 3];
      const rows = (source: string) => rowsOf(engine.compile(source, ['x']).map({ x }, { nulls: 'bitmap' }));
      const rest = x.slice(1).map(() => null);
      expect(rows('prev(0) + x')).to.deep.equal([1, ...rest]);
      expect(rows('coalesce(x, prev(0))')).to.deep.equal([1, 1, 4, 4, 8, 2, 2, 2, 2, 2, 3]);
      expect(rows('coalesce(prev(x) + x, prev(0))')).to.deep.equal([2, 2, 6, 6, 14, 16, 18, 20, 22, 22, 25]);
      expect(rows('isnull(prev(0)) ? 1 : x')).to.deep.equal([1, null, 1, null, 1, 2, 2, 2, 2, null, 1]);
      expect(rows('prev(x[1])')).to.deep.equal([null, ...rest]);
      const sums = engine.compile('coalesce(x, 0) + prev(0)', ['x']);
      expect(sums.reduce('max', { x })).to.equal(24);
      const whole = sums.map({ x }, { type: 'i64', nulls: 'bitmap' });
      expect(whole.values).to.deep.equal(BigInt64Array.of(1n, 1n, 5n, 5n, 13n, 15n, 17n, 19n, 21n, 21n, 24n));
      expect([...whole.validity]).to.deep.equal([255, 7]);
    });

    it('are handed on from one output to the other', async () => {
      using kernel = createEngine().kernel({
        outputs: { a: 'prev(a, 0) + x', b: 'coalesce(prev(a, 1), prev(b, 2)) + y' },
      });
      const columns = { x: [1, 2, null, 4], y: [1, null, 1, 1] };
      for (const { a, b } of [
        kernel.map(columns, { nulls: 'bitmap' }),
        await kernel.mapAsync(columns, { nulls: 'bitmap' }),
      ]) {
        expect(rowsOf(a)).to.deep.equal([1, 3, null, null]);
        expect(rowsOf(b)).to.deep.equal([2, null, 4, 5]);
      }
    });

    it('are found at rows that are computed', () => {
      const engine = createEngine();
      const columns = { x: [1, null, 4, 8, null, 3], y: [0, 1, 2, null, -1, 99] };
      const rows = (source: string, edges: Edges) =>
        rowsOf(engine.compile(source, ['x', 'y']).map(columns, { nulls: 'bitmap', edges }));
      expect(rows('x[y]', 'nan')).to.deep.equal([1, null, 4, null, Number.NaN, Number.NaN]);
      expect(rows('x[y]', 'clamp')).to.deep.equal([1, null, 4, null, 1, 3]);
      expect(rows('x[y]', 'wrap')).to.deep.equal([1, null, 4, null, 3, 8]);
      expect(rows('coalesce(x[y], 7)', 'wrap')).to.deep.equal([1, 7, 4, 7, 3, 8]);
      expect(rows('sum(k, 0, 1, coalesce(x[index + k], 0))', 'clamp')).to.deep.equal([1, 4, 12, 8, 3, 6]);
      expect(rows('sum(k, 2, 3, x[k]) + 0*y', 'nan')).to.deep.equal([12, 12, 12, null, 12, 12]);
      expect(rows('sum(k, 0, 1, x[k])', 'nan')).to.deep.equal([null, null, null, null, null, null]);
      // A function that calls itself is called if all is there that it gets, so what it finds by itself is NaN.
      expect(rows('f(n) = n <= 0 ? x[n + 1] : f(n - 1); f(2) + 0*y', 'nan')[0]).to.be.NaN;
    });

    it('are found by kernels that refuse rows beyond the edges, without the number of the row among their parameters', () => {
      using kernel = createEngine().kernel(
        { outputs: { o: 'index > 0 ? y[index - 1] : 0', p: 'prev(p, 1) + y', q: 'z + 1' } },
        ['y', 'z'],
      );
      using alone = createEngine().kernel({ outputs: { o: 'y[index - 1]' } }, ['y']);
      const columns = { y: [1, null, 3], z: [1, 2, null] };
      const { o, p, q } = kernel.map(columns, { edges: 'error', nulls: 'bitmap' });
      expect([rowsOf(o), rowsOf(p), rowsOf(q)]).to.deep.equal([
        [0, 1, null],
        [2, null, null],
        [2, 3, null],
      ]);
      for (const y of [
        [1, 2, 3],
        [1, null, 3],
      ])
        expect(() => alone.map({ y }, { edges: 'error' })).to.throw(KernelError, 'there is no row -1');
    });

    it('do not say which row is to be refused', () => {
      const engine = createEngine();
      const rows = (source: string, y: (number | null)[]) =>
        rowsOf(
          engine.compile(source, ['x', 'y']).map({ x: [1, null, 4], y }, { nulls: 'bitmap', edges: 'error' }),
        );
      // What stands in memory where y is missing is no row.
      expect(rows('x[y]', [2, null, 1])).to.deep.equal([4, null, null]);
      expect(rows('index > 0 ? x[index - 1] : y', [null, 2, 1])).to.deep.equal([null, 1, null]);
      expect(() => rows('x[y]', [2, null, 3])).to.throw(KernelError, 'there is no row 3');
      expect(() => rows('x[index - 1] + y', [2, null, 3])).to.throw(KernelError, 'there is no row -1');
    });

    it('do not count in exact sums and statistics', async () => {
      const f = createEngine().compile('x', ['x']);
      const g = createEngine().compile('x > 2 ? x : x*1', ['x']);
      const x = [1e16, null, 1, null, -1e16, 3];
      const there = [1e16, 1, -1e16, 3];
      for (const fn of [f, g]) {
        expect(fn.reduce('sum', { x }, { exact: true })).to.equal(4);
        expect(fn.reduce('mean', { x }, { exact: true })).to.equal(1);
        expect(await fn.reduceAsync('mean', { x }, { exact: true })).to.equal(1);
        expect(fn.reduce('median', { x })).to.equal(2);
        expect(await fn.reduceAsync('median', { x })).to.equal(2);
        expect(fn.reduce('std', { x })).to.equal(fn.reduce('std', { x: there }));
      }
    });

    it('are refused where columns that say what is missing are more than kernels take', () => {
      const engine = createEngine({ limits: { parameters: 512 } });
      const names = Array.from({ length: 512 }, (_, i) => `p${i}`);
      const columns = Object.fromEntries(names.map((name) => [name, [1, 2]]));
      const f = engine.compile(names.join('+'), names);
      expectSame(f.map(columns), [512, 1024]);
      expect(() => f.map({ ...columns, p3: [1, null] })).to.throw(
        CompileError,
        'the formula takes 513 values',
      );
    });

    it('are refused in what grows beyond limits where functions stand in their places', () => {
      const doubled = Array.from({ length: 40 }, (_, i) => `f${i + 1}(a) = f${i}(a) + f${i}(a + 1)`).join(
        '; ',
      );
      expect(big(`f0(a) = a; ${doubled}; f40(x)`)).to.throw('100000 are allowed');
      const nested = Array.from({ length: 2000 }, (_, i) => `f${i + 1}(a) = f${i}(a) + 1`).join('; ');
      expect(big(`f0(a) = a; ${nested}; f2000(x)`)).to.throw('1000 are allowed');
    });
  });
});

describe('columns with missing values that are wrong', () => {
  const gone = new Uint8Array(4);
  structuredClone(gone.buffer, { transfer: [gone.buffer] });
  const values = new Float64Array(20);
  const refusals: readonly (readonly [
    what: string,
    column: unknown,
    error: KernelErrorCode | typeof TypeError | typeof RangeError,
    message: string,
  ])[] = [
    ['a bitmap too short', { values, validity: new Uint8Array(2) }, 'E_LENGTH_MISMATCH', 'has 2 bytes'],
    [
      'a bitmap too short for its offset',
      { values, validity: new Uint8Array(3), offset: 5 },
      'E_LENGTH_MISMATCH',
      'from bit 5 on take 4',
    ],
    [
      'an offset beyond the end',
      { values, validity: new Uint8Array(3), offset: 2 ** 40 },
      'E_LENGTH_MISMATCH',
      'x.validity',
    ],
    [
      'an offset beyond all numbers',
      { values, validity: new Uint8Array(3), offset: Number.MAX_SAFE_INTEGER },
      'E_LENGTH_MISMATCH',
      'x.validity',
    ],
    ['a negative offset', { values, validity: new Uint8Array(3), offset: -1 }, RangeError, 'not -1'],
    ['half an offset', { values, validity: new Uint8Array(3), offset: 0.5 }, RangeError, 'not 0.5'],
    ['an offset that is text', { values, validity: new Uint8Array(3), offset: '1' }, RangeError, 'a string'],
    ['a bitmap that is gone', { values, validity: gone }, 'E_DETACHED', 'x.validity'],
    ['words for a bitmap', { values, validity: new Uint16Array(3) }, TypeError, 'not a Uint16Array'],
    ['a list for a bitmap', { values, validity: [1, 1] }, TypeError, 'a Uint8Array of bits, not an array'],
    ['a misspelt name', { values, valid: new Uint8Array(3) }, TypeError, "unknown name 'valid' in x"],
    ['values that are none', { values: 'abc', validity: null }, TypeError, 'x.values must be'],
    ['no values', { values: undefined, validity: null }, TypeError, 'x.values must be'],
    ['a bitmap alone', { validity: new Uint8Array(3) }, TypeError, 'x must be'],
    ['undefined among numbers', { values: [1, undefined] }, TypeError, 'x.values[1] must be'],
    ['a Map', new Map([['values', values]]), TypeError, 'not a Map'],
    ['a Set', new Set([1]), TypeError, 'not a Set'],
  ];

  eachBackend((createEngine) => {
    for (const [what, column, error, message] of refusals) {
      it(`${what}: refused, and nothing is written`, async () => {
        const f = createEngine().compile('x + y', ['x', 'y']);
        const out = new Float64Array(20).fill(5);
        const columns = { x: column as ColumnInput, y: 1 };
        const check = (thrown: unknown) => {
          if (typeof error === 'string') expect((thrown as KernelError).code).to.equal(error);
          else expect(thrown).to.be.instanceOf(error);
          expect((thrown as Error).message).to.include(message);
        };
        const calls: (() => unknown)[] = [
          () => f.map(columns, { out }),
          () => f.map(columns, { out, nulls: 'bitmap' }),
          () => f.bind(columns, { out }),
          () => f.reduce('sum' as ReduceKind as 'sum', columns),
          () => f.select(columns),
        ];
        for (const call of calls) {
          try {
            call();
          } catch (thrown) {
            check(thrown);
            continue;
          }
          expect.fail('nothing was thrown');
        }
        await f.mapAsync(columns, { out }).then(() => expect.fail('nothing was thrown'), check);
        expectSame(out, new Float64Array(20).fill(5));
      });
    }
  });

  it('a way of giving missing values that is none', () => {
    using engine = new Engine();
    const f = engine.compile('x', ['x']);
    expect(() => f.map({ x: [1] }, { nulls: 'bitmaps' as 'bitmap' })).to.throw(RangeError, 'nan, bitmap');
    expect(() => f.reduce('sum', { x: [1] }, { nulls: 'bitmap' } as never)).to.throw(TypeError, "'nulls'");
  });

  it('properties that change are read once', () => {
    using engine = new Engine();
    const f = engine.compile('x', ['x']);
    let reads = 0;
    const x = {
      get values() {
        reads++;
        return reads > 2 ? 'gone' : Float64Array.of(1, 2);
      },
      get validity() {
        return Uint8Array.of(1);
      },
    };
    expectSame(f.map({ x: x as never }), [1, Number.NaN]);
  });
});
