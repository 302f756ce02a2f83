/**
 * One job over the shards of a table, each by a process of its own, and the same bits for any number of shards: GNU parallel runs
 * `exprjit reduce --state` for every shard, and `exprjit merge` makes the table of what came out.
 *
 *     node --import=tsx examples/14-shards/main.ts
 *
 * Here the processes are of this machine. With `--sshlogin` parallel starts them on others, see docs/scale.md.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const { resolve } = createRequire(import.meta.url);
const exprjit = [process.execPath, join(dirname(resolve('exprjit/package.json')), 'dist', 'cli.cjs')];

// What is to be known of the weather in Seattle, by kind of weather.
const job = [
  ...['--by', 'weather'],
  ...['--as', 'days=count()'],
  ...['--as', 'mean=mean((temp_min + temp_max) / 2)'],
  ...['--as', 'rain=sum(precipitation)'],
  ...['--as', 'hottest=max(temp_max)'],
];

function run(command: readonly string[]): string {
  const [program = '', ...args] = command;
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (error !== undefined && program === 'parallel') {
    throw new Error("this example needs GNU parallel: Debian's package parallel", { cause: error });
  }
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`);
  return stdout;
}

/** Deals the rows of a table out to so many files, which have its headings. */
function divide(table: string, count: number, folder: string): string[] {
  const [headings, ...rows] = readFileSync(table, 'utf8').trimEnd().split('\n');
  const hands: string[][] = [];
  for (let shard = 0; shard < count; shard++) hands.push([]);
  for (const [index, row] of rows.entries()) hands[index % count]?.push(row);
  return hands.map((hand, shard) => {
    const file = join(folder, `${count}-${shard}.csv`);
    writeFileSync(file, `${[headings, ...hand].join('\n')}\n`);
    return file;
  });
}

const table = join(dirname(resolve('vega-datasets')), '..', 'data', 'seattle-weather.csv');
const whole = run([...exprjit, 'reduce', '--exact', ...job, table]);
process.stdout.write(whole);

const folder = mkdtempSync(join(tmpdir(), 'exprjit-shards-'));
try {
  for (const count of [1, 2, 7]) {
    const shards = divide(table, count, folder);
    // {} is a shard, and {.} is it without its ending. --quote: formulas go through the shell that parallel starts.
    const reduce = [...exprjit, 'reduce', '--state', '{.}.state', ...job, '{}'];
    run(['parallel', '--halt', 'now,fail=1', '--quote', ...reduce, ':::', ...shards]);
    const merged = run([...exprjit, 'merge', ...shards.map((file) => file.replace(/csv$/, 'state'))]);
    console.log(
      `${count} ${count === 1 ? 'shard ' : 'shards'}: ${merged === whole ? 'the same' : 'something else'}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
