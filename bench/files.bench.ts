/**
 * Processor time of `exprjit map` and `exprjit reduce` over a file, beside Miller and mawk where they are installed, and the bounds that this project
 * has set itself. mawk computes the same, but writes six digits, and knows no quotes; with all digits it stands there as well.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, medianRatio } from './support/statistics.ts';
import { formatRatio, formatTime, printTable } from './support/table.ts';

const cli = fileURLToPath(new URL('../dist/cli.cjs', import.meta.url));
const rowCount = 1_000_000;
const rounds = 7;

interface Program {
  readonly name: string;
  /** Undefined: it is there, since this is it. */
  readonly command: string | undefined;
  readonly args: readonly string[];
  /** How many times its processor time ours may be. */
  readonly bound?: number;
}

interface Job {
  readonly title: string;
  readonly programs: readonly Program[];
}

const ours = (args: readonly string[]): Program => ({ name: 'exprjit', command: undefined, args });
const miller = (...verbs: string[]): Program => ({
  name: 'Miller',
  command: 'mlr',
  args: ['--icsv', '--ocsv', ...verbs],
  bound: 1,
});
const mawk = (program: string, bound?: number): Program => ({
  name: 'mawk',
  command: 'mawk',
  args: ['-F,', '-v', 'OFS=,', program],
  ...(bound === undefined ? {} : { bound }),
});
const withAllDigits = ({ args, ...program }: Program): Program => ({
  ...program,
  name: 'mawk, all digits',
  args: ['-v', 'OFMT=%.17g', ...args],
});

const product = mawk('NR == 1 { print $0, "total"; next } { print $0, $2*$3 }');

const jobs: readonly Job[] = [
  {
    title: 'total = price*quantity, as a column more',
    programs: [
      ours(['map', '--as', 'total', 'price*quantity']),
      miller('put', '$total = $price * $quantity'),
      { ...product, bound: 2.5 },
      withAllDigits(product),
    ],
  },
  {
    title: 'rows with quantity > 50 and price < 500',
    programs: [
      ours(['map', '--filter', 'quantity > 50 && price < 500']),
      miller('filter', '$quantity > 50 && $price < 500'),
      mawk('NR == 1 || ($3 > 50 && $2 < 500)'),
    ],
  },
  {
    title: 'sums of price*quantity by country',
    programs: [
      ours(['reduce', '--by', 'country', '--as', 'total=sum(price*quantity)']),
      miller(
        'put',
        '$total = $price * $quantity',
        'then',
        'stats1',
        '-a',
        'sum',
        '-f',
        'total',
        '-g',
        'country',
      ),
      mawk('NR > 1 { total[$4] += $2*$3 } END { for (country in total) print country, total[country] }'),
    ],
  },
];

export function run(): void {
  const folder = mkdtempSync(join(tmpdir(), 'exprjit-files-'));
  try {
    const file = join(folder, 'orders.csv');
    writeOrders(file);
    for (const job of jobs) measure(job, file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Of `id,price,quantity,country`. */
function writeOrders(file: string): void {
  const countries = ['DE', 'FR', 'GB', 'IT', 'JP', 'NL', 'PL', 'US'];
  const descriptor = openSync(file, 'w');
  let state = 1;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 8;
  };
  let text = 'id,price,quantity,country\n';
  for (let id = 1; id <= rowCount; id++) {
    text += `${id},${(next() % 100_000) / 100},${(next() % 100) + 1},${countries[next() % countries.length]}\n`;
    if (text.length < 2 ** 20 && id < rowCount) continue;
    writeSync(descriptor, text);
    text = '';
  }
  closeSync(descriptor);
}

function measure({ title, programs }: Job, file: string): void {
  const present = programs.filter(({ command }) => command === undefined || isInstalled(command));
  const times = present.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, program] of present.entries()) times[index]?.push(processorTime(program, file));
  }
  const own = times[0] ?? [];
  const rows = programs.map((program) => {
    const samples = times[present.indexOf(program)];
    if (samples === undefined) return [program.name, 'not installed', '', ''];
    const { bound } = program;
    return [
      program.name,
      formatTime(median(samples) * 1e9),
      formatRatio(medianRatio(own, samples)),
      bound === undefined ? '–' : formatRatio(bound),
    ];
  });
  printTable(
    `${title}: ${rowCount.toLocaleString('en')} rows, medians of ${rounds} that take turns`,
    ['', 'processor time', 'exprjit to it', 'bound'],
    rows,
  );
}

function isInstalled(command: string): boolean {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined;
}

/** Seconds that the process and its threads computed, in the program and in the system. */
function processorTime({ command, args }: Program, file: string): number {
  const line = [...(command === undefined ? [process.execPath, cli] : [command]), ...args, file];
  // The shell's own times come first, those of what it has run second.
  const script = '"$@" > /dev/null || exit 1; times';
  const [, children = ''] = execFileSync('sh', ['-c', script, 'sh', ...line], { encoding: 'utf8' }).split(
    '\n',
  );
  const [user, system] = children.split(' ').map(secondsOf);
  return (user ?? Number.NaN) + (system ?? Number.NaN);
}

/** Of `1m2.5s`. */
function secondsOf(text: string): number {
  const [minutes, seconds] = text.replace('s', '').split('m').map(Number);
  return (minutes ?? Number.NaN) * 60 + (seconds ?? Number.NaN);
}
