import { expect } from 'chai';
import { CompileError, Engine, ReleasedError } from '../../../src/index.ts';
import { elementAt } from '../../../src/support/element.ts';
import { ulpDistance } from '../../support/ulp.ts';
import { expectSame } from './bits.ts';
import { eachLevel } from './each-level.ts';

const formulas: readonly (readonly [source: string, parameters: readonly string[]])[] = [
  ['x*y + sin(x)', ['x', 'y']],
  ['a*exp(-b*x) + c', ['x', 'a', 'b', 'c']],
  ['x > y ? x^2*y : abs(x - y)', ['x', 'y']],
  ['x % 2 + y % 3 + max(x, y) + hypot(x, y)', ['x', 'y']],
  ['x^y + atan2(x, y) + lgamma(x)', ['x', 'y']],
  ['sum(k, 1, 4, x^k*y) + prod(k, 1, 3, y + k)', ['x', 'y']],
  ['f(t, n) = n <= 0 ? t : f(t*y, n - 1); f(x, 4)', ['x', 'y']],
  ['f(t, n) = n <= 0 ? 1 : t*f(t, n - 1); f(x, 4)*y', ['x', 'y']],
  ['diff(x^3*y, x)', ['x', 'y']],
  ['x > y', ['x', 'y']],
  ['7', ['x']],
  ['index*x/length', ['x', 'index', 'length']],
];

/** Columns of so many rows for the parameters; those that kernels know need none. */
function columnsOf(parameters: readonly string[], length: number): Record<string, Float64Array> {
  const own = parameters.filter((name) => name !== 'index' && name !== 'length');
  return Object.fromEntries(
    own.map((name, place) => [
      name,
      Float64Array.from({ length }, (_, row) => ((row * (5 + 2 * place)) % 17) / 8 - 0.875 + place / 16),
    ]),
  );
}

describe('gradients', () => {
  eachLevel((createEngine) => {
    it('give the function and its derivatives, as the language has them', () => {
      const engine = createEngine();
      for (const [source, parameters] of formulas) {
        using f = engine.compile(source, parameters);
        using gradient = f.gradient();
        expect(gradient.parameters).to.deep.equal(parameters);
        expect(gradient.outputs).to.deep.equal(['value', ...parameters]);
        for (const length of [1, 21, 67]) {
          const columns = columnsOf(parameters, length);
          const results = gradient.map(columns as never) as unknown as Record<string, Float64Array>;
          expectSame(elementAt([results['value']], 0), f.map(columns as never), source);
          for (const name of parameters) {
            const definitions = source.split(/;\s*/);
            const result = definitions.pop();
            using partial = engine.compile(
              [...definitions, `diff(${result}, ${name})`].join('; '),
              parameters,
            );
            const expected = partial.map(columns as never);
            // Made of the optimised function, which computes the same by other operations.
            const actual = elementAt([results[name]], 0);
            for (const [row, value] of expected.entries()) {
              const distance = ulpDistance(elementAt(actual, row), value);
              if (!(distance <= 8)) {
                expect.fail(`${source} by ${name}, row ${row}: ${actual[row]}, not ${value}`);
              }
            }
          }
        }
      }
    });

    it('have the same bits of columns with missing values, in rows where nothing is', () => {
      const engine = createEngine();
      for (const [source, parameters] of formulas) {
        const columns = columnsOf(parameters, 43);
        const missing = Object.entries(columns).map(([name, values], place) => [
          name,
          Array.from(values, (value, row) => (row % (5 + place) === 0 ? null : value)),
        ]);
        const nullable: Record<string, readonly (number | null)[]> = Object.fromEntries(missing);
        using gradient = engine.compile(source, parameters).gradient();
        const wanted = gradient.map(columns as never) as unknown as Record<string, Float64Array>;
        const results = gradient.map(nullable as never) as unknown as Record<string, Float64Array>;
        for (const [name, array] of Object.entries(results)) {
          const all = elementAt([wanted[name]], 0);
          const isThere = (row: number) => Object.values(nullable).every((column) => column[row] !== null);
          const expected = all.map((value, row) => (isThere(row) ? value : elementAt(array, row)));
          expectSame(array, expected, `${source}, ${name}`);
        }
      }
    });

    it('have the same bits on every back end', () => {
      using reference = new Engine({ backend: 'interpreter' });
      const engine = createEngine();
      for (const [source, parameters] of formulas) {
        const columns = columnsOf(parameters, 43);
        using expected = reference.compile(source, parameters).gradient();
        using actual = engine.compile(source, parameters).gradient();
        const wanted = expected.map(columns as never) as unknown as Record<string, Float64Array>;
        const results = actual.map(columns as never) as unknown as Record<string, Float64Array>;
        for (const [name, array] of Object.entries(results))
          expectSame(array, elementAt([wanted[name]], 0), `${source}, ${name}`);
      }
    });

    it('have the names that are asked for, in their order', async () => {
      const f = createEngine().compile('a*x + b', ['x', 'a', 'b']);
      using gradient = f.gradient(['b', 'x']);
      expect(gradient.outputs).to.deep.equal(['value', 'b', 'x']);
      const out = { x: new Float32Array(3) };
      const results = gradient.map({ x: [1, 2, 3], a: 4, b: 5 }, { out, type: { value: 'i32' } });
      const value: Int32Array = results.value;
      expectSame(value, [9, 13, 17]);
      expectSame(results.b, [1, 1, 1]);
      expect(results.x).to.equal(out.x);
      expectSame(out.x, [4, 4, 4]);
      const again = await gradient.mapAsync({ x: [1, 2, 3], a: [4, 5, 6], b: 5 });
      expectSame(again.x, [4, 5, 6]);
      expect(f.gradient([]).outputs).to.deep.equal(['value']);
    });

    it('are of workspaces, modules and predicates too', () => {
      const engine = createEngine();
      using module = engine.module('let k = 3; cube(t) = k*t^3; half(t) = cube(t)/2');
      using slope = elementAt([module.functions['half']], 0).gradient();
      expectSame(elementAt([slope.map({ t: [1, 2] })['t']], 0), [4.5, 18]);
      using workspace = engine.workspace();
      workspace.run('let k = 2');
      const live = workspace.compile('k*x^2', ['x']);
      using first = live.gradient();
      workspace.run('let k = 3');
      using second = live.gradient();
      expectSame(first.map({ x: [5] }).x, [20]);
      expectSame(second.map({ x: [5] }).x, [30]);
      using step = engine.compilePredicate('x > 1', ['x']).gradient();
      expectSame(step.map({ x: [1, 2] }).value, [0, 1]);
      expectSame(step.map({ x: [1, 2] }).x, [0, 0]);
    });

    it('outlive the function, and end as kernels do', () => {
      const engine = createEngine();
      const before = engine.statistics().functionCount;
      const f = engine.compile('x^2', ['x']);
      const gradient = f.gradient();
      expect(engine.statistics().functionCount).to.equal(before + 2);
      f.release();
      expect(() => f.gradient()).to.throw(ReleasedError);
      expectSame(gradient.map({ x: [3] }).x, [6]);
      gradient.release();
      gradient.release();
      expect(() => gradient.map({ x: [3] })).to.throw(ReleasedError);
      expect(engine.statistics().functionCount).to.equal(before);
      const left = engine.compile('x^2', ['x']).gradient();
      engine.dispose();
      expect(left.released).to.equal(true);
    });

    it('leave the function as it was', () => {
      const engine = createEngine();
      const f = engine.compile('f(t, n) = n <= 0 ? 1 : t*f(t, n - 1); f(x, 3) + gamma(x)', ['x']);
      const listing = f.code?.listing();
      const value = f(2.5);
      for (let round = 0; round < 3; round++) {
        using gradient = f.gradient();
        expect(gradient.map({ x: [2] }).x[0]).to.be.closeTo(12 + 0.42278433509846713, 1e-14);
      }
      expect(f(2.5)).to.equal(value);
      expect(f.code?.listing()).to.equal(listing);
    });

    it('refuse what is no list of parameters', () => {
      const engine = createEngine();
      const f = engine.compile('weight*height', ['weight', 'height']);
      const wrong: readonly [given: unknown, error: typeof TypeError | typeof RangeError, message: RegExp][] =
        [
          [['wieght'], TypeError, /names\[0\]: no parameter is called 'wieght'; did you mean 'weight'\?/],
          [['weight', 'weight'], TypeError, /names\[1\] repeats 'weight'/],
          ['weight', TypeError, /names must be an array of names/],
          [[1], TypeError, /names\[0\] must be a name/],
          [new Array(1), TypeError, /names\[0\] must be a name/],
          [null, TypeError, /names must be an array of names/],
          [{ length: 1 }, TypeError, /names must be an array/],
          [['__proto__'], TypeError, /no parameter is called/],
          [['x'.repeat(10_000)], TypeError, /no parameter is called 'x{1,200}…?/],
        ];
      for (const [given, error, message] of wrong) {
        expect(() => f.gradient(given as never), String(given).slice(0, 20)).to.throw(error, message);
      }
      const named = engine.compile('value*x', ['value', 'x']);
      expect(() => named.gradient()).to.throw(TypeError, /'value'/);
      expectSame(named.gradient(['x']).map({ value: [3], x: 2 }).x, [3]);
      const many = Array.from({ length: 70 }, (_, i) => `p${i}`);
      const sum = engine.compile(many.join(' + '), many);
      expect(() => sum.gradient()).to.throw(RangeError, /at most 63 derivatives/);
      expect(sum.gradient(many.slice(0, 63)).outputs).to.have.length(64);
    });

    it('refuse a list that releases the function while it is read', () => {
      const engine = createEngine();
      const f = engine.compile('x', ['x']);
      const names = ['x'];
      Object.defineProperty(names, 0, {
        get: () => {
          f.release();
          return 'x';
        },
      });
      expect(() => f.gradient(names as never)).to.throw(ReleasedError);
      const g = engine.compile('x', ['x']);
      Object.defineProperty(names, 0, {
        get: () => {
          engine.dispose();
          return 'x';
        },
      });
      expect(() => g.gradient(names as never)).to.throw(ReleasedError);
    });

    it('need what nobody knows only where it matters', () => {
      const engine = createEngine({ functions: { h: (x) => x * x } });
      const f = engine.compile('h(x)*y', ['x', 'y']);
      expectSame(f.gradient(['y']).map({ x: [3], y: 5 }).y, [9]);
      try {
        f.gradient();
        expect.fail('compiled');
      } catch (error) {
        if (!(error instanceof CompileError)) throw error;
        expect(error.diagnostics[0]?.code).to.equal('E_DIFF_FUNCTION');
        expect(error.render()).to.include('h(x)*y');
      }
    });
  });
});
