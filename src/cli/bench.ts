import { Engine } from '../index.ts';
import { parseCommand, parseCount } from './arguments.ts';
import { type Command, ExitCode, type Terminal, UsageError } from './command.ts';
import { formatDuration } from './format.ts';
import { type Palette, paletteFor } from './style.ts';
import { type Repeat, type Timing, timeInTurns } from './timing.ts';

const help = `Measures this machine: calling and compiling a few formulas, beside JavaScript made with new Function.

Usage: exprjit bench [--samples <n>] [--json]

  --samples <n>   samples of each, the median counts; 9 if left out
  --json          print [{"formula", "call", "compile"}], each with nanoseconds of "exprjit" and "javascript"

Each compilation is of a new text. Both sides take turns, so that a busy machine slows both. 'npm run bench' in a checkout measures more, and against more.
`;

/** A formula, and what JavaScript calls the same. */
const workloads = [
  { formula: 'x*y + y', javascript: 'x*y + y' },
  { formula: 'sqrt(x*x + y*y)', javascript: 'Math.sqrt(x*x + y*y)' },
  { formula: '(x < y ? x*2 : y*y - 1)', javascript: '(x < y ? x*2 : y*y - 1)' },
  { formula: 'sin(x)*cos(y) + exp(-x*x)', javascript: 'Math.sin(x)*Math.cos(y) + Math.exp(-x*x)' },
] as const;

/** Compilations for each sample that is taken later. */
const warmUpPerSample = 500;

type Binary = (x: number, y: number) => number;

interface Pair {
  readonly exprjit: number;
  readonly javascript: number;
}

interface Measurement {
  readonly formula: string;
  /** Nanoseconds. */
  readonly call: Pair;
  readonly compile: Pair;
}

function run(args: readonly string[], { stdout, env }: Terminal): number {
  const options = { samples: { type: 'string' }, json: { type: 'boolean' } } as const;
  const { values, positionals } = parseCommand('bench', args, options);
  if (positionals[0] !== undefined)
    throw new UsageError(`bench takes no argument, but got '${positionals[0]}'`);
  const samples = parseCount('samples', values.samples, { least: 1, most: 1000, fallback: 9 });
  using engine = new Engine();
  warmUp(engine, samples * warmUpPerSample);
  const results = workloads.map(({ formula, javascript }) => measure(engine, formula, javascript, samples));
  stdout.write(
    values.json === true ? `${JSON.stringify(results)}\n` : report(results, paletteFor(stdout, env)),
  );
  return ExitCode.Success;
}

/** Compiles so many formulas that V8 gets to know the compiler, which is far larger than what it compiles. */
function warmUp(engine: Engine, count: number): void {
  for (let serial = 0; serial < count; serial++) {
    const { formula } = workloads[serial % workloads.length] as (typeof workloads)[number];
    engine.compile(`${formula} + ${serial}`, ['x', 'y']).release();
  }
}

function measure(engine: Engine, formula: string, javascript: string, samples: number): Measurement {
  using compiled = engine.compile(formula, ['x', 'y']);
  let serial = 0;
  const [call, peerCall, compile, peerCompile] = timeInTurns(
    [
      caller(compiled),
      caller(makeFunction(javascript)),
      (times) => {
        for (let i = 0; i < times; i++) {
          const f = engine.compile(`${formula} + ${serial++}`, ['x', 'y']);
          f(i, 1);
          f.release();
        }
      },
      (times) => {
        // V8 keeps what it compiled; a number that changes makes each text a new one.
        for (let i = 0; i < times; i++) makeFunction(`${javascript} + ${serial++}`)(i, 1);
      },
    ],
    { samples },
  );
  const pair = (ours: Timing | undefined, theirs: Timing | undefined): Pair => ({
    exprjit: ours?.median ?? Number.NaN,
    javascript: theirs?.median ?? Number.NaN,
  });
  return { formula, call: pair(call, peerCall), compile: pair(compile, peerCompile) };
}

function makeFunction(body: string): Binary {
  return new Function('x', 'y', `return ${body}`) as Binary;
}

/** A loop of its own for each function, so that V8 may do to each what it does best. */
function caller(f: Binary): Repeat {
  const body = 'let sum = 0; for (let i = 0; i < calls; i++) sum += f(i & 7, 0.5); return sum;';
  const loop = new Function('f', 'calls', body) as (f: Binary, calls: number) => number;
  return (calls) => void loop(f, calls);
}

function report(results: readonly Measurement[], palette: Palette): string {
  const width = Math.max(...results.map(({ formula }) => formula.length));
  const columns = ({ exprjit, javascript }: Pair): string =>
    [formatDuration(exprjit), formatDuration(javascript), `${(exprjit / javascript).toFixed(2)} x`]
      .map((text) => text.padStart(11))
      .join('');
  const head = (title: string): string => title.padStart(33);
  const names = ['exprjit', 'JavaScript', 'ratio'].map((text) => text.padStart(11)).join('');
  return [
    palette.bold(`${' '.repeat(width)}${head('a call')}${head('compile, call once, release')}`),
    palette.bold(`${'formula'.padEnd(width)}${names}${names}`),
    ...results.map(
      ({ formula, call, compile }) => `${formula.padEnd(width)}${columns(call)}${columns(compile)}`,
    ),
    '',
    inWords(results),
    '',
  ].join('\n');
}

/** What the ratios mean. */
function inWords(results: readonly Measurement[]): string {
  const range = (ratios: number[]): string =>
    `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)} times as long as JavaScript's`;
  const ratio = ({ exprjit, javascript }: Pair): number => exprjit / javascript;
  return `Below 1, exprjit is faster. Here a call takes ${range(results.map(({ call }) => ratio(call)))}, and a new
formula, called once, ${range(results.map(({ compile }) => ratio(compile)))}. V8 puts functions of JavaScript
into the loop that calls them, and what it has not made it can only call; formulas over whole arrays (map) need no such calls.`;
}

export const command: Command = { help, run };
