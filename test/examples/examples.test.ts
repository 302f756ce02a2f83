import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { requireAddon } from '../../src/native/loader.ts';
import { runNode } from '../support/run-node.ts';

const picture = join(tmpdir(), `exprjit-mandelbrot-${process.pid}.png`);
const chart = join(tmpdir(), `exprjit-columns-${process.pid}.svg`);

/** What each example is run with, and what has to be in its output. */
const runs: readonly {
  example: string;
  args?: readonly string[];
  status?: number;
  output: readonly RegExp[];
  /** Whether it shows machine code. */
  native?: boolean;
}[] = [
  {
    example: '01-embed',
    native: true,
    output: [
      /hypotenuse\(3, 4\) = 5\n/,
      /\d+ bytes of machine code:\nmain\$frame:\n.*sqrtsd/s,
      /after 3 s: 44\.16 m/,
      /did you mean `gravity`/,
      /1 function alive, \d+ bytes in use/,
    ],
  },
  {
    example: '02-weather',
    output: [/1461 days from 2012-01-01 to 2015-12-31/, /mean 12\.34\n/, /max {2}26\.70 on 2014-08-11/],
  },
  {
    example: '02-weather',
    args: ['temp_max > 30 && precipitation == 0'],
    output: [/true on 52 days, the first 2012-08-04/],
  },
  {
    example: '02-weather',
    args: ['tmp_max * 2'],
    status: 1,
    output: [/E_UNKNOWN_NAME.*1 \| tmp_max \* 2\n.*\^{7}\n.*did you mean `temp_max`/s, /The columns are/],
  },
  {
    example: '03-signal',
    output: [
      /480000 samples, 10 s\npower 0\.2434, smoothed 0\.2365\n/,
      /what was removed: -19\.3 dB\nenvelope between 0\.40 and 1\.26\n/,
      /23799 samples beyond 0\.95, first at 424\n 0 s [▁-█]+\n/,
    ],
  },
  {
    example: '04-dataframe',
    output: [
      /200000 flights\nmean distance 1173\.6 km\n/,
      /on time +52\.8 %\n.*more +5\.4 %\n/s,
      /time < 12: 136 flights, the first in row 1\nmean delay of these 192\.8 min/,
    ],
  },
  {
    example: '04-dataframe',
    args: ['dely > 60'],
    status: 1,
    output: [/did you mean `delay`/, /The columns are delay, distance, time/],
  },
  {
    example: '05-mandelbrot',
    args: [picture, '96'],
    output: [/96 × 64 points in \d+ ms\n/, /25\.\d % inside; wrote .*\.png/],
  },
  {
    example: '07-spreadsheet',
    output: [
      /net 200, gross 238\.00\n/,
      /changing A1 computed A1, A3, B3: gross 357\.00/,
      /at another rate: gross 321\.00/,
      /1 \| A1 \+ gros\(A2\).*did you mean `gross`/s,
      /A1 would depend on itself\nstill: gross 321\.00/,
      /computed 1003 cells: D1000 is 1000/,
    ],
  },
  {
    example: '08-plugin',
    native: true,
    output: [
      /^function main\(f64, f64\): f64 \{\nb0\(v0: f64, v1: f64\):\n {2}v2 = fmul v1, v1\n/,
      /main\$frame:\n.*sqrtsd xmm0, xmm0/s,
      /hypotenuse\(3, 4\) = 5\nreciprocal\(8\) = 0\.125, reciprocal\(0\) = 0\n/,
      /no program: a word needs more numbers than there are/,
      /1 function, \d+ bytes\nafter the release: this compiled function was released/,
    ],
  },
  { example: '09-workers', output: [/in worker threads: 3\.141592654\n/] },
  {
    example: '10-brainfuck',
    output: [
      /^2\n3\n5\n.*\n251\nthe same as JavaScript: true\n\d+\.\d times as fast as V8\n/s,
      /\+\[\] E_FUEL: 'main' runs too long.*\n<\+ E_BOUNDS: 'main' accesses memory out of bounds\n\+\] '\]' without '\['/,
    ],
  },
  {
    example: '10-brainfuck',
    args: ['examples/10-brainfuck/programs/hello.bf', '--cells=10'],
    output: [/^Hello, world!\n$/],
  },
  {
    example: '11-lox-like',
    args: ['examples/11-lox-like/programs/primes.lox'],
    output: [/^78498\n999983\n37550402023\n$/],
  },
  {
    example: '13-curve-fit',
    output: [
      /^741 months from March 1958\nstep 1: off by 17\.0444 ppm\n/,
      /off by 0\.9405 ppm\nbase +258\.5192\nexcess +54\.9814\nrate +0\.0166\nswing +2\.8514\npeak +0\.3514\n/,
      /1960: 0\.94 ppm a year\n.*2020: 2\.55 ppm a year\n$/s,
    ],
  },
  {
    example: '15-columns',
    args: [chart],
    output: [
      /^746 months, 5 without a measurement\nJan 0\.06, .* May 3\.09, .* Oct -3\.31, Nov -2\.05, Dec -0\.89\n/,
      /1960s: 0\.86 ppm a year\n.*2010s: 2\.40 ppm a year\n/s,
    ],
  },
];

/** Examples that have a test of their own. */
const runElsewhere = ['06-server', '12-browser', '14-shards'];

describe('examples', () => {
  after(() => {
    for (const file of [picture, chart]) rmSync(file, { force: true });
  });

  for (const { example, args = [], status = 0, output, native } of runs) {
    it([example, ...args].join(' '), async () => {
      if (native === true) requireAddon();
      const run = await runNode(['--import=tsx', `examples/${example}/main.ts`, ...args]);
      expect(run).to.include({ status });
      for (const pattern of output) expect(run.stdout + run.stderr).to.match(pattern);
    });
  }

  it('draw the picture of docs/columns.md', () => {
    const inDocs = new URL('../../docs/img/columns.svg', import.meta.url);
    expect(readFileSync(chart, 'utf8')).to.equal(readFileSync(inDocs, 'utf8'));
  });

  it('are all run', () => {
    const folders = readdirSync(new URL('../../examples', import.meta.url));
    expect([...new Set([...runElsewhere, ...runs.map(({ example }) => example)])].sort()).to.deep.equal(
      folders.sort(),
    );
  });
});
