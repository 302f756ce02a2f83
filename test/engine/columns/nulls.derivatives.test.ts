import * as arrow from 'apache-arrow';
import { expect } from 'chai';
import { CompileError, Engine, KernelError, TrapError } from '../../../src/index.ts';
import { elementAt } from '../../../src/support/element.ts';
import { randomColumn, rowsOf } from '../../support/null-case.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { eachBackend } from '../each-backend.ts';
import { expectSame } from './bits.ts';
import { eachLevel } from './each-level.ts';

type Maybe = number | null;

/** A formula of x and y with derivatives, and what SQL and calculus make of it in a row. */
type Case = readonly [source: string, row: (x: Maybe, y: Maybe) => Maybe];

/** Of what is there only if both are. */
const both =
  (row: (x: number, y: number) => number) =>
  (x: Maybe, y: Maybe): Maybe =>
    x === null || y === null ? null : row(x, y);
const ofX =
  (row: (x: number) => number) =>
  (x: Maybe): Maybe =>
    x === null ? null : row(x);

const cases: readonly Case[] = [
  ['diff(x^2, x)', ofX((x) => 2 * x)],
  ['diff(x*y + y, x)', both((_, y) => y)],
  ['diff(x + y, x)', both(() => 1)],
  // What is derived is there without the variable.
  ['diff(y, x)', (_, y) => (y === null ? null : 0)],
  ['diff(7, x)', () => 0],
  ['diff(diff(x^3*y, x), y)', both((x) => 3 * x * x)],
  ['x + diff(y^2, y)', both((x, y) => x + 2 * y)],
  // A condition decides which side is derived; one that is missing is not true.
  ['diff(x > 0 ? x*x : 3*y, x)', (x, y) => (x !== null && x > 0 ? 2 * x : y === null ? null : 0)],
  ['diff(x > 0 && y > 0 ? x*x : 5*x, x)', (x, y) => slope(x, x !== null && y !== null && x > 0 && y > 0)],
  ['diff(x > 0 || y > 0 ? x*x : 5*x, x)', (x, y) => slope(x, (x ?? 0) > 0 || (y ?? 0) > 0)],
  ['y > 0 ? diff(x^2, x) : 1', (x, y) => (y !== null && y > 0 ? (x === null ? null : 2 * x) : 1)],
  ['diff((x > 0 && y > 0) + 0, x)', (x, y) => and(x, y)],
  // The operand that coalesce comes to.
  ['diff(coalesce(x, 3)*y, y)', (x, y) => (y === null ? null : (x ?? 3))],
  ['diff(coalesce(x*x, 4*y, 7), x)', (x) => (x === null ? 0 : 2 * x)],
  ['diff(coalesce(x*x, 4*y, 7), y)', (x, y) => (x === null && y !== null ? 4 : 0)],
  ['coalesce(diff(x^2*y, x), -1)', (x, y) => (x === null || y === null ? -1 : 2 * x * y)],
  ['coalesce(x, diff(y^2, y))', (x, y) => x ?? (y === null ? null : 2 * y)],
  ['isnull(diff(x*y, x))', (x, y) => Number(x === null || y === null)],
  ['diff(isnull(x) ? y*y : x*y, y)', (x, y) => (y === null ? null : x === null ? 2 * y : x)],
  ['diff(isnull(x), x)', () => 0],
  // Variables of their own, functions in their places, and those that are called.
  ['let u = x*y; diff(u^2 + x, u)', both((x, y) => 2 * x * y)],
  ['let u = coalesce(x, y); diff(u*u, u)', (x, y) => (x === null && y === null ? null : 2 * Number(x ?? y))],
  ['f(t) = coalesce(t, 2); diff(f(x)*f(x), x)', (x) => (x === null ? 0 : 2 * x)],
  ['f(t) = diff(coalesce(t*t, 8), t); f(x) + f(y)', (x, y) => 2 * (x ?? 0) + 2 * (y ?? 0)],
  ['f(t) = t*y; diff(f(f(x)), x)', both((_, y) => y * y)],
  ['f(t, n) = n <= 0 ? 1 : t*f(t, n - 1); diff(f(x, 2), x)', ofX((x) => 2 * x)],
  [
    'f(t, n) = n <= 0 ? 1 : t*f(t, n - 1); diff(coalesce(f(x, 2), y), y)',
    (x, y) => (x === null ? (y === null ? null : 1) : 0),
  ],
  ['f(t, n) = n <= 0 ? 0 : diff(t^2, t) + f(t, n - 1); f(x, 3)', ofX((x) => 6 * x)],
  // Loops, whose bounds and terms may be missing.
  ['diff(sum(i, 1, 3, i*x), x)', ofX(() => 6)],
  [
    'diff(sum(i, 1, 2, i == 1 ? x*x : coalesce(y, 5)*x), x)',
    (x, y) => (x === null ? null : 2 * x + (y ?? 5)),
  ],
  ['diff(sum(i, 1, y, x), x)', (x, y) => (y === null ? null : y < 1 ? 0 : ofX(() => Math.floor(y))(x))],
  ['sum(i, 1, 3, diff(i^2*x, i))', ofX((x) => 12 * x)],
];

const slope = (x: Maybe, isSquare: boolean): Maybe => (x === null ? null : isSquare ? 2 * x : 5);

/** A truth value has the derivative 0, where it is there. */
function and(x: Maybe, y: Maybe): Maybe {
  if ((x !== null && x <= 0) || (y !== null && y <= 0)) return 0;
  return x === null || y === null ? null : 0;
}

/** Whether both are missing, or they are the same number but for what rounding makes of it. */
function agrees(found: Maybe, expected: Maybe): boolean {
  if (found === null || expected === null) return found === expected;
  return Math.abs(found - expected) <= 1e-14 * Math.abs(expected);
}

/** Columns in one of their forms; numbers are halves, neither 0. */
function randomColumns(random: Random, length: number) {
  const values = () =>
    Array.from({ length }, () => (random.chance(0.3) ? null : random.integer(1, 7) / random.pick([2, -2])));
  const [x, y] = [values(), values()];
  const given = random.chance(0.3)
    ? arrow.vectorFromArray([1, ...y], new arrow.Float64()).slice(1)
    : undefined;
  return { x, y, columns: { x: randomColumn(random, x), y: given ?? randomColumn(random, y) } };
}

describe('derivatives of columns with missing values', () => {
  const seed = seedFromEnvironment();

  eachLevel((createEngine) => {
    it(`are missing where what is derived is, else those of what it comes to (SEED=${seed})`, async () => {
      const random = new Random(seed);
      const engine = createEngine();
      using interpreter = new Engine({ backend: 'interpreter' });
      for (const [source, row] of cases) {
        using f = engine.compile(source, ['x', 'y']);
        const { x, y, columns } = randomColumns(random, random.pick([1, 9, 70]));
        const result = f.map(columns, { nulls: 'bitmap' });
        for (const [at, found] of rowsOf(result).entries()) {
          const args = [elementAt(x, at), elementAt(y, at)] as const;
          const expected = row(...args);
          if (!agrees(found, expected))
            expect.fail(`${source} at (${args.join(', ')}) is ${found}, not ${expected}`);
        }
        const same = interpreter.compile(source, ['x', 'y']).map(columns, { nulls: 'bitmap' });
        expectSame(result.values, same.values, source);
        expectSame(f.map(columns), same.values, source);
        const there = await f.mapAsync(columns, { nulls: 'bitmap', threads: 2 });
        expectSame(there.values, same.values, source);
        expectSame(there.validity, same.validity, source);
      }
    });

    it('do not count in reductions where they are missing', () => {
      const f = createEngine().compile('diff(x^2*y, x)', ['x', 'y']);
      const columns = { x: [1, null, 3, 4], y: [5, 6, null, 7] };
      expect(f.reduce('sum', columns)).to.equal(2 * 5 + 8 * 7);
      expect(f.reduce('mean', columns)).to.equal(33);
      expect([...f.select(columns)]).to.deep.equal([0, 3]);
      expectSame(f.reduceBy('max', columns, { by: Uint8Array.of(0, 1, 1, 0), groups: 2 }), [56, -Infinity]);
      expectSame(f.bind(columns).run(), [10, Number.NaN, Number.NaN, 56]);
    });
  });

  /** A formula of x and y, when it is there, and its derivatives where it is. */
  const gradients: readonly (readonly [source: string, value: Case[1], byX: Case[1], byY: Case[1]])[] = [
    ['x*x*y', both((x, y) => x * x * y), (x, y) => 2 * Number(x) * Number(y), (x) => Number(x) * Number(x)],
    [
      'coalesce(x, 3)*y',
      (x, y) => (y === null ? null : (x ?? 3) * y),
      (x, y) => (x === null ? 0 : y),
      (x) => x ?? 3,
    ],
    [
      'x > 0 ? x*x : y',
      (x, y) => (x !== null && x > 0 ? x * x : y),
      (x) => (x !== null && x > 0 ? 2 * x : 0),
      (x) => (x !== null && x > 0 ? 0 : 1),
    ],
    [
      'isnull(x) ? 5*y : x',
      (x, y) => x ?? (y === null ? null : 5 * y),
      (x) => Number(x !== null),
      (x) => (x === null ? 5 : 0),
    ],
    ['diff(x^2*y, x)', both((x, y) => 2 * x * y), (_, y) => 2 * Number(y), (x) => 2 * Number(x)],
    ['sum(k, 1, 3, k*x)', ofX((x) => 6 * x), () => 6, () => 0],
    ['7', () => 7, () => 0, () => 0],
    [
      'f(t, n) = n <= 0 ? 1 : t*f(t, n - 1); coalesce(f(x, 2), y)',
      (x, y) => (x === null ? y : x * x),
      (x) => (x === null ? 0 : 2 * x),
      (x) => Number(x === null),
    ],
  ];

  eachLevel((createEngine) => {
    it(`by parameters are missing where the formula is (SEED=${seed})`, async () => {
      const random = new Random(seed);
      const engine = createEngine();
      using interpreter = new Engine({ backend: 'interpreter' });
      for (const [source, ...rules] of gradients) {
        using gradient = engine.compile(source, ['x', 'y']).gradient();
        const { x, y, columns } = randomColumns(random, random.pick([1, 9, 70]));
        const results = gradient.map(columns, { nulls: 'bitmap' });
        const plain = gradient.map(columns);
        const there = await gradient.mapAsync(columns, { nulls: 'bitmap', threads: 2 });
        using same = interpreter.compile(source, ['x', 'y']).gradient();
        const expected = same.map(columns, { nulls: 'bitmap' });
        for (const [index, name] of (['value', 'x', 'y'] as const).entries()) {
          for (const [at, found] of rowsOf(results[name]).entries()) {
            const args = [elementAt(x, at), elementAt(y, at)] as const;
            const wanted = rules[0](...args) === null ? null : elementAt(rules, index)(...args);
            if (!agrees(found, wanted))
              expect.fail(`${source}, ${name} at (${args.join(', ')}) is ${found}, not ${wanted}`);
          }
          expectSame(results[name].values, expected[name].values, source);
          expectSame(plain[name], expected[name].values, source);
          expectSame(there[name].values, expected[name].values, source);
          expectSame(there[name].validity, expected[name].validity, source);
        }
      }
    });

    it('by parameters are NaN where they are missing, and write nothing where they are refused', () => {
      const engine = createEngine();
      using gradient = engine.compile('x*y', ['x', 'y']).gradient(['y']);
      const columns = { x: { values: Float64Array.of(1, 2, 3), validity: Uint8Array.of(0b101) }, y: 4 };
      const { value, y } = gradient.map(columns);
      expectSame(value, [4, Number.NaN, 12]);
      expectSame(y, [1, Number.NaN, 3]);
      const out = { value: new Float64Array(3).fill(5), y: new Int32Array(3).fill(5) };
      for (const validity of [new Uint8Array(0), new Uint16Array(1)]) {
        const x = { values: Float64Array.of(1, 2, 3), validity: validity as Uint8Array };
        expect(() => gradient.map({ x, y: 1 }, { out })).to.throw(Error, 'x.validity');
      }
      expectSame(out.value, [5, 5, 5]);
      gradient.map(columns, { out });
      expectSame(out.y, [1, 0, 3]);
      gradient.release();
      expect(() => gradient.map(columns)).to.throw('released');
    });
  });

  eachBackend((createEngine) => {
    it('by parameters are those of functions of workspaces, and have a say of the host refused', () => {
      const engine = createEngine({ functions: { host: (x: number) => x } });
      const workspace = engine.workspace();
      workspace.run('let k = 2; f(t) = k*coalesce(t^2, 1)');
      using slopes = workspace.function('f').gradient();
      workspace.run('let k = 3');
      const { value, t } = slopes.map({ t: [3, null] } as never) as Record<string, Float64Array>;
      expectSame(value ?? [], [18, 2]);
      expectSame(t ?? [], [12, 0]);
      using gradient = engine.compile('coalesce(x, host(y))', ['x', 'y']).gradient(['y']);
      expectSame(gradient.map({ x: [1], y: 3 }).y, [0]);
      expect(() => gradient.map({ x: [1, null], y: 3 })).to.throw(CompileError, 'derivative of `host`');
    });

    it('are those of functions of workspaces and modules, and of outputs of kernels', () => {
      const engine = createEngine();
      const workspace = engine.workspace();
      workspace.run('f(t) = diff(coalesce(t^2, 1), t)');
      expectSame(workspace.function('f').map({ t: [3, null] }), [6, 0]);
      const { g } = engine.module('g(t) = diff(t^2, t)').functions;
      expectSame(g?.map({ t: [3, null] }) ?? [], [6, Number.NaN]);
      using kernel = engine.kernel({ outputs: { a: 'diff(x*y, x)', b: 'x' } }, ['x', 'y']);
      const { a, b } = kernel.map({ x: [1, null, 3], y: [4, 5, null] }, { nulls: 'bitmap' });
      expect(rowsOf(a)).to.deep.equal([4, null, null]);
      expect(rowsOf(b)).to.deep.equal([1, null, 3]);
    });

    it('are refused where the host has a say in them that columns without missing values did not see', () => {
      const engine = createEngine({ functions: { host: (x: number) => x } });
      const f = engine.compile('diff(coalesce(x, host(y)), y)', ['x', 'y']);
      expect(f(1, 2)).to.equal(0);
      expectSame(f.map({ x: [1, 2], y: 3 }), [0, 0]);
      const out = new Float64Array(2).fill(5);
      expect(() => f.map({ x: [1, null], y: 3 }, { out }))
        .to.throw(CompileError, 'derivative of `host`')
        .with.property('diagnostics')
        .with.nested.property('[0].code', 'E_DIFF_FUNCTION');
      expectSame(out, [5, 5]);
    });

    it('take no time for what is missing, and trap where rows do', () => {
      const engine = createEngine({ limits: { fuel: 10_000 } });
      const f = engine.compile('f(t, n) = n <= 0 ? t : f(t*t, n - 1); diff(f(y, x), y)', ['x', 'y']);
      const values = Float64Array.of(1e12, 2);
      expectSame(f.map({ x: { values, validity: Uint8Array.of(2) }, y: 2 }), [Number.NaN, 32]);
      const out = new Float64Array(2).fill(5);
      expect(() => f.map({ x: { values, validity: Uint8Array.of(1) }, y: 2 }, { out })).to.throw(TrapError);
      expect(() => f.map({ x: { values, validity: new Uint8Array(0) }, y: 2 }, { out })).to.throw(
        KernelError,
      );
      expectSame(out, [5, 5]);
    });

    it('need no value where they are never evaluated', () => {
      const f = createEngine().compile('coalesce(x, diff(x^2, x))', ['x']);
      expect(f(3)).to.equal(3);
      expectSame(f.map({ x: [3, 4] }), [3, 4]);
      expectSame(f.map({ x: [3, null] }), [3, Number.NaN]);
    });
  });
});
