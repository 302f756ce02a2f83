import { expect } from 'chai';
import { CompileError, Engine } from '../../src/index.ts';
import { eachBackend } from './each-backend.ts';

const prelude = 'ln(x) = log(x); let PI = pi; let TAU = 2*PI; area(r) = PI*r^2';

describe('the prelude of an engine', () => {
  eachBackend((createEngine) => {
    it('is seen by all that the engine compiles', async () => {
      const engine = createEngine({ prelude });
      expect(engine.compile('ln(x) + TAU')(1)).to.equal(2 * Math.PI);
      expect(engine.compile('ln(x) + TAU').parameters).to.deep.equal(['x']);
      expect(engine.compilePredicate('area(1) == PI')()).to.equal(true);
      expect(engine.module('g(r) = area(r)/PI; let two = TAU/PI').functions['g']?.(3)).to.equal(9);
      expect(engine.module('let two = TAU/PI; f(x) = two*x').values['two']).to.equal(2);
      const x = Float64Array.of(1, 2);
      expect([...engine.compile('area(x)').map({ x })]).to.deep.equal([Math.PI, 4 * Math.PI]);
      expect([...(await engine.compile('area(x)').mapAsync({ x }))]).to.deep.equal([Math.PI, 4 * Math.PI]);
      expect([...engine.compile('area(x) - sum(area(x))').map({ x })]).to.deep.equal([
        -4 * Math.PI,
        -Math.PI,
      ]);
      expect([...engine.compile('coalesce(x, TAU)').map({ x: [1, null] })]).to.deep.equal([1, 2 * Math.PI]);
      using kernel = engine.kernel({ outputs: { a: 'area(x)', b: 'ln(x)' } });
      expect([...kernel.map({ x: [1] }).b]).to.deep.equal([0]);
      using slope = engine.compile('area(x)', ['x']).gradient();
      expect([...slope.map({ x: [2] }).x]).to.deep.equal([4 * Math.PI]);
      expect(engine.compile('diff(area(x), x)')(1)).to.equal(2 * Math.PI);
      expect(engine.explain('ln(x)').warnings).to.deep.equal([]);
      expect(engine.analyze('ln(x) + y').freeNames.map(({ name }) => name)).to.deep.equal(['x', 'y']);
    });

    it('gives way to parameters and to what a source defines', () => {
      const engine = createEngine({ prelude });
      expect(engine.compile('ln(x) = 2*x; ln(x)')(4)).to.equal(8);
      expect(engine.compile('let PI = 3; area(1)')()).to.equal(3);
      expect(engine.compile('area(1)', ['PI'])(7)).to.equal(7);
      expect(engine.compile('PI', ['PI'])(7)).to.equal(7);
      expect(engine.compile('f(ln) = ln + 1; f(1)')()).to.equal(2);
    });

    it('comes before the definitions of a workspace, which prevail', () => {
      const workspace = createEngine({ prelude }).workspace();
      workspace.run('k(x) = ln(x) + 1');
      expect(workspace.evaluate('k(1)')).to.equal(1);
      expect(workspace.definitions.map(({ name }) => name)).to.deep.equal(['k']);
      workspace.run('ln(x) = 100');
      expect(workspace.evaluate('k(1)')).to.equal(101);
      workspace.run('let PI = 3');
      expect(workspace.evaluate('area(1)')).to.equal(3);
      expect(workspace.evaluate('area(1) + 0*PI')).to.equal(3);
      workspace.forget('PI');
      expect(workspace.evaluate('area(1)')).to.equal(Math.PI);
      expect(() => workspace.forget('PI')).to.throw(RangeError);
      const live = workspace.compile('area(x) + ln(x)', ['x']);
      const direct = workspace.function('k');
      expect(live(1)).to.equal(Math.PI + 100);
      workspace.run('area(r) = r; ln(x) = 1');
      expect(live(1)).to.equal(2);
      expect(direct(1)).to.equal(2);
      expect(() => workspace.run('let ln = 5')).to.throw(CompileError, 'is a value');
      const other = createEngine({ prelude }).workspace();
      other.run('let ln = 5');
      expect(other.evaluate('ln + TAU')).to.equal(5 + 2 * Math.PI);
      expect(() => other.evaluate('ln(1)')).to.throw(CompileError, 'is a value');
      expect(() => createEngine({ prelude }).workspace().forget('ln')).to.throw(RangeError);
    });
  });

  it('is evaluated once, and may ask functions of the host', () => {
    let asked = 0;
    const ask = () => ++asked;
    using engine = new Engine({ functions: { ask }, prelude: 'let first = ask(); next(x) = x + ask()' });
    for (let i = 0; i < 3; i++) expect(engine.compile('first')()).to.equal(1);
    expect(asked).to.equal(1);
    expect(engine.compile('next(first)')()).to.equal(3);
  });

  it('is refused as a source is, with its place in it, and nothing of the engine stays', () => {
    const refused: readonly (readonly [prelude: string, message: string])[] = [
      ['f(x) = x +', 'the source ends'],
      ['sin(x) = x', 'cannot be redefined'],
      ['f(x) = nope(x)', '`nope` is not defined'],
      ['let a = b', '`b` is not defined'],
      ['let a = 1; let a = 2', 'already defined'],
      ['f(x) = x; 1 + 2', 'only definitions'],
    ];
    for (const [source, message] of refused) {
      const create = () => new Engine({ prelude: source });
      expect(create, source).to.throw(CompileError, message);
      try {
        create();
      } catch (error) {
        expect((error as CompileError).render()).to.match(/--> prelude:\d+:\d+\n/);
      }
    }
    const failing = () => {
      throw new RangeError('asked too early');
    };
    const late = { functions: { failing: { arity: 0, call: failing } }, prelude: 'let a = failing()' };
    expect(() => new Engine(late)).to.throw(RangeError, 'asked too early');
    class Logging extends Engine {
      readonly #log: string[] = [];
      override dispose(): void {
        this.#log.push('disposed');
        super.dispose();
      }
    }
    expect(() => new Logging({ prelude: 'let a = b' })).to.throw(
      CompileError,
      /^prelude:1:9: `b` is not defined/,
    );
    expect(() => new Engine({ prelude: 3 as never })).to.throw(
      TypeError,
      'prelude must be a string, not a number',
    );
    expect(() => new Engine({ prelude: 'f(x) = x', limits: { length: 3 } })).to.throw(
      CompileError,
      'at most 3',
    );
  });
});
