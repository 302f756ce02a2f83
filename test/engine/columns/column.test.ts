import { expect } from 'chai';
import { outputTypes } from '../../../src/engine/backends/column-types.ts';
import { Engine, type NumericArray } from '../../../src/index.ts';
import { eachBackend } from '../each-backend.ts';

describe('engine.column', () => {
  eachBackend((createEngine) => {
    it('gives arrays of zeros of every type', () => {
      const engine = createEngine();
      const expected = { f64: Float64Array, f32: Float32Array, u8c: Uint8ClampedArray, mask: Uint8Array };
      for (const type of outputTypes) {
        const array: NumericArray = engine.column(type, 7);
        expect(array).to.have.lengthOf(7);
        expect([...array]).to.deep.equal(Array(7).fill(0));
        if (type in expected) expect(array).to.be.instanceOf(expected[type as keyof typeof expected]);
      }
    });

    it('refuses what is no type and no length', () => {
      const engine = createEngine();
      expect(() => engine.column('f16' as 'f64', 1)).to.throw(RangeError, 'type must be one of');
      for (const length of [-1, 1.5, Number.NaN, '3' as unknown as number]) {
        expect(() => engine.column('f64', length)).to.throw(RangeError, 'length must be an integer');
      }
      expect(() => engine.column('f64', 2 ** 50)).to.throw(RangeError);
    });

    it('takes part in runs as any other array does, also beside others', () => {
      const engine = createEngine();
      const f = engine.compile('x * y + index', ['x', 'y', 'index']);
      for (const length of [0, 1, 5, 4096, 20_001]) {
        const x = engine.column('f64', length);
        const out = engine.column('f64', length);
        for (let i = 0; i < length; i++) x[i] = i / 7;
        const y = Float32Array.from(x, (value) => value + 1);
        const expected = Array.from(x, (value, index) => value * (y[index] as number) + index);
        expect(f.map({ x, y }, { out })).to.equal(out);
        expect([...out]).to.deep.equal(expected);
        expect([...f.map({ x, y })]).to.deep.equal(expected);
        expect([...f.map({ x: [...x], y }, { out: engine.column('f64', length) })]).to.deep.equal(expected);
        expect(f.reduce('count', { x, y })).to.equal(expected.filter((value) => value !== 0).length);
        // In place, and an array of which a part is meant.
        expect([...f.map({ x: x.subarray(1), y: 2 })]).to.deep.equal(
          Array.from(x.subarray(1), (value, index) => value * 2 + index),
        );
        f.map({ x, y }, { out: x });
        expect([...x]).to.deep.equal(expected);
      }
    });

    it('refuses what overlaps', () => {
      const engine = createEngine();
      const whole = engine.column('f64', 100);
      const f = engine.compile('x + 1', ['x']);
      expect(() => f.map({ x: whole.subarray(0, 50) }, { out: whole.subarray(1, 51) })).to.throw(
        'shares memory',
      );
    });
  });

  it('lives as long as anybody refers to it', () => {
    const engine = new Engine({ backend: 'wasm' });
    const array = engine.column('i32', 3).fill(5);
    engine.dispose();
    expect([...array]).to.deep.equal([5, 5, 5]);
    expect(() => engine.column('i32', 3)).to.throw('disposed');
  });

  it('gives no place to two, however many there are', () => {
    const engine = new Engine({ backend: 'wasm' });
    const arrays = Array.from({ length: 60 }, (_, index) => engine.column('f64', 100_000).fill(index));
    const f = engine.compile('a + b', ['a', 'b']);
    for (let i = 1; i < arrays.length; i++) {
      const [a, b] = [arrays[i - 1], arrays[i]] as [Float64Array, Float64Array];
      const sum = f.map({ a, b });
      expect(sum.every((value) => value === 2 * i - 1)).to.equal(true);
    }
    expect(arrays.every((array, index) => array.every((value) => value === index))).to.equal(true);
  });
});
