import { expect } from 'chai';
import { evaluateSmall } from '../../src/engine/evaluate-small.ts';
import { CompileError, Engine, TrapError, toWasm } from '../../src/index.ts';
import { compileWasm, instantiateWasm } from '../../src/jit/wasm/web-assembly.ts';
import { prepare } from '../lang/evaluate.ts';
import { rowsOf } from '../support/null-case.ts';
import { nativeLevels } from '../support/run-native.ts';
import { expectSame } from './columns/bits.ts';
import { eachLevel } from './columns/each-level.ts';

type Case = readonly [
  source: string,
  derivative: (x: number, y: number) => number,
  /** Compared to the last bit, if not: relative. */
  tolerance?: number,
];

/** Of x and y, and what they are in closed form. */
const cases: readonly Case[] = [
  ['diff(x^2, x)', (x) => 2 * x],
  ['diff(x*y + y, y)', (x) => x + 1],
  ['diff(7, x)', () => 0],
  ['diff(y, x)', () => 0],
  ['diff(x, x) + y', (_, y) => 1 + y],
  ['diff(diff(x^3, x), x)', (x) => 6 * x, 1e-15],
  ['diff(diff(x^2*y^3, x), y)', (x, y) => 6 * x * y * y, 1e-15],
  ['diff(diff(diff(exp(2*x), x), x), x)', (x) => 8 * Math.exp(2 * x), 1e-14],
  // All that is computed of the variable counts, and nothing that it is computed of.
  ['let u = x^2; diff(u*x, x)', (x) => 3 * x * x, 1e-15],
  ['let u = x^2; diff(u*x, u)', (x) => x],
  ['let u = x; diff(u*x, u)', (x) => x],
  ['let u = x; diff(u*x, x)', (x) => 2 * x],
  ['{ let u = x + 1; let v = u*u; diff(v + x, u) }', (x) => 2 * (x + 1)],
  ['{ let x = 2; diff(x^2, x) }', () => 4],
  ['diff({ let x = 3*y; x*x }, x)', () => 0],
  // Functions, and what they take from outside.
  ['f(t) = t^3; diff(f(x), x)', (x) => 3 * x * x, 1e-15],
  ['f(t) = t^3; slope(t) = diff(f(t), t); slope(y)', (_, y) => 3 * y * y, 1e-15],
  ['f(t) = x*t^2; diff(f(y), x)', (_, y) => y * y],
  ['let u = x^2; f(t) = u*t; diff(f(x), x)', (x) => 3 * x * x, 1e-15],
  [
    'newton(t) = t - (t^2 - 2)/diff(t^2 - 2, t); newton(newton(newton(newton(newton(1.5)))))',
    () => Math.SQRT2,
    1e-15,
  ],
  ['f(t) = diff(t^2*y, t); diff(f(x)*x, x)', (x, y) => 4 * x * y, 1e-15],
  ['isBig(t) = t > 1; diff(isBig(x) + x, x)', () => 1],
  // Recursion, in tail position and not.
  ['f(t, n) = n <= 0 ? 1 : t*f(t, n - 1); diff(f(x, 5), x)', (x) => 5 * x ** 4, 1e-15],
  ['f(t, n, r) = n <= 0 ? r : f(t, n - 1, r*t); diff(f(x, 5, y), x)', (x, y) => 5 * x ** 4 * y, 1e-15],
  [
    'a(t, n) = n <= 0 ? t : b(t*t, n - 1); b(t, n) = n <= 0 ? t : a(3*t, n - 1); diff(a(x, 3), x)',
    (x) => 36 * x ** 3,
    1e-14,
  ],
  ['f(t, n) = n <= 0 ? t : diff(t^2, t)*f(t, n - 1); diff(f(x, 2), x)', (x) => 12 * x * x, 1e-15],
  // Loops.
  ['diff(sum(i, 1, 4, x^i), x)', (x) => 1 + 2 * x + 3 * x * x + 4 * x ** 3, 1e-15],
  ['diff(prod(i, 1, 3, x + i), x)', (x) => (x + 2) * (x + 3) + (x + 1) * (x + 3) + (x + 1) * (x + 2), 1e-14],
  ['sum(i, 1, 3, diff(x^i, x))', (x) => 1 + 2 * x + 3 * x * x, 1e-15],
  ['sum(i, 1, 3, diff(i^2*x, i))', (x) => 12 * x],
  ['diff(sum(i, x, x + 2, i^2), x)', (x) => 2 * (x + x + 1 + x + 2), 1e-15],
  ['diff(sum(i, 1, 3, sum(j, 1, i, x^j*i)), x)', (x) => 6 + 10 * x + 9 * x * x, 1e-15],
  // Conditionals: the side that is taken.
  ['diff(x > 0 ? x^2 : -x, x)', (x) => (x > 0 ? 2 * x : -1)],
  ['diff(if x > y then x*y else { let d = x - y; d*d }, x)', (x, y) => (x > y ? y : 2 * (x - y))],
  ['diff(x > 0 && y > 0 ? log(x) : 1, x)', (x, y) => (x > 0 && y > 0 ? 1 / x : 0)],
  ['x > 0 ? diff(x^2, x) : y', (x, y) => (x > 0 ? 2 * x : y)],
  ['diff(x > 1, x)', () => 0],
  // What steps, and what has a kink.
  ['diff(floor(x)*x, x)', (x) => Math.floor(x)],
  ['diff(frac(x), x) + diff(x % 2, x)', () => 2],
  ['diff(7 % x, x)', (x) => -Math.trunc(7 / x)],
  ['diff(abs(x), x)', (x) => (x < 0 ? -1 : 1)],
  ['diff(abs(-x), x)', (x) => (x < 0 ? -1 : 1)],
  ['diff(max(x, 0), x)', (x) => (x < 0 ? 0 : 1)],
  ['diff(min(x, 0), x)', (x) => (x < 0 ? 1 : 0)],
  ['diff(max(x, y, 2), x)', (x, y) => (x >= y && x >= 2 ? 1 : 0)],
  ['diff(clamp(x, -1, 1), x)', (x) => (x < -1 ? 0 : x < 1 ? 1 : 0)],
  ['diff(copysign(x, y), x)', (x, y) => (x < 0 ? -1 : 1) * (y < 0 ? -1 : 1)],
  ['diff(bitand(x, 6)*x, x)', (x) => x & 6],
  ['diff(lerp(x, y, 0.25), y)', () => 0.25],
  ['diff(avg(x, y, x*y), y)', (x) => (1 + x) / 3],
  ['diff(recip(x), x)', (x) => -(1 / x) / x],
  ['diff(deg(x), x)', () => 180 / Math.PI],
  ['diff(fma(x, y, x), x)', (_, y) => y + 1],
];

const xs = [-2.5, -1, -0.75, 0, 0.5, 1, 1.25, 2, 3.5, 7];
const ys = [-2, -0.5, 1.5, 3];

describe('derivatives', () => {
  it('are those in closed form', () => {
    for (const [source, derivative, tolerance = 0] of cases) {
      const run = prepare(source, { parameters: ['x', 'y'] });
      for (const x of xs) {
        for (const y of ys) {
          if (source.includes('7 % x') && x === 0) continue;
          const [actual, expected] = [Number(run(x, y)), derivative(x, y)];
          const isClose = Math.abs(actual - expected) <= tolerance * Math.abs(expected) * 4;
          const bothNaN = Number.isNaN(actual) && Number.isNaN(expected);
          if (actual !== expected && !isClose && !bothNaN)
            expect.fail(`${source} at ${x}, ${y} is ${actual}, not ${expected}`);
        }
      }
    }
  });

  eachLevel((createEngine, name) => {
    it('have the same bits in calls and in kernels', () => {
      const engine = createEngine();
      const x = Float64Array.from({ length: 41 }, (_, row) => ((row * 7) % 41) / 8 - 2.5);
      const y = Float64Array.from({ length: 41 }, (_, row) => ((row * 5) % 13) / 4 - 1.25);
      for (const [source] of [...cases, ...transcendental]) {
        const run = prepare(source, { parameters: ['x', 'y'] });
        const expected = Float64Array.from(x, (value, row) => Number(run(value, y[row] ?? 0)));
        using f = engine.compile(source, ['x', 'y']);
        expectSame(
          Float64Array.from(x, (value, row) => f(value, y[row] ?? 0)),
          expected,
          source,
        );
        expectSame(f.map({ x, y }), expected, source);
      }
    });

    it('have the same bits where columns have missing values, in rows where nothing is', () => {
      const engine = createEngine();
      const x = Array.from({ length: 41 }, (_, row) => (row % 5 === 0 ? null : ((row * 7) % 41) / 8 - 2.5));
      const y = Array.from({ length: 41 }, (_, row) => (row % 7 === 0 ? null : ((row * 5) % 13) / 4 - 1.25));
      const rows = x.flatMap((value, row) => (value === null || y[row] == null ? [] : row));
      for (const [source] of [...cases, ...transcendental]) {
        const run = prepare(source, { parameters: ['x', 'y'] });
        using f = engine.compile(source, ['x', 'y']);
        const found = rowsOf(f.map({ x, y }, { nulls: 'bitmap' }));
        for (const row of rows) {
          const expected = Number(run(Number(x[row]), Number(y[row])));
          if (!Object.is(found[row], expected))
            expect.fail(`${source} in row ${row} is ${found[row]}, not ${expected}`);
        }
      }
    });

    it('run on lanes where the formula does', () => {
      if (name === 'interpreter' || name === 'wasm') return;
      const engine = createEngine();
      for (const source of [
        'diff(x*y + sqrt(x), x)',
        'diff(sin(x)^2*exp(y), x)',
        'diff(x > y ? x^2 : abs(x), x)',
        'diff(lgamma(x), x)',
        'f(t) = t^3 + y; diff(f(x*y), y)',
      ]) {
        expect(engine.explain(source, ['x', 'y'], { kernel: 'f64' }).code?.kernel, source).to.equal(
          'vectors',
        );
      }
      const loop = engine.explain('diff(sum(i, 1, 9, x^i), x)', ['x'], { kernel: 'f64' }).code?.kernel;
      expect(loop).to.equal(engine.explain('sum(i, 1, 9, x^i)', ['x'], { kernel: 'f64' }).code?.kernel);
    });

    it('of a tail call need no stack', () => {
      const f = createEngine().compile(
        'f(t, n, r) = n <= 0 ? r : f(t, n - 1, r + t); diff(f(x, 300000, 0), x)',
        ['x'],
      );
      expect(f(1)).to.equal(300_000);
    });

    it('trap as other code does', () => {
      const engine = createEngine();
      const deep = engine.compile('f(n) = n < 0 ? n : f(n) + n; diff(f(x), x)', ['x']);
      expect(() => deep(1))
        .to.throw(TrapError)
        .with.property('code', 'E_STACK');
      const long = engine.compile('diff(sum(i, 1, 1e18, x*i), x)', ['x']);
      expect(() => long(1))
        .to.throw(TrapError)
        .with.property('code', 'E_FUEL');
    });

    it('do not call what they do not need', () => {
      let calls = 0;
      const engine = createEngine({
        functions: {
          h: (t) => {
            calls++;
            return t;
          },
        },
      });
      const f = engine.compile('f(t) = h(3)*t; diff(f(x), x)', ['x']);
      expect(f(5)).to.equal(3);
      expect(calls).to.equal(1);
    });

    it('need the derivative of a host function only where it matters', () => {
      const engine = createEngine({ functions: { h: (t) => 2 * t } });
      expect(engine.compile('diff(h(y)*x, x)', ['x', 'y'])(3, 4)).to.equal(8);
      expect(engine.compile('diff(floor(h(x))*x, x)', ['x'])(3.25)).to.equal(6);
      expect(engine.compile('diff(h(x) > 1 ? x : 0, x)', ['x'])(3)).to.equal(1);
      for (const source of ['diff(h(x), x)', 'f(t) = h(t) + 1; diff(f(x), x)']) {
        const error = errorOf(() => engine.compile(source, ['x']));
        expect(error.diagnostics[0]?.code).to.equal('E_DIFF_FUNCTION');
        expect(error.message).to.include('`h`');
        expect(error.render()).to.include('diff(');
        expect(error.diagnostics[0]?.hint).to.be.a('string');
      }
    });

    it('are hidden by a function of that name', () => {
      const host = createEngine({ functions: { diff: (a, b) => a - b } });
      expect(host.compile('diff(x, 3)', ['x'])(5)).to.equal(2);
      const engine = createEngine();
      expect(engine.compile('diff(a, b, c) = a - b*c\ndiff(x, 3, 1)', ['x'])(5)).to.equal(2);
      expect(engine.analyze('diff(a) = a\ndiff(x)').functions).to.have.nested.property('[0].kind', 'defined');
      expect(engine.analyze('diff(x, x)').functions).to.have.nested.property('[0].kind', 'builtin');
      using workspace = engine.workspace();
      workspace.run('f(t) = t^2');
      expect(workspace.run('{ let t = 3; diff(f(t), t) }').value).to.equal(6);
      workspace.run('diff(a, b) = a - b');
      expect(workspace.run('diff(5, 3)').value).to.equal(2);
    });
  });

  it('are in the modules that toWasm gives', () => {
    for (const [source] of [...cases, ...transcendental]) {
      const run = prepare(source, { parameters: ['x', 'y'] });
      const exports = instantiateWasm(compileWasm(toWasm(source, ['x', 'y'])), {}) as unknown as {
        evaluate: (x: number, y: number) => number;
      };
      for (const x of xs)
        expect(exports.evaluate(x, 1.5), source).to.satisfy((actual: number) =>
          Object.is(actual, run(x, 1.5)),
        );
    }
  });

  it('are left to an engine where a formula is evaluated once', () => {
    expect(evaluateSmall('diff(x^3, x)', ['x'], [2])).to.equal(undefined);
    expect(evaluateSmall('x^3', ['x'], [2])).to.equal(8);
  });

  it('find free names in the order of the source', () => {
    using engine = new Engine();
    expect(engine.compile('diff(b*a, a)').parameters).to.deep.equal(['b', 'a']);
    expect(engine.compile('diff(b, a)').parameters).to.deep.equal(['b', 'a']);
  });

  it('of a function by itself are refused', () => {
    using engine = new Engine();
    for (const source of [
      'f(t) = t < 1 ? 1 : diff(f(t - 1), t); f(x)',
      'f(t) = t < 1 ? 1 : g(t - 1); g(t) = diff(f(t), t); f(x)',
    ]) {
      const error = errorOf(() => engine.compile(source, ['x']));
      expect(error.diagnostics[0]?.code, source).to.equal('E_DIFF_FUNCTION');
    }
  });

  it('that take too much are refused, however they come about', () => {
    using engine = new Engine();
    const nested = `${'diff('.repeat(60)}sin(x)^x${', x)'.repeat(60)}`;
    const chain = Array.from({ length: 60 }, (_, i) => `let y${i + 1} = diff(y${i}*x*sin(x), x)`);
    for (const source of [nested, ['let y0 = x', ...chain, 'y60'].join('\n')]) {
      const error = errorOf(() => engine.compile(source, ['x']));
      expect(error.diagnostics[0]?.code).to.equal('E_CODE_SIZE');
    }
    const many = Array.from({ length: 300 }, (_, i) => `p${i}`);
    const wide = new Engine({ limits: { parameters: 400 } });
    const call = `f(${many.join(', ')}) = p0*p1; diff(f(${many.map(() => 'x').join(', ')}), x)`;
    expect(errorOf(() => wide.compile(call, ['x'])).diagnostics[0]?.code).to.equal('E_PARAMETERS');
    wide.dispose();
  });

  it('with fastMath are as close as the formula', () => {
    for (const cpu of nativeLevels) {
      using engine = new Engine({ fastMath: true, backend: 'native', cpu });
      expect(engine.compile('diff(x^3 + x*y, x)', ['x', 'y'])(2, 5)).to.be.closeTo(17, 1e-14);
    }
  });
});

/** Of all groups of functions; the truth of their rules is held in `test/jit/differentiate`. */
const transcendental: readonly (readonly [source: string])[] = [
  ['diff(sin(x)*cos(y) + tan(x/9), x)'],
  ['diff(x^y, y) + diff(x^y, x)'],
  ['diff(exp(x)*expm1(x) - exp2(x), x)'],
  ['diff(log(x) + log1p(x) + log2(x) + log10(x), x)'],
  ['diff(asin(x/9) + acos(x/9) + atan(x) + atan2(x, y), x)'],
  ['diff(sinh(x) + cosh(x) + tanh(x) + asinh(x) + acosh(x) + atanh(x/9), x)'],
  ['diff(sinpi(x) + cospi(x) + tanpi(x), x)'],
  ['diff(gamma(x), x)'],
  ['diff(lgamma(x) + fac(x), x)'],
  ['diff(diff(lgamma(x), x), x)'],
  ['diff(erf(x) + erfc(x) + sigmoid(x) + softplus(x), x)'],
  ['diff(hypot(x, y, 3) + cbrt(x) + sqrt(x), x)'],
  ['diff(diff(atan2(y, x)*hypot(x, y), x), y)'],
  ['f(t, n) = n <= 0 ? sin(t) : f(cos(t)*y, n - 1); diff(f(x, 3), x)'],
];

function errorOf(run: () => unknown): CompileError {
  try {
    run();
  } catch (error) {
    if (error instanceof CompileError) return error;
    throw error;
  }
  throw new Error('compiled without an error');
}
