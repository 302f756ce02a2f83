import { expect } from 'chai';
import type { NumericArray, OutputType } from '../../../src/index.ts';
import { elementAt } from '../../../src/support/element.ts';
import { specialValues } from '../../support/special-values.ts';
import { arrayTypes, expectSame, misaligned } from './bits.ts';
import { eachLevel } from './each-level.ts';

/** Ways through code generation: vectors, masks, rounding, constants, row numbers; and row by row. */
const sources: readonly string[] = [
  'x*y + y',
  'x < y ? x*2 : y*y - 1',
  'floor(x*4 + 0.5) - round(y) + sign(x)',
  'clamp(x, -1, y) + max(x, y) - min(x, 0.5)',
  'sqrt(x*x + y*y) / (x - y)',
  'x > 0 && y > 0 || x != x',
  '(index + x) / length',
  'sin(x) + y',
  'x % y',
  'sum(i, 1, 3, i * x) + y',
];

/** Numbers of every kind, in an order that puts neighbours of different kinds into one vector. */
function mixed(count: number, step: number): number[] {
  return Array.from({ length: count }, (_, index) =>
    index % 3 === 0
      ? elementAt(specialValues, (index * step) % specialValues.length)
      : ((index * step) % 17) / 4 - 2,
  );
}

describe('map', () => {
  eachLevel((createEngine, level) => {
    const parameters = ['x', 'y', 'index', 'length'] as const;

    it('is the function of every row, for every length up to 67', () => {
      const engine = createEngine();
      for (const source of sources) {
        const f = engine.compile(source, parameters);
        for (let length = 0; length <= 67; length++) {
          const x = new Float64Array(mixed(length, 7));
          const y = new Float64Array(mixed(length, 11));
          const expected = [...x].map((value, row) => f(value, elementAt(y, row), row, length));
          expectSame(f.map({ x, y }), expected, source);
        }
      }
    });

    it('reads and writes at every misalignment, and nothing around', () => {
      const engine = createEngine();
      const f = engine.compile('x < y ? x*2 : y*y - 1', ['x', 'y']);
      for (const type of arrayTypes) {
        for (let offset = 0; offset < 9; offset++) {
          for (const length of [1, 7, 16, 23, 67]) {
            const values = Array.from({ length }, (_, row) => ((row * 7) % 11) + 1);
            const x = misaligned(type, values, offset);
            const out = misaligned(type, values, 8 - offset);
            const expected = new type([...x.array].map((value) => f(value, 5)));
            expect(f.map({ x: x.array, y: 5 }, { out: out.array })).to.equal(out.array);
            expectSame(out.array, expected, `${type.name}, ${offset}`);
            x.expectCanaries();
            out.expectCanaries();
          }
        }
      }
    });

    it('takes elements of every type', () => {
      const engine = createEngine();
      const values = [
        0, 1, 2, 3, 127, 128, 200, 255, 256, 32767, 32768, 65535, 2147483647, 2147483648, 4294967295,
      ];
      const all = [
        ...values,
        ...values.map((value) => -value),
        0.5,
        1.1,
        Number.NaN,
        Infinity,
        -Infinity,
        1e-40,
      ];
      for (const source of ['x*2 + y', 'sin(x) + y']) {
        const f = engine.compile(source, ['x', 'y']);
        for (const type of arrayTypes) {
          for (const other of arrayTypes) {
            const x = new type(all);
            const y = new other([...all].reverse());
            const expected = [...x].map((value, row) => f(value, elementAt(y, row)));
            expectSame(f.map({ x, y }), expected, `${type.name}, ${other.name}`);
          }
        }
      }
    });

    it('gives elements of every type, converted as JavaScript does', () => {
      const engine = createEngine();
      const values = [
        ...specialValues,
        127.5,
        128.5,
        254.5,
        255.5,
        0.5,
        1.5,
        -0.4,
        300,
        -300,
        65537,
        4294967297,
      ];
      const x = new Float64Array(values);
      for (const source of ['x', 'x + sum(i, 1, 0, i)']) {
        const f = engine.compile(source, ['x']);
        for (const [type, kind] of Object.entries({
          f64: Float64Array,
          f32: Float32Array,
          i8: Int8Array,
          u8: Uint8Array,
          u8c: Uint8ClampedArray,
          i16: Int16Array,
          u16: Uint16Array,
          i32: Int32Array,
          u32: Uint32Array,
        })) {
          const result = f.map({ x }, { type: type as OutputType });
          expect(result).to.be.instanceOf(kind);
          const converted = values.map((value) => f(value));
          expectSame(result, new kind(converted), `${type} of ${source}`);
          expectSame(f.map({ x }, { out: new kind(values.length) }), result, `out, ${type}`);
        }
        const mask = f.map({ x }, { type: 'mask' });
        expect(mask).to.be.instanceOf(Uint8Array);
        expectSame(
          mask,
          values.map((value) => (value !== 0 && !Number.isNaN(value) ? 1 : 0)),
          'mask',
        );
      }
    });

    it('gives truth values as 1 and 0 in every type', () => {
      const f = createEngine().compile('x > 1', ['x']);
      const x = Array.from({ length: 40 }, (_, row) => row % 3);
      const expected = x.map((value) => (value > 1 ? 1 : 0));
      for (const type of ['f64', 'f32', 'i8', 'u8', 'u8c', 'i16', 'u16', 'i32', 'u32', 'mask'] as const) {
        expectSame(f.map({ x }, { type }), expected, type);
      }
    });

    it('takes numbers for columns, and plain arrays', () => {
      const f = createEngine().compile('x * 100 + y * 10 + z', ['x', 'y', 'z']);
      expectSame(f.map({ x: [1, 2, 3], y: 5, z: new Uint8Array([7, 8, 9]) }), [157, 258, 359]);
      expectSame(f.map({ x: 1, y: [2], z: -0 }), [120]);
      expectSame(f.map({ x: 1, y: 2, z: Number.NaN }, { length: 3 }), [NaN, NaN, NaN]);
    });

    it('knows the numbers of rows, and how many there are', () => {
      const engine = createEngine();
      expectSame(engine.compile('index / (length - 1)').map({}, { length: 5 }), [0, 0.25, 0.5, 0.75, 1]);
      expectSame(engine.compile('index').map({}, { out: new Int16Array(3) }), [0, 1, 2]);
      expectSame(engine.compile('index * x', ['index', 'x']).map({ x: [5, 5, 5] }), [0, 5, 10]);
      expectSame(engine.compile('index + 1', ['index']).map({ index: [7, 8] }), [8, 9]);
      expectSame(engine.compile('length', ['length']).map({ length: 3 }, { length: 2 }), [3, 3]);
      const f = engine.compile('index*2', ['index']);
      expectSame(
        f.map({}, { length: 10_000 }),
        Array.from({ length: 10_000 }, (_, row) => row * 2),
      );
    });

    it('may write to one of its columns, and to a longer array', () => {
      const engine = createEngine();
      for (const source of ['x*y + 1', 'sin(x) + y', 'sum(i, 1, 3, x + y)']) {
        const f = engine.compile(source, ['x', 'y']);
        for (const length of [1, 5, 8, 33, 100]) {
          const x = new Float64Array(mixed(length, 3));
          const y = new Float64Array(mixed(length, 5));
          const expected = f.map({ x, y });
          const own = x.slice();
          expect(f.map({ x: own, y }, { out: own })).to.equal(own);
          expectSame(own, expected, source);
          const both = y.slice();
          expectSame(f.map({ x: both, y: both }, { out: both }), f.map({ x: y, y }), source);
          const longer = new Float64Array(length + 3).fill(-7);
          expect(f.map({ x, y }, { out: longer })).to.equal(longer);
          expectSame(longer, [...expected, -7, -7, -7], source);
        }
      }
    });

    it('works on shared memory, and on both sides of a clamp', () => {
      const f = createEngine().compile('x * 2', ['x']);
      const x = new Float64Array(new SharedArrayBuffer(80)).fill(4);
      const out = new Uint8ClampedArray(new SharedArrayBuffer(10));
      expectSame(f.map({ x }, { out }), new Array(10).fill(8));
      expectSame(f.map({ x: out }, { type: 'u8c' }), new Array(10).fill(16));
    });

    it('works in a predicate, a workspace and after redefinition', () => {
      const engine = createEngine();
      const predicate = engine.compilePredicate('x > 1', ['x']);
      expectSame(predicate.map({ x: [1, 2] }, { type: 'mask' }), [0, 1]);
      const workspace = engine.workspace();
      workspace.define('f(x) = x + 1');
      const g = workspace.compile('f(x) * 10', ['x']);
      expectSame(g.map({ x: [1, 2] }), [20, 30]);
      workspace.define('f(x) = x + 2');
      expectSame(g.map({ x: [1, 2] }), [30, 40]);
    });

    it('takes many parameters', () => {
      const names = Array.from({ length: 40 }, (_, index) => `p${index}`);
      const f = createEngine().compile(names.map((name, index) => `${name} * ${index}`).join(' + '), names);
      const columns = Object.fromEntries(
        names.map((name, index) => [name, index % 5 === 0 ? index : new Float64Array(9).fill(index)]),
      );
      const expected = names.reduce((sum, _, index) => sum + index * index, 0);
      expectSame(f.map(columns), new Array(9).fill(expected));
    });

    it('leaves an empty table empty', () => {
      const f = createEngine().compile('x + y', ['x', 'y']);
      const result: NumericArray = f.map({ x: [], y: new Int8Array(0) });
      expect(result).to.be.instanceOf(Float64Array).with.lengthOf(0);
    });

    it(`tells what runs: ${level}`, () => {
      const { cpu, backend } = createEngine().statistics();
      expect(cpu ?? backend).to.equal(level);
    });
  });
});
