import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { CompileError, Engine } from '../../../src/index.ts';
import { invariant } from '../../../src/support/invariant.ts';
import { eachBackend } from '../each-backend.ts';
import { arrayTypes, expectSame } from './bits.ts';

describe('the code of kernels', () => {
  const codeCount = (engine: Engine): number => engine.statistics().memory.allocationCount;

  it('is made when it is first needed, once for each signature', () => {
    using engine = new Engine({ backend: 'native' });
    const f = engine.compile('x + y', ['x', 'y']);
    expect(codeCount(engine)).to.equal(1);
    for (let i = 0; i < 3; i++) f.map({ x: [i], y: 1 });
    expect(codeCount(engine)).to.equal(2);
    f.map({ x: [1], y: [1] });
    f.map({ x: new Float32Array(1), y: 1 });
    f.map({ x: [1], y: 1 }, { type: 'i8' });
    f.reduce('sum', { x: [1], y: 1 });
    expect(codeCount(engine)).to.equal(6);
    f.map({ x: [1], y: 5 });
    f.reduce('mean', { x: [1], y: 1 });
    f.map({ x: [1], y: 1 }, { out: new Int8Array(1) });
    expect(codeCount(engine)).to.equal(6);
    f.release();
    expect(codeCount(engine)).to.equal(0);
  });

  it('is bounded, and the least recently used goes', () => {
    using engine = new Engine({ backend: 'native' });
    const f = engine.compile('x + y', ['x', 'y']);
    for (let round = 0; round < 2; round++) {
      for (const left of arrayTypes) {
        for (const right of arrayTypes) {
          expectSame(f.map({ x: new left([3, 4]), y: new right([5, 6]) }), [8, 10]);
          expect(codeCount(engine)).to.be.at.most(17);
        }
      }
    }
  });

  it('is shared by those who compile the same source, with a cache', () => {
    using engine = new Engine({ backend: 'native', cache: 10 });
    const f = engine.compile('x + 1', ['x']);
    const g = engine.compile('x + 1', ['x']);
    f.map({ x: [1] });
    f.release();
    expectSame(g.map({ x: [1] }), [2]);
    expect(codeCount(engine)).to.equal(2);
  });

  it('is subject to the limit on code', () => {
    const source = Array.from({ length: 50 }, (_, index) => `sqrt(x + ${index}.5)`).join(' + ');
    using measured = new Engine({ backend: 'native' });
    const { code } = measured.compile(source, ['x']);
    using engine = new Engine({ backend: 'native', limits: { codeSize: (code?.size ?? 0) + 1 } });
    const f = engine.compile(source, ['x']);
    expect(() => f.map({ x: new Uint8Array(3) }, { type: 'u8c' })).to.throw(CompileError, 'bytes');
    expect(codeCount(engine)).to.equal(1);
  });

  it('goes with functions and kernels that nobody refers to any more', async () => {
    const { gc } = globalThis;
    invariant(gc !== undefined, 'the tests need --expose-gc');
    using engine = new Engine({ backend: 'native' });
    for (let i = 0; i < 50; i++) {
      engine.compile(`x + ${i}`, ['x']).map({ x: [i] });
      engine.kernel({ outputs: { a: `x * ${i}` } }, ['x']).map({ x: [i] });
    }
    for (let i = 0; i < 30 && codeCount(engine) > 0; i++) {
      gc();
      await setTimeout(1);
    }
    expect(codeCount(engine)).to.equal(0);
    expect(engine.statistics().functionCount).to.equal(0);
  });

  eachBackend((createEngine) => {
    it('follows a function that is called again and again with changing columns', () => {
      const f = createEngine().compile('x * y', ['x', 'y']);
      for (let i = 0; i < 100; i++) {
        expectSame(f.map({ x: [i], y: 2 }), [2 * i]);
        expectSame(f.map({ x: 2, y: [i, i] }), [2 * i, 2 * i]);
        expectSame(f.map({ x: new Int8Array([i]), y: [i] }), [i * i]);
      }
    });
  });
});
