/**
 * What columns are for, beside loops that V8 compiles: each case in a table of its own, with a bound where the project has set itself one.
 * Before anything is measured, all ways of a case must agree with its loop.
 */
import { Engine } from 'exprjit';
import { run as runNulls } from './columns.nulls.ts';
import { type Candidate, compare } from './support/compare.ts';
import { formatRatio, formatTime, printTable } from './support/table.ts';

interface Way {
  readonly name: string;
  /** What comes out; the first way's is right. */
  readonly run: () => number | Float64Array;
  /** Most times that the first way takes, at which it is to be done. */
  readonly bound?: number;
  /** How far from the first way's result it may be, relatively. */
  readonly tolerance?: number;
}

interface Case {
  readonly title: string;
  readonly rows: number;
  /** The first is what the others are compared with. */
  readonly ways: (engine: Engine) => readonly Way[];
}

const million = 1_000_000;
const roundingOfSums = 1e-9;

function column(rows: number, value: (row: number) => number): Float64Array {
  const elements = new Float64Array(rows);
  for (let row = 0; row < rows; row++) elements[row] = value(row);
  return elements;
}

/** A loop of V8's, compiled from a text of its own, so that no two share what V8 learns. */
function loop<Result extends number | Float64Array>(
  parameters: string,
  body: string,
): (...values: unknown[]) => Result {
  return new Function(...parameters.split(', '), body) as (...values: unknown[]) => Result;
}

function exactSums(
  title: string,
  rows: number,
  bound: number | undefined,
  value: (row: number) => number,
): Case {
  return {
    title,
    rows,
    ways: (engine) => {
      const x = column(rows, value);
      const sum = loop<number>(
        'x',
        'let sum = 0; for (let i = 0; i < x.length; i++) sum += x[i]; return sum;',
      );
      const [plain, exact] = [engine.compile('x', ['x']), engine.compile('x', ['x'])];
      return [
        { name: "reduce('sum')", run: () => plain.reduce('sum', { x }) },
        {
          name: "reduce('sum', …, { exact: true })",
          run: () => exact.reduce('sum', { x }, { exact: true }),
          tolerance: roundingOfSums,
          ...(bound === undefined ? {} : { bound }),
        },
        { name: "V8's loop, rounded", run: () => sum(x), tolerance: roundingOfSums },
      ];
    },
  };
}

const groupSum: Case = {
  title: 'sums of x*y by 1,000 keys, a million rows',
  rows: million,
  ways: (engine) => {
    const [x, y] = [column(million, Math.sin), column(million, Math.cos)];
    const by = Int32Array.from(column(million, (row) => (row * 7919) % 1000));
    const f = engine.compile('x*y', ['x', 'y']);
    const sums = loop<Float64Array>(
      'x, y, by',
      'const sums = new Float64Array(1000); for (let i = 0; i < x.length; i++) sums[by[i]] += x[i] * y[i]; return sums;',
    );
    return [
      { name: "V8's loop", run: () => sums(x, y, by) },
      { name: 'reduceBy', run: () => f.reduceBy('sum', { x, y }, { by, groups: 1000 }), bound: 1 },
    ];
  },
};

const cases: readonly Case[] = [
  exactSums('exact sum of a million rows', million, 4, (row) => Math.sin(row) * 1000),
  exactSums(
    'exact sum of a million rows over 20 decades',
    million,
    undefined,
    (row) => 10 ** (((row * 7919) % 2000) / 100 - 10),
  ),
  groupSum,
];

export function run(): void {
  for (const each of cases) {
    using engine = new Engine({ backend: 'native' });
    const ways = each.ways(engine);
    requireAgreement(each.title, ways);
    const candidates = ways.map(({ name, run: once }): Candidate => {
      return {
        name,
        run: (iterations) => {
          for (let i = 0; i < iterations; i++) once();
        },
      };
    });
    const rows = compare(candidates).map(({ name, nanoseconds, ratio }, index) => {
      const bound = ways[index]?.bound;
      return [
        name,
        formatTime(nanoseconds / each.rows),
        formatRatio(ratio),
        bound === undefined ? '–' : formatRatio(bound),
      ];
    });
    printTable(each.title, ['', 'per row', `to ${ways[0]?.name}`, 'bound'], rows);
  }
  runNulls();
}

function requireAgreement(title: string, ways: readonly Way[]): void {
  const valuesOf = (way: Way): Float64Array => {
    const result = way.run();
    return typeof result === 'number' ? Float64Array.of(result) : result;
  };
  const [expected, ...others] = ways.map((way) => ({ way, values: valuesOf(way) }));
  for (const { way, values } of others) {
    values.forEach((value, i) => {
      const right = expected?.values[i] ?? Number.NaN;
      if (Object.is(value, right) || Math.abs(value - right) <= (way.tolerance ?? 0) * Math.abs(right))
        return;
      throw new Error(`${title}: ${way.name} gives ${value} instead of ${right} at ${i}`);
    });
  }
}
