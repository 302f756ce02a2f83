import { expect } from 'chai';
import {
  analyze,
  CompileError,
  type Dialect,
  Engine,
  fromJSON,
  parse,
  printProgram,
  toJSON,
  toWasm,
} from '../../src/index.ts';
import { compileWasm, instantiateWasm } from '../../src/jit/wasm/web-assembly.ts';
import { everySwitch as all } from '../support/every-switch.ts';
import { eachBackend } from './each-backend.ts';

describe('the dialect of an engine', () => {
  eachBackend((createEngine) => {
    it('is that of all that the engine reads', async () => {
      const engine = createEngine({ dialect: all, prelude: 'Twice(v) = 2v', constants: { VAT: 0.25 } });
      expect(engine.compile('2X! + twice(x) + vat', ['x'])(3)).to.equal(18.25);
      expect(engine.compilePredicate('1 < Rate < 50%')(0.25)).to.equal(false);
      expect(engine.compile('a & 6 | 1 ^ b << 2')(5, 1)).to.equal(5);
      expect(engine.compile('7 mod 4 + 7 div 2')()).to.equal(6);
      const x = Float64Array.of(-1, 0.25, 0.75, 2);
      expect([...engine.compile('0 <= X <= 1', ['x']).map({ x })]).to.deep.equal([0, 1, 1, 0]);
      expect([...(await engine.compile('2X', ['x']).mapAsync({ x }))]).to.deep.equal([-2, 0.5, 1.5, 4]);
      expect([...engine.compile('2X - Prev(0)', ['x']).map({ x })]).to.deep.equal([-2, 2.5, -1, 5]);
      const before = engine.compile('2X[INDEX - 1]', ['x']).map({ x }, { edges: 'clamp' });
      expect([...before]).to.deep.equal([-2, -2, 0.5, 1.5]);
      expect([...engine.compile('2x x - Sum(X)', ['x']).map({ x })]).to.deep.equal([0, -1.875, -0.875, 6]);
      expect([...engine.compile('Coalesce(x, 50%)').map({ x: [1, null] })]).to.deep.equal([1, 0.5]);
      using kernel = engine.kernel({ outputs: { a: '2x', b: 'X = 0.25' } });
      expect([...kernel.map({ x }).b]).to.deep.equal([0, 1, 0, 0]);
      using slope = engine.compile('X**2', ['x']).gradient();
      expect([...slope.map({ x: [3] }).x]).to.deep.equal([6]);
      expect(engine.module('Half(v) = v * 50%').functions['Half']?.(3)).to.equal(1.5);
      expect(engine.analyze('2price = VAT').freeNames.map(({ name }) => name)).to.deep.equal(['price']);
      expect(engine.explain('2x').warnings).to.deep.equal([]);
    });

    it('takes conditions for what they are, and functions that exist for no definitions', () => {
      const engine = createEngine({ dialect: all, functions: { h: (x) => 2 * x }, prelude: 'Three(x) = 3x' });
      expect(engine.compilePredicate('(f & 1) xor (f & 2)', ['f'])(3)).to.equal(false);
      expect(engine.compilePredicate('a xor b', ['a', 'b'])(Number.NaN, 0)).to.equal(false);
      expect(engine.compilePredicate('H(x) = 2', ['x'])(1)).to.equal(true);
      expect(engine.compile('2prev(0) + index + x', ['x']).parameters).to.deep.equal(['x', 'index']);
      expect(engine.compile('three(x) = 2x; THREE(1)')()).to.equal(2);
    });

    it('computes what stands in two comparisons once, and sides in their order', () => {
      const calls: number[] = [];
      const note = (x: number) => {
        calls.push(x);
        return x;
      };
      const engine = createEngine({ dialect: { chainedComparisons: true }, functions: { note } });
      const f = engine.compile('note(a) < note(b) < note(c) < note(d)');
      expect(f(1, 2, 3, 4)).to.equal(1);
      expect(calls.splice(0)).to.deep.equal([1, 2, 3, 4]);
      expect(f(1, 2, 2, 4)).to.equal(0);
      expect(calls.splice(0)).to.deep.equal([1, 2, 2]);
      expect(f(2, 1, 0, 4)).to.equal(0);
      expect(calls).to.deep.equal([2, 1]);
    });

    it('finds what a workspace has defined, in any case', () => {
      const workspace = createEngine({ dialect: { anyCase: true, equalSigns: true } }).workspace();
      workspace.define('let Rate = 2; Cost(n) = n * RATE');
      expect(workspace.evaluate('COST(3)')).to.equal(6);
      workspace.define('let RATE = 5');
      expect(workspace.evaluate('cost(3) = 15')).to.equal(true);
    });
  });

  it('is an option of what reads a source', () => {
    const dialect = { implicitProducts: true };
    expect(printProgram(parse('2x', { dialect }))).to.equal('2 * x');
    expect(analyze('2x', { dialect }).freeNames.map(({ name }) => name)).to.deep.equal(['x']);
    const exports: Record<string, unknown> = instantiateWasm(
      compileWasm(toWasm('2x', ['x'], { dialect })),
      {},
    );
    expect((exports['evaluate'] as (x: number) => number)(3)).to.equal(6);
    const tree = fromJSON(toJSON(parse('2x', { dialect })));
    expect(tree.source.text).to.equal('2 * x');
    using engine = new Engine();
    expect(engine.compile(tree.source.text)(4)).to.equal(8);
    expect(() => engine.compile('2x')).to.throw(CompileError, 'not a number');
  });

  it('finds a name once where it is written once', () => {
    const dialect = { chainedComparisons: true };
    expect(analyze('a < price < c', { dialect }).freeNames.map(({ uses }) => uses.length)).to.deep.equal([
      1, 1, 1,
    ]);
    using engine = new Engine({ dialect });
    try {
      engine.compile('a < nope < c', ['a', 'c']);
      expect.fail();
    } catch (error) {
      expect((error as CompileError).diagnostics.map(({ code }) => code)).to.deep.equal(['E_UNKNOWN_NAME']);
    }
  });

  it('is refused if it is none', () => {
    const refused = (dialect: unknown, message: string) =>
      expect(() => new Engine({ dialect: dialect as Dialect })).to.throw(TypeError, message);
    refused({ implicitProduct: true }, "unknown name 'implicitProduct' in dialect");
    refused({ anyCase: 1 }, 'dialect.anyCase must be a boolean, not number');
    refused('all', 'dialect must be an object');
    refused(null, 'dialect must be an object');
    refused(['anyCase'], 'dialect must be an object');
    const words = { wordOperators: true, anyCase: true };
    expect(() => new Engine({ dialect: words, functions: { Mod: (x) => x } })).to.throw(
      TypeError,
      'word of the dialect',
    );
    expect(() => new Engine({ dialect: words, constants: { And: 1 } })).to.throw(
      TypeError,
      'word of the dialect',
    );
    using engine = new Engine({ dialect: words });
    expect(() => engine.compile('x', ['x', 'IF'])).to.throw(TypeError, 'word of the dialect');
    expect(() => fromJSON(toJSON(parse('1')), { dialect: {} } as object)).to.throw(TypeError, 'dialect');
  });
});
