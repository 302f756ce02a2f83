/**
 * What a run over columns costs beside its rows: single rows, where nothing else counts, and columns that are short. A loop that
 * V8 has compiled for the formula stands beside it, and the bounds that this project has set itself.
 */
import { Engine } from 'exprjit';
import { type Candidate, compare, type Measurement } from './support/compare.ts';
import { formatRatio, formatTime, printTable } from './support/table.ts';

interface Formula {
  readonly source: string;
  readonly parameters: readonly string[];
}

const single: Formula = { source: 'x*y + y', parameters: ['x', 'y'] };

/** Most nanoseconds of a run over one row. */
const bounds: Readonly<Record<string, number>> = {
  'map into an array': 100,
  'map into a new array': 300,
  'run of what is bound': 25,
  'reduce to the sum': 120,
};

/** Of several kinds; their arithmetic mean counts. */
const formulas: readonly Formula[] = [
  single,
  { source: '((x*3 - 2)*x + 5)*x - 7 + y', parameters: ['x', 'y'] },
  { source: 'x < y ? x*2 : y*y - 1', parameters: ['x', 'y'] },
  { source: 'x < -1 ? -1 : x > 1 ? 1 : x*(1.5 - 0.5*x*x)', parameters: ['x'] },
  { source: '1/(x + 3) + x/(y + 4)/(x + 5)', parameters: ['x', 'y'] },
];

/** How many times as fast as V8's loop columns of a length are to be, at least. */
const speeds: readonly (readonly [rows: number, least: number])[] = [
  [128, 2],
  [1000, 6],
];

export function run(): void {
  using engine = new Engine({ backend: 'native' });
  warmUp(engine);
  const [loop, ...ours] = measure(engine, single, 1);
  const rows = [loop, ...ours].flatMap((measurement) =>
    measurement === undefined ? [] : [row(measurement)],
  );
  printTable(`${single.source} over one row`, ['', 'per run', 'to V8', 'bound'], rows);
  for (const [length, least] of speeds) {
    const all = formulas.map((formula) => ({ formula, measurements: measure(engine, formula, length) }));
    const names = all[0]?.measurements.slice(1).map(({ name }) => name) ?? [];
    const cells = all.map(({ formula, measurements: [, ...own] }) => [
      formula.source,
      ...own.map(({ ratio }) => formatRatio(1 / ratio)),
    ]);
    const means = names.map((_, index) => {
      const own = all.map(({ measurements }) => 1 / (measurements[index + 1]?.ratio ?? Number.NaN));
      return formatRatio(own.reduce((sum, value) => sum + value, 0) / own.length);
    });
    const title = `Speed over ${length} rows in relation to V8's loop; bound: ${least}× into an array`;
    printTable(title, ['', ...names], [...cells, ['arithmetic mean', ...means]]);
  }
}

function row({ name, nanoseconds, ratio }: Measurement): string[] {
  const bound = bounds[name];
  return [name, formatTime(nanoseconds), formatRatio(ratio), bound === undefined ? '–' : formatTime(bound)];
}

/** Programs have more than one formula, so V8 must not see one alone. */
function warmUp(engine: Engine): void {
  const kinds = [Float64Array, Float32Array, Int32Array];
  for (const [index, name] of ['a', 'b', 'c', 'd', 'e', 'f'].entries()) {
    const f = engine.compile(`${name} + 1`, [name] as readonly string[]);
    const columns = { [name]: new (kinds[index % kinds.length] ?? Float64Array)(8) };
    const out = new Float64Array(8);
    const bound = f.bind(columns, { out });
    for (let i = 0; i < 1000; i++) {
      f.map(columns, { out });
      f.map(columns);
      f.reduce('sum', columns);
      bound.run();
    }
  }
}

/** V8's loop first. */
function measure(engine: Engine, { source, parameters }: Formula, length: number): Measurement[] {
  const f = engine.compile(source, parameters);
  const columns = parameters.map((_, column) =>
    Float64Array.from({ length }, (_, index) => Math.sin(index * (column + 1)) * 2),
  );
  const out = new Float64Array(length);
  const literal = `{ ${parameters.join(', ')} }`;
  const bound = f.bind(
    Object.fromEntries(parameters.map((name, index) => [name, columns[index] as Float64Array])),
    {
      out,
    },
  );
  const scope = {
    f,
    bound,
    out,
    ...Object.fromEntries(parameters.map((name, index) => [name, columns[index]])),
  };
  const elements = source.replace(/\b[a-z]\b/g, (name) => `${name}[i]`);
  const loop = new Function(
    ...parameters,
    'out',
    `for (let i = 0; i < ${length}; i++) out[i] = ${elements};`,
  );
  const measurements = compare(
    [
      candidate("V8's loop", `loop(${parameters.join(', ')}, out)`, { ...scope, loop }),
      candidate('map into an array', `f.map(${literal}, { out })`, scope),
      candidate('map into a new array', `f.map(${literal})`, scope),
      candidate('run of what is bound', 'bound.run()', scope),
      candidate('reduce to the sum', `f.reduce('sum', ${literal})`, scope),
    ],
    // Short samples: what comes in between by chance is in few of them.
    { sample: 0.5, rounds: 201 },
  );
  f.release();
  return measurements;
}

/** In a loop compiled from a text of its own, so that candidates share nothing. */
function candidate(name: string, body: string, scope: Readonly<Record<string, unknown>>): Candidate {
  const loop = new Function(
    ...Object.keys(scope),
    'count',
    `// ${name}, ${body}
    for (let round = 0; round < count; round++) ${body};`,
  );
  const values = Object.values(scope);
  return { name, run: (iterations) => loop(...values, iterations) };
}
