import { Parser } from 'expr-eval';
import { Engine } from 'exprjit';
import { compile as compileWithMathjs } from 'mathjs';
import { benchmarkLoops } from './call.loops.ts';
import { type Candidate, compare } from './support/compare.ts';
import { geometricMean } from './support/statistics.ts';
import { formatRatio, formatTime, printTable } from './support/table.ts';

type Formula = (...args: number[]) => number;

/** Formulas with their parameters; `script` is the formula in JavaScript. */
const formulas = [
  { source: 'x*x + 1', parameters: ['x'], script: 'x*x + 1' },
  { source: 'x*y + y', parameters: ['x', 'y'], script: 'x*y + y' },
  { source: 'x > y ? x*2 : z', parameters: ['x', 'y', 'z'], script: 'x > y ? x*2 : z' },
  {
    source: 'sin(x)*cos(y) + exp(-z*z)',
    parameters: ['x', 'y', 'z'],
    script: 'Math.sin(x)*Math.cos(y) + Math.exp(-z*z)',
  },
] as const;

const length = 1024;
const columns = Array.from({ length: 3 }, (_, column) =>
  Float64Array.from({ length }, (_, row) => Math.sin(row * (column + 1)) * 10),
);
const results = new Float64Array(length);

/** How callers use formulas; `args` are columns, from the second on where the first is computed. */
const uses = {
  /** One result for each row: what the processor can overlap. */
  rows: (args: readonly string[]) => `results[row] = formula(${args.join(', ')});`,
  /** Euler's method: each call needs the result of the one before. */
  steps: ([, ...rest]: readonly string[]) => `x += 0.001 * formula(${['x', ...rest].join(', ')});`,
} as const;

let loopCount = 0;

/**
 * Uses the formula in a loop that is compiled from a text of its own: V8 would share what it learns about the callee
 * otherwise, and the second candidate would pay for the first.
 */
function candidate(name: string, use: keyof typeof uses, formula: Formula, arity: number): Candidate {
  const names = Array.from({ length: arity }, (_, column) => `c${column}`);
  const loop = new Function(
    'formula',
    'columns',
    'results',
    'count',
    `/* ${loopCount++} */
    const [${names.join(', ')}] = columns;
    let x = 0.5;
    for (let i = 0; i < count; i++) {
      const row = i & ${length - 1};
      ${uses[use](names.map((column) => `${column}[row]`))}
      if (row === 0) x = 0.5;
    }
    return x;`,
  );
  return { name, run: (iterations) => loop(formula, columns, results, iterations) };
}

/** One call of a compiled function, and of its peers. */
export function run(): void {
  using engine = new Engine({ backend: 'native' });
  using wasm = new Engine({ backend: 'wasm' });
  /** By name of what is ours. */
  const ratios = new Map<string, number[]>([
    ['exprjit', []],
    ['exprjit as WebAssembly', []],
  ]);
  for (const { source, parameters, script } of formulas) {
    const arity = parameters.length;
    const scope: Record<string, number> = {};
    const withScope =
      (evaluate: (scope: Record<string, number>) => number): Formula =>
      (...args) => {
        for (let i = 0; i < arity; i++) scope[parameters[i] as string] = args[i] as number;
        return evaluate(scope);
      };
    const mathjs = compileWithMathjs(source);
    const parsed = Parser.parse(source);
    for (const use of ['rows', 'steps'] as const) {
      const measurements = compare([
        candidate('new Function', use, new Function(...parameters, `return ${script}`) as Formula, arity),
        candidate('exprjit', use, engine.compile(source, [...parameters] as readonly string[]), arity),
        candidate(
          'exprjit as WebAssembly',
          use,
          wasm.compile(source, [...parameters] as readonly string[]),
          arity,
        ),
        candidate(
          'mathjs',
          use,
          withScope((values) => mathjs.evaluate(values) as number),
          arity,
        ),
        candidate(
          'expr-eval',
          use,
          withScope((values) => parsed.evaluate(values) as number),
          arity,
        ),
      ]);
      printTable(
        `${source}, ${use}`,
        ['', 'per call', 'to new Function'],
        measurements.map(({ name, nanoseconds, ratio }) => [
          name,
          formatTime(nanoseconds),
          formatRatio(ratio),
        ]),
      );
      for (const { name, ratio } of measurements) ratios.get(name)?.push(ratio);
    }
  }
  const { calls, slowCallReason } = engine.statistics();
  console.log(`\nCalls of exprjit: ${calls}${slowCallReason === undefined ? '' : `, ${slowCallReason}`}`);
  for (const [name, own] of ratios) {
    console.log(`\nA call of ${name} takes ${formatRatio(geometricMean(own))} new Function (geometric mean)`);
  }
  benchmarkLoops(engine);
}
