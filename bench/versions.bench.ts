/**
 * This version beside another one, a checkout that is built, in one process: `BASE=../base npm run bench -- versions`.
 * A ratio above 1 is time that this version takes more.
 */
import { pathToFileURL } from 'node:url';
import * as own from 'exprjit';
import { columnValue, type KernelWorkload, kernelLengths, kernelWorkloads } from './kernels.workloads.ts';
import { type Candidate, compare } from './support/compare.ts';
import { geometricMean } from './support/statistics.ts';
import { formatRatio, formatTime, printTable } from './support/table.ts';

type Version = Pick<typeof own, 'compile' | 'Engine'>;

interface Workload {
  readonly name: string;
  readonly source: string;
  readonly parameters: readonly string[];
  /** Does it once, with `f`, columns `x` and `y`, and `out`. */
  readonly use: string;
  readonly rows?: number;
}

const two = ['x', 'y'];
const workloads: readonly Workload[] = [
  { name: 'call x*y+y', source: 'x*y+y', parameters: two, use: 'f(i, i + 1)' },
  { name: 'call sin(x)*cos(y)', source: 'sin(x)*cos(y)', parameters: two, use: 'f(i, i + 1)' },
  {
    name: 'call sin(x)*cos(y)+exp(-x*x)',
    source: 'sin(x)*cos(y)+exp(-x*x)',
    parameters: two,
    use: 'f(i, i + 1)',
  },
  { name: 'call sum(i, 1, 20, x*i)', source: 'sum(i, 1, 20, x*i)', parameters: ['x'], use: 'f(i)' },
  {
    name: 'call fib(12)',
    source: 'fib(n) = n < 2 ? n : fib(n - 1) + fib(n - 2); fib(x)',
    parameters: ['x'],
    use: 'f(12)',
  },
  { name: 'call sum(i, 1, 1e5, x*i)', source: 'sum(i, 1, 1e5, x*i)', parameters: ['x'], use: 'f(2)' },
  ...[1, 1000, 4096, 100_000].flatMap((rows) =>
    ['x*y+y', 'sqrt(x*x+y*y)'].map((source) => ({
      name: `map ${source}, ${rows} rows, out`,
      source,
      parameters: two,
      use: 'f.map({ x, y }, { out })',
      rows,
    })),
  ),
  { name: 'map x*y+y, 1 row', source: 'x*y+y', parameters: two, use: 'f.map({ x, y })', rows: 1 },
  {
    name: 'reduce x*y, 4096 rows',
    source: 'x*y',
    parameters: two,
    use: "f.reduce('sum', { x, y })",
    rows: 4096,
  },
  ...['sin(x)*exp(-y)', 'sum(i, 1, 20, x*i) + y', 'x % 3 + y'].map((source) => ({
    name: `map ${source}, 4096 rows, out`,
    source,
    parameters: two,
    use: 'f.map({ x, y }, { out })',
    rows: 4096,
  })),
];

const compilation: readonly Workload[] = ['x*y+y', 'sin(x)*cos(y)+exp(-x*x)', 'sum(i, 1, x, i*y)'].map(
  (source) => ({
    name: `compile and release ${source}`,
    source,
    parameters: two,
    use: 'compile(source, parameters).release()',
  }),
);

function candidate(name: string, { compile }: Version, workload: Workload): Candidate {
  const { source, parameters, use, rows = 1 } = workload;
  const x = Float64Array.from({ length: rows }, (_, row) => row / 7);
  const y = Float64Array.from({ length: rows }, (_, row) => row / 3);
  const f = compile(source, parameters);
  // From a text of its own, since V8 shares what it learns about functions of the same text.
  const loop = new Function(
    ...['f', 'x', 'y', 'out', 'compile', 'source', 'parameters', 'count'],
    `/* ${name} */ for (let i = 0; i < count; i++) ${use};`,
  );
  const out = new Float64Array(rows);
  return { name, run: (count) => void loop(f, x, y, out, compile, source, parameters, count) };
}

/** A kernel of either version over columns of so many rows. */
function kernelCandidate(
  name: string,
  { Engine }: Version,
  workload: KernelWorkload,
  length: number,
): Candidate {
  const parameters = Object.keys(workload.columns);
  const ArrayType = workload.columnType === 'f32' ? Float32Array : Float64Array;
  const columns = Object.fromEntries(
    Object.entries(workload.columns).map(([column, bounds], number) => [
      column,
      new ArrayType(length).map((_: number, row: number) => columnValue(row, number, bounds)),
    ]),
  );
  const engine = new Engine();
  const sources = Object.entries(workload.outputs);
  const out = Object.fromEntries(sources.map(([output]) => [output, new Float64Array(length)]));
  const [first] = sources;
  const source = first?.[1] ?? '';
  const f = engine.compile(source, parameters);
  const kernel = engine.kernel({ outputs: workload.outputs }, parameters);
  const single = first === undefined ? undefined : out[first[0]];
  const use =
    workload.reduce !== undefined
      ? `f.reduce('${workload.reduce}', columns)`
      : sources.length > 1
        ? 'kernel.map(columns, { out })'
        : 'f.map(columns, { out: single })';
  const loop = new Function(
    ...['f', 'kernel', 'columns', 'out', 'single', 'count'],
    `/* ${name} */ for (let i = 0; i < count; i++) ${use};`,
  );
  return { name, run: (count) => void loop(f, kernel, columns, out, single, count) };
}

/** Geometric means of the time that arithmetic kernels take, this version to the other. */
function compareKernels(base: Version): void {
  const arithmetic = kernelWorkloads.filter(({ group }) => group === 'arithmetic');
  const means: number[][] = kernelLengths.map(() => []);
  const rows = arithmetic.map((workload) => {
    const ratios = kernelLengths.map((length) => {
      const candidates = [
        kernelCandidate('base', base, workload, length),
        kernelCandidate('own', own, workload, length),
      ];
      return compare(candidates, { rounds: length > 1e6 ? 7 : 21, warmUp: 50 }).at(1)?.ratio ?? Number.NaN;
    });
    ratios.forEach((ratio, position) => {
      means[position]?.push(ratio);
    });
    return [workload.name, ...ratios.map(formatRatio)];
  });
  const mean = means.map((ratios) => formatRatio(geometricMean(ratios)));
  const headers = kernelLengths.map((length) => `n = ${length.toLocaleString('en')}`);
  printTable(
    'Arithmetic kernels, this version to the other',
    ['what', ...headers],
    [...rows, ['geometric mean', ...mean]],
  );
}

export async function run(): Promise<void> {
  const folder = process.env['BASE'];
  if (folder === undefined) {
    console.log('\nversions: BASE names no checkout of another version');
    return;
  }
  const base = (await import(`${pathToFileURL(folder).href}/dist/index.js`)) as Version;
  const rows = [...workloads, ...compilation].map((workload) => {
    const measured = compare([candidate('base', base, workload), candidate('own', own, workload)], {
      rounds: 31,
    });
    const [before, after] = measured;
    return [
      workload.name,
      formatTime(before?.nanoseconds ?? Number.NaN),
      formatTime(after?.nanoseconds ?? Number.NaN),
      formatRatio(after?.ratio ?? Number.NaN),
    ];
  });
  printTable('This version beside another one', ['what', 'other', 'this', 'this to other'], rows);
  compareKernels(base);
}
