import { expect } from 'chai';
import { InterpreterBackend } from '../../../src/engine/backends/interpreter-backend.ts';
import { SharedCode } from '../../../src/engine/callables/shared-code.ts';
import { rowNames } from '../../../src/engine/front/row-names.ts';
import { compileProgram } from '../../../src/engine/pipeline.ts';
import { type Edges, type Engine, ReleasedError, TrapError } from '../../../src/index.ts';
import { isSequential } from '../../../src/jit/kernel/kernel-spec.ts';
import { elementAt, maybeAt } from '../../../src/support/element.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { specialValues } from '../../support/special-values.ts';
import { expectSame } from './bits.ts';
import { eachLevel } from './each-level.ts';

/** Lengths around what goes together on vectors, and around a block of rows. */
const lengths = [0, 1, 2, 3, 8, 9, 33, 511, 512, 513, 1000, 32_768, 32_769, 32_770, 70_001];

const dear = 'P*0.9 + 0.1*sin(x)*exp(y/8)';

function numbers(rows: number, seed: number): Float64Array {
  const random = new Random(seed);
  return Float64Array.from({ length: rows }, () =>
    random.chance(0.05) ? random.pick(specialValues) : random.fraction() * 20 - 10,
  );
}

/** Row by row, by the function of numbers; `P` in the formula is what the row before gave. */
function rowByRow(
  engine: Engine,
  formula: string,
  seed: number,
  { x, y }: { readonly x: Float64Array; readonly y: Float64Array },
): Float64Array {
  using f = engine.compile(formula.replaceAll('P', 'p').replaceAll('x[index - 1]', 'before'), [
    'p',
    'x',
    'y',
    'before',
  ]);
  const results = new Float64Array(x.length);
  let previous = seed;
  for (let row = 0; row < x.length; row++) {
    previous = Number(
      f(previous, elementAt(x, row), elementAt(y, row), row > 0 ? elementAt(x, row - 1) : Number.NaN),
    );
    results[row] = previous;
  }
  return results;
}

function planned(formula: string, seed: number): string {
  return formula.replaceAll('P', `prev(${seed})`);
}

/** A formula of `P`, `x`, `y` and `x[index - 1]`. */
function randomFormula(random: Random, depth: number): string {
  if (depth === 0) return random.pick(['P', 'x', 'y', 'x[index - 1]', '0.5', '-3']);
  const operand = () => randomFormula(random, random.integer(0, depth - 1));
  switch (random.weighted({ arithmetic: 5, call: 4, two: 1, conditional: 1, let: 1 })) {
    case 'arithmetic':
      return `(${operand()} ${random.pick(['+', '-', '*', '/', '%'])} ${operand()})`;
    case 'call':
      return `${random.pick(['sin', 'exp', 'log', 'sqrt', 'cbrt', 'tanh', 'floor', 'abs'])}(${operand()})`;
    case 'two':
      return `${random.pick(['min', 'max', 'atan2', 'hypot', 'pow'])}(${operand()}, ${operand()})`;
    case 'conditional':
      return `(${operand()} ${random.pick(['<', '>=', '=='])} ${operand()} ? ${operand()} : ${operand()})`;
    case 'let': {
      const name = `t${random.integer(0, 1e6)}`;
      return `{ let ${name} = ${operand()}; ${name}*P + sin(${name}) - ${name} }`;
    }
  }
}

/** What goes by rows is the same, whoever computes them. */
class BackendWithLanes extends InterpreterBackend {
  override readonly hasLanes = true;
}

/** The kernels that are made when a formula runs: the functions of each, and whether its rows wait for each other. */
function kernelsOf(
  source: string,
  columns: Readonly<Record<string, ArrayLike<number> | number>>,
  rows = 600,
): string[] {
  const backend = new BackendWithLanes(Number.POSITIVE_INFINITY, undefined, undefined);
  const made: string[] = [];
  const load = backend.loadKernel.bind(backend);
  backend.loadKernel = (module, spec) => {
    const names = spec.outputs.map((output) => output.function).join(' ');
    made.push(isSequential(spec) ? `${names}, one by one` : names);
    return load(module, spec);
  };
  const context = { backend, hostImplementations: new Map(), fastMath: false, timeout: undefined };
  const environment = {
    __proto__: null,
    parameters: Object.keys(columns),
    provided: rowNames,
    rows: { output: undefined, outputs: [] },
  };
  const executable = compileProgram(source, environment, context);
  const kernels = new SharedCode(executable).kernelsOf(elementAt(executable.functions, 0));
  kernels.mapOne(kernels.bind(columns), 'f64', undefined, rows);
  return made;
}

describe('formulas with prev and dear terms', () => {
  const seed = seedFromEnvironment();
  const many = new Float64Array(600);

  it('have these computed in kernels of their own, whose rows do not wait', () => {
    const whole = ['main$first', 'main, one by one'];
    const split = ['main$first', 'main$ahead$0', 'main$rest, one by one'];
    expect(kernelsOf(planned(dear, 0), { x: many, y: many })).to.deep.equal(split);
    expect(kernelsOf(planned(dear, 0), { x: many, y: 1 })).to.deep.equal(split);
    // What is the same for all rows is computed once anyway.
    expect(kernelsOf(planned(dear, 0), { x: 1, y: 1 })).to.deep.equal(whole);
    expect(kernelsOf('prev(0)*exp(-1/y) + x', { x: many, y: 1 })).to.deep.equal(whole);
    expect(kernelsOf('prev(x) + 0.1*(x - prev(x))', { x: many })).to.deep.equal(whole);
    expect(kernelsOf('prev(0) + exp(x[index - 1])', { x: many })).to.deep.equal(split);
    expect(kernelsOf('prev(0) + exp(index/2)', { x: many })).to.deep.equal(split);
    // Two runs take longer than such few rows.
    expect(kernelsOf(planned(dear, 0), { x: [1, 2, 3], y: 1 }, 3)).to.deep.equal(whole);
  });

  eachLevel((createEngine, level) => {
    it('give what a loop over the function of numbers gives, for every length', () => {
      const engine = createEngine();
      for (const rows of lengths) {
        const data = { x: numbers(rows, rows), y: numbers(rows, rows + 1) };
        for (const formula of [
          dear,
          'P*exp(-y) + x*(1 - exp(-y))',
          'max(P, x) + log(y) - sin(x[index - 1])',
        ]) {
          if (level === 'interpreter' && rows > (formula === dear ? 33_000 : 1000)) continue;
          using f = engine.compile(planned(formula, 2), ['x', 'y']);
          const expected = rowByRow(engine, formula, 2, data);
          expectSame(f.map(data), expected, `${formula}, ${rows}`);
          const out = new Float64Array(rows + 2).fill(-1);
          f.map(data, { out });
          expectSame(out.subarray(0, rows), expected, formula);
          expectSame(out.subarray(rows), [-1, -1]);
        }
      }
    });

    it(`do so whatever they are (SEED=${seed})`, () => {
      const random = new Random(seed);
      const engine = createEngine();
      for (let count = 0; count < 60; count++) {
        const formula = `${randomFormula(random, 3)} + P*${randomFormula(random, 3)} + 0*x[index - 1]^2`;
        const rows = random.integer(505, 560);
        const data = { x: numbers(rows, random.integer(0, 1e6)), y: numbers(rows, random.integer(0, 1e6)) };
        const first = random.integer(-3, 3);
        using f = engine.compile(planned(formula, first), ['x', 'y']);
        expectSame(f.map(data), rowByRow(engine, formula, first, data), formula);
      }
    });

    it('take elements beyond the rows as they are asked to', () => {
      const engine = createEngine();
      const rows = 40_000;
      const x = numbers(rows, 5);
      const formula = 'exp(x[index - 2]/9) - sin(x[index + 9]) + P/2';
      for (const edges of ['nan', 'clamp', 'wrap'] as const satisfies readonly Edges[]) {
        using terms = engine.compile('exp(x[index - 2]/9) - sin(x[index + 9])', ['x']);
        const ahead = terms.map({ x }, { edges });
        const expected = new Float64Array(rows);
        let previous = 1;
        for (const [row, term] of ahead.entries()) {
          previous = term + previous / 2;
          expected[row] = previous;
        }
        using f = engine.compile(planned(formula, 1), ['x']);
        expectSame(f.map({ x }, { edges }), expected, edges);
      }
    });

    it('take functions of columns, any elements, numbers for all rows, and the number of the row', () => {
      const engine = createEngine();
      const rows = 35_000;
      const x = Float64Array.from({ length: rows }, (_, row) => (row * 7919) % 101);
      const sum = engine.compile('x', ['x']).reduce('sum', { x });
      const expected = new Float64Array(rows);
      const term = engine.compile('sin(e*i)*exp(-a/9) + sqrt(abs(m))/n', ['e', 'i', 'a', 'm', 'n']);
      let previous = 0;
      for (let row = 0; row < rows; row++) {
        const element = maybeAt(x, Math.trunc(row / 2)) ?? Number.NaN;
        previous = previous / 2 + Number(term(element, row, 3, sum / rows, rows));
        expected[row] = previous;
      }
      const source = 'prev(0)/2 + (sin(x[index/2]*index)*exp(-a/9) + sqrt(abs(mean(x)))/length)';
      expectSame(engine.compile(source, ['x', 'a']).map({ x, a: 3 }), expected);
    });

    it('are kernels of several outputs, are reduced, and go in other threads', async () => {
      const engine = createEngine();
      const rows = 40_000;
      const data = { x: numbers(rows, 1), y: numbers(rows, 2) };
      using f = engine.compile(planned(dear, 0), ['x', 'y']);
      const expected = rowByRow(engine, dear, 0, data);
      expectSame(await f.mapAsync(data, { threads: 2 }), expected);
      const count = f.reduce('count', data);
      expect(count).to.equal(expected.filter((value) => value !== 0 && !Number.isNaN(value)).length);
      expect(await f.reduceAsync('count', data)).to.equal(count);
      expectSame(
        f.select(data),
        [...expected.keys()].filter((row) => expected[row] !== 0 && !Number.isNaN(expected[row])),
      );
      using kernel = engine.kernel({
        outputs: { a: planned(dear, 0), b: 'prev(a, 1)*cos(y) + prev(2)', c: 'exp(x) > log(y)' },
      });
      const { a, b, c } = kernel.map(data);
      expectSame(a as Float64Array, expected);
      using other = engine.compile('p*cos(y) + b', ['p', 'y', 'b']);
      let [before, previous] = [1, 2];
      for (let row = 0; row < rows; row++) {
        previous = Number(other(before, elementAt(data.y, row), previous));
        before = elementAt(expected, row);
        if (!Object.is(elementAt(b as Float64Array, row), previous)) expect.fail(`row ${row} of b`);
      }
      using greater = engine.compile('exp(x) > log(y)', ['x', 'y']);
      expectSame(c as Float64Array, greater.map(data));
      const together = await kernel.mapAsync(data);
      for (const name of ['a', 'b', 'c'] as const) {
        expectSame(together[name] as Float64Array, kernel.map(data)[name] as Float64Array);
      }
    });

    it('write into columns of theirs, of other types too, or nothing at all', () => {
      const engine = createEngine();
      const rows = 33_000;
      const data = { x: numbers(rows, 1), y: numbers(rows, 2) };
      const expected = rowByRow(engine, dear, 0, data);
      using f = engine.compile(planned(dear, 0), ['x', 'y']);
      const x = data.x.slice();
      f.map({ x, y: data.y }, { out: x });
      expectSame(x, expected);
      expectSame(f.map(data, { type: 'f32' }), Float32Array.from(expected));
      const out = new Float64Array(rows).fill(7);
      try {
        f.map(data, { out, timeout: 0.001 });
      } catch (error) {
        if (!(error instanceof TrapError)) throw error;
        expect(error.code).to.equal('E_TIMEOUT');
        expectSame(out, new Float64Array(rows).fill(7));
      }
      const missing = { values: data.x, validity: new Uint8Array(Math.ceil(rows / 8)) };
      f.release();
      expect(() => f.map(data)).to.throw(ReleasedError);
      expect(() => f.map({ x: missing, y: data.y })).to.throw();
    });

    it('go on to the end when they are released meanwhile', async () => {
      const engine = createEngine();
      const data = { x: numbers(70_000, 1), y: numbers(70_000, 2) };
      const f = engine.compile(planned('P*0.9 + exp(y/8)', 0), ['x', 'y']);
      const expected = f.map(data);
      const run = f.mapAsync(data);
      f.release();
      expectSame(await run, expected);
      const signal = AbortSignal.abort(new Error('enough'));
      const again = engine.compile(planned('P*0.9 + exp(y/8)', 0), ['x', 'y']);
      const refusal = await again.mapAsync(data, { signal }).catch((error: Error) => error.message);
      expect(refusal).to.equal('enough');
    });
  });
});
