/**
 * What a function and all its partial derivatives take over columns, beside the function alone and central
 * differences by runs of the function.
 */
import { Engine } from 'exprjit';
import { compare } from './support/compare.ts';
import { formatRatio, formatTime, printTable } from './support/table.ts';

const rows = 4096;

const formulas = [
  { source: 'a*exp(-b*t) + c', parameters: ['t', 'a', 'b', 'c'] },
  {
    source: 'base + excess*exp(rate*t) + swing*cos(tau*(t - peak))',
    parameters: ['t', 'base', 'excess', 'rate', 'swing', 'peak'],
  },
  { source: 'a*t^3 + b*t^2 + c*t', parameters: ['t', 'a', 'b', 'c'] },
  { source: 'sum(k, 1, 8, a*t^k/k)', parameters: ['t', 'a'] },
] as const;

export function run(): void {
  using engine = new Engine({ backend: 'native' });
  for (const { source, parameters } of formulas) {
    const names = parameters.slice(1);
    const f = engine.compile(source, parameters);
    const gradient = f.gradient(names);
    const t = Float64Array.from({ length: rows }, (_, row) => row / rows + 0.5);
    const values = Object.fromEntries(names.map((name, index) => [name, 0.5 + index / 4]));
    const columns = { t, ...values };
    const out = new Float64Array(rows);
    const outs = Object.fromEntries(['value', ...names].map((name) => [name, new Float64Array(rows)]));
    const shifted = names.flatMap((name) =>
      [1e-6, -1e-6].map((step) => ({ ...columns, [name]: (values[name] ?? 0) + step })),
    );
    const slope = engine.compile('(x - y)*5e5', ['x', 'y']);
    const [up, down] = [new Float64Array(rows), new Float64Array(rows)];
    const measured = compare([
      { name: 'the function', run: repeat(() => f.map(columns as never, { out })) },
      { name: 'gradient', run: repeat(() => gradient.map(columns as never, { out: outs as never })) },
      {
        name: 'central differences',
        run: repeat(() => {
          f.map(columns as never, { out });
          for (let i = 0; i < shifted.length; i += 2) {
            f.map(shifted[i] as never, { out: up });
            f.map(shifted[i + 1] as never, { out: down });
            slope.map({ x: up, y: down }, { out: down });
          }
        }),
      },
    ]);
    printTable(
      `${source}, by ${names.join(', ')}, ${rows} rows`,
      ['', 'per row', 'to the function'],
      measured.map(({ name, nanoseconds, ratio }) => [
        name,
        formatTime(nanoseconds / rows),
        formatRatio(ratio),
      ]),
    );
  }
}

function repeat(body: () => void): (iterations: number) => void {
  return (iterations) => {
    for (let i = 0; i < iterations; i++) body();
  };
}
