/** What a kernel costs beside its rows, and what a second thread is worth. */
import { availableParallelism } from 'node:os';
import { Engine } from '../src/engine/engine.ts';
import { median } from './support/statistics.ts';
import { formatRatio, formatTime, printTable } from './support/table.ts';

const calls = 200_000;
const rounds = 9;
/** Short runs and many of them: neighbours only ever add to time on the clock, so the best of each counts. */
const threadRounds = 100;

/** Compute-bound kernels, on vectors and row by row, over rows that take some milliseconds. */
const computeBound: readonly (readonly [source: string, rows: number])[] = [
  ['1/(x + 1) + 1/(x + 2) + 1/(x + 3) + 1/(x + 4) + sqrt(x + 5) + sqrt(x + 6) + 1/(x*x + 7)', 1_000_000],
  ['sin(x)*cos(x) + exp(-x*x)', 200_000],
  ['sum(i, 1, 20, x/i)', 100_000],
];

export async function benchmarkThreads(): Promise<void> {
  using engine = new Engine({ backend: 'native' });
  printFixedCost(engine);
  const rows: string[][] = [];
  for (const [source, length] of computeBound) rows.push(await compareThreads(engine, source, length));
  const title = `mapAsync on shared columns, ${availableParallelism()} cores: best time on the clock`;
  printTable(title, ['expression', 'one thread', 'two threads', 'speed'], rows);
}

function printFixedCost(engine: Engine): void {
  using f = engine.compile('x*y + y', ['x', 'y']);
  const [x, y, out] = [new Float64Array(1), new Float64Array(1), new Float64Array(1)];
  const ways: readonly [name: string, call: () => unknown][] = [
    ['map({ x, y }, { out })', () => f.map({ x, y }, { out })],
    ['map({ x, y })', () => f.map({ x, y })],
    ["reduce('sum', { x, y })", () => f.reduce('sum', { x, y })],
  ];
  const cells = ways.map(([name, call]) => {
    const times = Array.from({ length: rounds }, () => {
      const start = process.cpuUsage();
      for (let i = 0; i < calls; i++) call();
      const { user, system } = process.cpuUsage(start);
      return ((user + system) * 1000) / calls;
    });
    return [name, formatTime(median(times))];
  });
  printTable('Kernels over one row: processor time of a call', ['call', 'time'], cells);
}

async function compareThreads(engine: Engine, source: string, length: number): Promise<string[]> {
  using f = engine.compile(source, ['x']);
  const x = new Float64Array(new SharedArrayBuffer(8 * length));
  for (let row = 0; row < length; row++) x[row] = (row % 1000) / 500;
  const out = new Float64Array(new SharedArrayBuffer(8 * length));
  const time = async (threads: number): Promise<number> => {
    const start = process.hrtime.bigint();
    await f.mapAsync({ x }, { out, threads });
    return Number(process.hrtime.bigint() - start);
  };
  let [one, two] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < threadRounds; round++) {
    one = Math.min(one, await time(1));
    two = Math.min(two, await time(2));
  }
  return [source, formatTime(one), formatTime(two), formatRatio(one / two)];
}
