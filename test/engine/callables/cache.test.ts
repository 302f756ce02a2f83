import { expect } from 'chai';
import { CompileError } from '../../../src/index.ts';
import { eachBackend } from '../each-backend.ts';

describe('the cache of an engine', () => {
  eachBackend((createEngine) => {
    it('is off by default: what is released is gone', () => {
      const engine = createEngine();
      engine.compile('x + 1', ['x']).release();
      engine.compile('x + 1', ['x']).release();
      expect(engine.statistics()).to.deep.include({
        compileCount: 2,
        cache: { size: 0, capacity: 0, hits: 0, misses: 0 },
      });
      expect(engine.statistics().memory.usedSize).to.equal(0);
    });

    it('shares the code of equal sources with equal parameters', () => {
      const engine = createEngine({ cache: 10 });
      const f = engine.compile('x + y', ['x', 'y']);
      const g = engine.compile('x + y', ['x', 'y']);
      const h = engine.compile('x + y', ['y', 'x']);
      const k = engine.compile('x + y');
      expect(f).not.to.equal(g);
      expect(f.code?.address).to.equal(g.code?.address);
      expect(engine.statistics()).to.deep.include({
        compileCount: 3,
        functionCount: 4,
        cache: { size: 3, capacity: 10, hits: 1, misses: 3 },
      });
      expect([f(1, 2), g(1, 2), h(1, 2), k(1, 2)]).to.deep.equal([3, 3, 3, 3]);
      expect(engine.compilePredicate('x + y', ['x', 'y'])(1, -1)).to.equal(false);
      expect(engine.statistics().compileCount).to.equal(3);
    });

    it('keeps code that is released, and code that it drops lives on in its callables', () => {
      const engine = createEngine({ cache: 2 });
      const f = engine.compile('x + 1', ['x']);
      f.release();
      expect(engine.compile('x + 1', ['x'])(1)).to.equal(2);
      expect(engine.statistics().compileCount).to.equal(1);
      const kept = engine.compile('x + 2', ['x']);
      // The least recently used goes first.
      engine.compile('x + 1', ['x']).release();
      engine.compile('x + 3', ['x']).release();
      expect(engine.statistics().cache.size).to.equal(2);
      expect(kept(1)).to.equal(3);
      engine.compile('x + 1', ['x']).release();
      expect(engine.statistics().compileCount).to.equal(3);
      engine.compile('x + 2', ['x']).release();
      expect(engine.statistics().compileCount).to.equal(4);
      kept.release();
      expect(() => kept(1)).to.throw('released');
    });

    it('takes no other list of parameters for one that it knows', () => {
      using engine = createEngine({ cache: 10 });
      engine.compile('a + b', ['a', 'b']);
      expect(() => engine.compile('a + b', ['a,b'])).to.throw(TypeError);
      expect(() => engine.compile('b', ['a\n"b"'])).to.throw(TypeError);
      expect(() => engine.compile('["a","b"]\na + b')).to.throw(CompileError);
    });

    it('does not keep what cannot be compiled', () => {
      const engine = createEngine({ cache: 2 });
      for (let i = 0; i < 3; i++) expect(() => engine.compile('x +')).to.throw();
      expect(engine.statistics().cache.size).to.equal(0);
    });

    it('must have a size that makes sense', () => {
      for (const cache of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(() => createEngine({ cache })).to.throw(RangeError, 'cache');
      }
      // @ts-expect-error not a number
      expect(() => createEngine({ cache: '1' })).to.throw(TypeError, 'cache');
    });
  });
});
