import { expect } from 'chai';
import { CompileError, ReleasedError } from '../../../src/index.ts';
import { eachBackend } from '../each-backend.ts';

describe('Engine.module', () => {
  eachBackend((createEngine) => {
    it('gives all functions of a source, and what its lets come to', () => {
      const { functions, values } = createEngine().module(`
        let k = 3
        let big = k > 2
        f(x) = k * x
        g(x, y) = f(x) + f(y)
        even(n) = n == 0 ? true : odd(n - 1)
        odd(n) = n == 0 ? false : even(n - 1)
        main() = 42
      `);
      expect(values).to.deep.equal(Object.assign(Object.create(null), { k: 3, big: true }));
      expect(Object.keys(functions)).to.deep.equal(['f', 'g', 'even', 'odd', 'main']);
      expect(functions['f']?.(2)).to.equal(6);
      expect(functions['g']?.(1, 2)).to.equal(9);
      expect([functions['even']?.(10), functions['odd']?.(10)]).to.deep.equal([1, 0]);
      expect(functions['main']?.()).to.equal(42);
      expect(functions['g']?.parameters).to.deep.equal(['x', 'y']);
      expect(functions['even']?.resultType).to.equal('boolean');
    });

    it('has names of its own only', () => {
      const { functions } = createEngine().module('toString(x) = x; constructor(x) = x + 1');
      expect(functions['toString']?.(1)).to.equal(1);
      expect(functions['constructor']?.(1)).to.equal(2);
      expect(functions['valueOf']).to.equal(undefined);
    });

    it('shares one piece of code, which goes with the last function', () => {
      const engine = createEngine();
      const module = engine.module('f(x) = x + 1; g(x) = f(x) * 2');
      const { f, g } = module.functions;
      expect(engine.statistics()).to.include({ functionCount: 2, compileCount: 1 });
      expect(f?.code?.address).to.equal(g?.code?.address);
      f?.release();
      expect(() => f?.(1)).to.throw(ReleasedError);
      expect(g?.(1)).to.equal(4);
      module.release();
      module.release();
      expect(() => g?.(1)).to.throw(ReleasedError);
      expect(engine.statistics().memory.usedSize).to.equal(0);
    });

    it('evaluates its lets once', () => {
      let calls = 0;
      const engine = createEngine({ functions: { next: () => ++calls } });
      using module = engine.module('let a = next(); f(x) = a + x; let b = next() + f(0)');
      expect(module.values).to.deep.include({ a: 1, b: 3 });
      expect([module.functions['f']?.(10), module.functions['f']?.(20)]).to.deep.equal([11, 21]);
      expect(calls).to.equal(2);
    });

    it('refuses an expression, free names and everything else that is wrong', () => {
      const engine = createEngine();
      expect(() => engine.module('f(x) = x; f(1)')).to.throw(CompileError, 'only definitions');
      expect(() => engine.module('f(x) = x + y')).to.throw(CompileError, '`y`');
      expect(() => engine.module('f(x) = g(x)')).to.throw(CompileError, '`g`');
      expect(() => engine.module('let a = f(1); let k = 2; f(x) = k * x')).to.throw(CompileError, '`k`');
      // @ts-expect-error not a string
      expect(() => engine.module(5)).to.throw(TypeError);
      expect(engine.statistics()).to.deep.include({ functionCount: 0 });
    });

    it('may be empty', () => {
      const engine = createEngine();
      using module = engine.module('let a = 1');
      expect(Object.keys(module.functions)).to.deep.equal([]);
      expect(engine.statistics().memory.usedSize).to.equal(0);
    });
  });
});
