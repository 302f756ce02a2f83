import { Parser } from 'expr-eval';
import { compile as compileWithMathjs } from 'mathjs';
import { Engine } from '../src/index.ts';
import { type Candidate, compare } from './support/compare.ts';
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
let loopCount = 0;

/**
 * Applies the formula to every row, as its users do. Each loop is compiled from a text of its own: V8 would share what it
 * learns about the callee otherwise, and the second candidate would pay for the first.
 */
function candidate(name: string, formula: Formula, arity: number): Candidate {
  const args = Array.from({ length: arity }, (_, column) => `columns[${column}]`);
  const names = args.map((_, column) => `c${column}`);
  const loop = new Function(
    'formula',
    'columns',
    'results',
    'count',
    `/* ${loopCount++} */
    ${args.map((arg, column) => `const ${names[column]} = ${arg};`).join('')}
    for (let i = 0; i < count; i++) {
      const row = i & ${length - 1};
      results[row] = formula(${names.map((column) => `${column}[row]`).join(', ')});
    }`,
  );
  return { name, run: (iterations) => loop(formula, columns, results, iterations) };
}

/** One call of a compiled function, and of its peers, on rows of arrays. */
export function run(): void {
  const engine = new Engine({ backend: 'native' });
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
    const measurements = compare([
      candidate('new Function', new Function(...parameters, `return ${script}`) as Formula, arity),
      candidate('exprjit', engine.compile(source, [...parameters] as readonly string[]), arity),
      candidate(
        'mathjs',
        withScope((values) => mathjs.evaluate(values)),
        arity,
      ),
      candidate(
        'expr-eval',
        withScope((values) => parsed.evaluate(values)),
        arity,
      ),
    ]);
    printTable(
      `A call of ${source}`,
      ['', 'per call', 'to new Function'],
      measurements.map(({ name, nanoseconds, ratio }) => [name, formatTime(nanoseconds), formatRatio(ratio)]),
    );
  }
  engine.dispose();
}
