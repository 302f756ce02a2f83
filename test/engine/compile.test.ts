import { expect } from 'chai';
import { CompileError, compile, Engine, JitAllocatorOptions, ReleasedError } from '../../src/index.ts';
import { VirtMem } from '../../src/mem/virt-mem.ts';
import { requireAddon } from '../../src/native/loader.ts';
import { eachBackend } from './each-backend.ts';

describe('compile', () => {
  it('makes a function of the given parameters on a shared engine', () => {
    requireAddon();
    using f = compile('x^2 + 2*y', ['x', 'y']);
    expect(f(3, 4)).to.equal(17);
    expect(f.parameters).to.deep.equal(['x', 'y']);
    expect(f.resultType).to.equal('number');
    expect(f.code?.size).to.be.greaterThan(0);
  });

  it('is typed by the parameters', () => {
    using two = compile('x + y', ['x', 'y']);
    const typed: (x: number, y: number) => number = two;
    // @ts-expect-error two numbers are needed
    expect(() => two(1)).to.throw(TypeError, 'y is missing');
    // @ts-expect-error not a number
    expect(() => two(1, '2')).to.throw(TypeError, 'y must be a number');
    using any = compile('x + y');
    const rest: (...args: number[]) => number = any;
    expect([typed(1, 2), rest(1, 2)]).to.deep.equal([3, 3]);
  });

  it('gives formulas of one shape their own constants, also where one is compiled within another', () => {
    requireAddon();
    let depth = 0;
    let inner = 0;
    const sum = (constant: number) => engine.compile(`x*${constant} + x`, ['x']);
    // With `ImmediateRelease` each function that is alone has memory mapped for it.
    const backend: typeof VirtMem = {
      ...VirtMem,
      allocDualMapping(...request) {
        if (depth > 0 && depth < 3) {
          depth++;
          using f = sum(100.5 + depth);
          expect(f(2)).to.equal(203 + 2 * depth);
          inner++;
          depth--;
        }
        return VirtMem.allocDualMapping(...request);
      },
    };
    const options = JitAllocatorOptions.UseDualMapping | JitAllocatorOptions.ImmediateRelease;
    using engine = new Engine({ backend: 'native', allocator: { backend, options } });
    for (let i = 0; i < 20; i++) {
      depth = i < 5 ? 0 : 1;
      using f = sum(i + 0.5);
      depth = 0;
      using g = sum(-i - 0.5);
      expect([f(2), g(2)]).to.deep.equal([2 * i + 3, 1 - 2 * i]);
    }
    expect(inner).to.be.above(15);
  });

  eachBackend((createEngine) => {
    const cases: readonly (readonly [source: string, args: readonly number[], expected: number])[] = [
      ['1 + 1', [], 2],
      ['-3^2', [], -9],
      ['2^3^2', [], 512],
      ['sqrt(x*x + y*y)', [3, 4], 5],
      ['let r = 2; pi*r^2', [], 12.566370614359172],
      ['a < b', [1, 2], 1],
      ['a < b', [2, 1], 0],
      ['x > 0 ? x : -x', [-7], 7],
      ['a % b', [-7, 3], -1],
      ['round(x)', [-2.5], -2],
      ['a && b', [2, Number.NaN], 0],
      ['a - b - c - d - k - f - g', [100, 1, 2, 3, 4, 5, 6], 79],
      ['f(n) = n < 2 ? n : f(n - 1) + f(n - 2); f(k)', [15], 610],
      ['sum(i, 1, n, i)', [100], 5050],
      ['hypot(a, b, c)', [2, 3, 6], 7],
    ];
    for (const [source, args, expected] of cases) {
      it(`evaluates ${source} at ${args.join(', ')}`, () => {
        const f = createEngine().compile(source);
        expect(f(...args)).to.equal(expected);
      });
    }

    it('takes the free names in order of appearance where no parameters are given', () => {
      expect(createEngine().compile('b*2 + a*3 + b').parameters).to.deep.equal(['b', 'a']);
    });

    it('takes up to 255 parameters', () => {
      const names = Array.from({ length: 255 }, (_, index) => `p${index}`);
      const f = createEngine().compile(names.join(' + '), names);
      expect(f(...names.map((_, index) => index))).to.equal((254 * 255) / 2);
    });

    it('gives booleans as 1 or 0 and says so', () => {
      const f = createEngine().compile('x > 1', ['x']);
      expect([f(2), f(1), f.resultType]).to.deep.equal([1, 0, 'boolean']);
    });

    it('makes predicates of conditions and of numbers', () => {
      const engine = createEngine();
      const above = engine.compilePredicate('x > 1', ['x']);
      expect([above(2), above(1)]).to.deep.equal([true, false]);
      const truthy = engine.compilePredicate('x', ['x']);
      expect([truthy(0), truthy(-0), truthy(Number.NaN), truthy(0.5)]).to.deep.equal([
        false,
        false,
        false,
        true,
      ]);
    });

    it('makes functions like any other', () => {
      const f = createEngine().compile('x - y', ['x', 'y']);
      expect(f).to.be.instanceOf(Function);
      expect(f.call(undefined, 5, 3)).to.equal(2);
      expect(f.apply(null, [5, 3])).to.equal(2);
      expect(f.bind(null, 5)(3)).to.equal(2);
      expect([5, 6].map((x) => f(x, 1))).to.deep.equal([4, 5]);
      expect(() => Reflect.construct(f, [])).to.throw(TypeError);
      expect(f.constructor).to.equal(Function);
    });

    it('shows nothing of its inside', () => {
      const f = createEngine().compile('x', ['x']);
      expect(Reflect.ownKeys(f).filter((key) => key !== 'length' && key !== 'name')).to.deep.equal([]);
    });

    it('throws ReleasedError after release, which can be repeated', () => {
      const f = createEngine().compile('x + 1', ['x']);
      expect(f.released).to.equal(false);
      f.release();
      f.release();
      expect(f.released).to.equal(true);
      expect(() => f(1))
        .to.throw(ReleasedError)
        .with.property('code', 'E_RELEASED');
      expect(() => f.code).to.throw(ReleasedError);
      expect([f.parameters, f.resultType]).to.deep.equal([['x'], 'number']);
    });

    it('is released at the end of a `using` block', () => {
      const engine = createEngine();
      let kept: () => number;
      {
        using f = engine.compile('1', []);
        kept = f;
        expect(kept()).to.equal(1);
      }
      expect(kept).to.throw(ReleasedError);
    });

    it('reports all errors of a source with place and hint', () => {
      const error = thrown(() => createEngine().compile('sqr(x) +\n yy', ['x', 'y']));
      expect(error).to.be.instanceOf(CompileError);
      expect(error).to.include({ code: 'E_UNKNOWN_FUNCTION', line: 1, column: 1, start: 0, end: 3 });
      expect(error.diagnostics.map(({ code, line, column }) => [code, line, column])).to.deep.equal([
        ['E_UNKNOWN_FUNCTION', 1, 1],
        ['E_UNKNOWN_NAME', 2, 2],
      ]);
      expect(error.hint).to.contain('sqrt');
      expect(error.render()).to.contain('2 |  yy\n  |  ^^\n');
    });

    it('refuses a source without an expression', () => {
      for (const source of ['', '# nothing', 'let a = 1', 'f(x) = x']) {
        expect(thrown(() => createEngine().compile(source)).code).to.equal('E_NO_RESULT');
      }
    });

    it('refuses what is no source and no name', () => {
      const engine = createEngine();
      // @ts-expect-error not a string
      expect(() => engine.compile(42)).to.throw(TypeError, 'source must be a string');
      // @ts-expect-error not an array
      expect(() => engine.compile('x', 'x')).to.throw(
        TypeError,
        'parameters must be an array of names, not "x"',
      );
      // @ts-expect-error not names
      expect(() => engine.compile('x', [1])).to.throw(TypeError, 'parameters[0]');
      expect(() => engine.compile('x', ['x y'])).to.throw(TypeError, 'parameters[0]');
      expect(() => engine.compile('x', ['x', 'x'])).to.throw(TypeError, 'parameters[1]');
    });
  });
});

function thrown(action: () => unknown): CompileError {
  try {
    action();
  } catch (error) {
    if (error instanceof CompileError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
