import { expect } from 'chai';
import { compile, Engine } from '../../../src/index.ts';

/** What TypeScript knows of columns and results; the compiler checks most of this. */
describe('types of kernels', () => {
  it('follow the names of parameters', () => {
    using f = compile('x + y', ['x', 'y']);
    // @ts-expect-error y is missing.
    expect(() => f.map({ x: [1] })).to.throw();
    // @ts-expect-error There is no z.
    expect(() => f.map({ x: [1], y: 2, z: 3 })).to.throw();
    // @ts-expect-error A column is no string.
    expect(() => f.map({ x: 'abc', y: 2 })).to.throw();
    using free = compile('p * q');
    expect(free.map({ p: 1, q: [2] })).to.have.lengthOf(1);
    using rows = compile('index * x', ['x', 'index']);
    expect(rows.map({ x: [1] })).to.have.lengthOf(1);
  });

  it('follow the types of results', async () => {
    using f = compile('x + y', ['x', 'y']);
    const doubles: Float64Array = f.map({ x: [1], y: 2 });
    const mask: Uint8Array = f.map({ x: [1], y: 2 }, { type: 'mask' });
    const given: Int8Array = f.map({ x: [1], y: 2 }, { out: new Int8Array(1) });
    const floats: Float32Array = await f.mapAsync({ x: 1, y: [2] }, { type: 'f32', threads: 2 });
    const filtered: Int16Array = f.filter({ x: new Int16Array(2), y: 1 }, 'x');
    const sum: number = f.reduce('sum', { x: [1], y: 2 });
    const any: boolean = f.reduce('any', { x: [1], y: 2 });
    expect([doubles, mask, given, floats].map(([value]) => value)).to.deep.equal([3, 1, 3, 3]);
    expect([filtered.length, sum, any]).to.deep.equal([2, 3, true]);
  });

  it('follow the names of outputs', () => {
    using engine = new Engine();
    using kernel = engine.kernel({ outputs: { a: 'x', b: 'x' } }, ['x']);
    const { a, b } = kernel.map({ x: [1] }, { type: { a: 'i32' }, out: { b: new Uint8ClampedArray(1) } });
    const integers: Int32Array = a;
    const bytes: Uint8ClampedArray = b;
    expect([...integers, ...bytes]).to.deep.equal([1, 1]);
  });
});
