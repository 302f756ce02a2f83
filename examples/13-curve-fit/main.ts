/**
 * A curve through sixty years of carbon dioxide in the air over Mauna Loa, fitted by Gauss–Newton steps: the derivatives by all
 * parameters come from one kernel, exact, without a line of calculus.
 *
 *     node --import=tsx examples/13-curve-fit/main.ts
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { compile } from 'exprjit';

/** vega-datasets exports a module for browsers; its data lies beside it. */
function readMonths(): { years: Float64Array; ppm: Float64Array } {
  const module = createRequire(import.meta.url).resolve('vega-datasets');
  const file = join(dirname(module), '..', 'data', 'co2-concentration.csv');
  const rows = parse<{ Date: string; CO2: string }>(readFileSync(file), { columns: true });
  const year = ({ Date: date }: { Date: string }) => Number(date.slice(0, 4)) + Number(date.slice(5, 7)) / 12;
  return {
    years: Float64Array.from(rows, (row) => year(row) - 1958),
    ppm: Float64Array.from(rows, ({ CO2 }) => Number(CO2)),
  };
}

// An excess that grows exponentially, and a swing through each year.
const names = ['base', 'excess', 'rate', 'swing', 'peak'] as const;
type Parameters = Record<(typeof names)[number], number>;
using model = compile('base + excess*exp(rate*t) + swing*cos(tau*(t - peak))', ['t', ...names]);
using slopes = model.gradient(names);
using dot = compile('x*y', ['x', 'y']);
using difference = compile('x - y', ['x', 'y']);

/** Solves `matrix * solution = right` by elimination with pivots; both are used up. */
function solve(matrix: number[][], right: number[]): number[] {
  const order = right.map((_, index) => index);
  for (const column of order) {
    const rest = order.slice(column);
    const pivot = rest.reduce((best, row) =>
      Math.abs(matrix[row]?.[column] ?? 0) > Math.abs(matrix[best]?.[column] ?? 0) ? row : best,
    );
    [matrix[column], matrix[pivot]] = [matrix[pivot] as number[], matrix[column] as number[]];
    [right[column], right[pivot]] = [right[pivot] as number, right[column] as number];
    const top = matrix[column] as number[];
    for (const row of order.slice(column + 1)) {
      const line = matrix[row] as number[];
      const factor = (line[column] as number) / (top[column] as number);
      matrix[row] = line.map((value, index) => value - factor * (top[index] as number));
      right[row] = (right[row] as number) - factor * (right[column] as number);
    }
  }
  const solution = right.map(() => 0);
  for (const row of order.reverse()) {
    const line = matrix[row] as number[];
    const known = solution.reduce((sum, value, column) => sum + value * (line[column] as number), 0);
    solution[row] = ((right[row] as number) - known) / (line[row] as number);
  }
  return solution;
}

const { years: t, ppm } = readMonths();
let parameters: Parameters = { base: 280, excess: 30, rate: 0.02, swing: 2, peak: 0.4 };
console.log(`${t.length} months from March 1958`);
for (let step = 1; step <= 50; step++) {
  const { value, ...columns } = slopes.map({ t, ...parameters });
  const residual = difference.map({ x: ppm, y: value });
  const error = Math.sqrt(dot.reduce('mean', { x: residual, y: residual }));
  const matrix = names.map((row) =>
    names.map((column) => dot.reduce('sum', { x: columns[row], y: columns[column] })),
  );
  const change = solve(
    matrix,
    names.map((name) => dot.reduce('sum', { x: columns[name], y: residual })),
  );
  console.log(`step ${step}: off by ${error.toFixed(4)} ppm`);
  parameters = Object.fromEntries(
    names.map((name, index) => [name, parameters[name] + (change[index] as number)]),
  ) as Parameters;
  if (change.every((value, index) => Math.abs(value) < 1e-9 * Math.abs(parameters[names[index] as 'base'])))
    break;
}
for (const name of names) console.log(`${name.padEnd(6)} ${parameters[name].toFixed(4).padStart(9)}`);

// How fast it rises: the derivative by t, of the fitted curve without its swing.
const { base, excess, rate } = parameters;
using rise = compile('diff(base + excess*exp(rate*t), t)', ['t', 'base', 'excess', 'rate']);
for (const year of [1960, 2000, 2020])
  console.log(`${year}: ${rise(year - 1958, base, excess, rate).toFixed(2)} ppm a year`);
