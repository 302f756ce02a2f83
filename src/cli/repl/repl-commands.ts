import { readFileSync, writeFileSync } from 'node:fs';
import { type FeatureLevel, featureLevels, hostReport } from '../../index.ts';
import { formatBytes, formatCount, formatDuration } from '../format.ts';
import { formatResult } from '../format-result.ts';
import { type Timing, timeCalls } from '../timing.ts';
import { utf8Text } from '../utf8-text.ts';
import { hostView } from '../views/host-view.ts';
import { irView } from '../views/ir-view.ts';
import { listingTitle, listingView } from '../views/listing-view.ts';
import { memoryView } from '../views/memory-view.ts';
import { formulasOf } from './formula-words.ts';
import { help } from './help.ts';
import { namesView } from './names-view.ts';
import { showOutcome } from './outcome.ts';
import {
  BadArgument,
  commandNamed,
  type ReplCommand,
  type ReplContext,
  words,
  wordsOf,
} from './repl-command.ts';
import { runProgram } from './run-program.ts';
import { tablePoints } from './table-points.ts';

/** Characters that a plot needs, however narrow the terminal is. */
const narrowest = 24;

/** Every command of the prompt, in the order of `.help`. */
export const replCommands: readonly ReplCommand[] = [
  {
    name: '.asm',
    usage: '[--kernel] <f> [level]',
    summary:
      'machine code of a function or an expression, or of its loop over columns, for sse2, sse4.1, avx2 or avx512',
    example: '.asm f sse2',
    argument: 'names',
    run(argument, { session, palette, print }) {
      const [, flag, formula = ''] = /^(--kernel(?:\s+|$))?(.*)$/s.exec(argument) ?? [];
      const { source, level } = splitLevel(formula, '.asm');
      const kernel = flag === undefined ? {} : { kernel: 'f64' as const };
      const { code, parameters, resultType } = session.explain(source, { ...level, ...kernel });
      if (code === undefined) throw new BadArgument('there is no machine code without the native addon');
      if (code.listing === '') throw new BadArgument(`'${source}' is a value and has no code`);
      print(palette.dim(listingTitle(code, resultType === undefined ? [] : parameters)));
      print(listingView(code.listing, palette));
    },
  },
  {
    name: '.ir',
    usage: '<f>',
    summary: 'intermediate representation, before the optimiser and after each pass',
    example: '.ir f',
    argument: 'names',
    run(argument, { session, palette, print }) {
      print(irView(session.explain(required(argument, '.ir')).ir, palette));
    },
  },
  {
    name: '.ast',
    usage: '<f>',
    summary: 'syntax tree',
    example: '.ast f',
    argument: 'names',
    run(argument, { session, print }) {
      print(session.explain(required(argument, '.ast')).ast);
    },
  },
  {
    name: '.mem',
    usage: '',
    summary: 'executable memory: pools, blocks and spans, and how full they are',
    example: '.mem',
    run(_, { session, palette, columns, print }) {
      print(memoryView(session.memory, session.statistics.memory, session.residents, palette, columns));
    },
  },
  {
    name: '.time',
    usage: '<expression>',
    summary: 'what one evaluation takes, called from JavaScript',
    example: '.time f(a, b)',
    argument: 'names',
    run(argument, { session, palette, print }) {
      const timing = session.repeat(required(argument, '.time'), (loop) => timeCalls(loop, { budget: 2000 }));
      print(`${palette.bold(formatDuration(timing.median))} a call ${palette.dim(`(${spreadOf(timing)})`)}`);
    },
  },
  {
    name: '.plot',
    usage: '<f>… <a> <b> [file]',
    summary:
      'curves of functions or of expressions with one free name, or a heat map of two, here or in a file .svg or .png',
    example: '.plot sin(x)/x cos -20 20',
    argument: 'names',
    run: plot,
  },
  {
    name: '.table',
    usage: '<f> <a> <b> <step>',
    summary: 'values of a function or of an expression with one free name',
    example: '.table sqrt 0 2 0.25',
    argument: 'names',
    run: table,
  },
  {
    name: '.names',
    usage: '',
    summary: 'what is defined, with types and sizes',
    example: '.names',
    run(_, { session, palette, columns, print }) {
      print(namesView(session, palette, columns));
    },
  },
  {
    name: '.release',
    usage: '<f>',
    summary: 'forget a definition and give the memory of its code back',
    example: '.release f',
    argument: 'names',
    run(argument, { session, print }) {
      const name = required(argument, '.release');
      const size = session.codeSize(name);
      session.release(name);
      print(size === undefined ? `released ${name}` : `released ${name}, ${formatBytes(size)}`);
    },
  },
  {
    name: '.reset',
    usage: '',
    summary: 'forget all definitions',
    example: '.reset',
    run(_, { session, print }) {
      const count = session.definitions.length;
      session.reset();
      print(`forgot ${count} definition${count === 1 ? '' : 's'}`);
    },
  },
  {
    name: '.save',
    usage: '<file>',
    summary: 'write the definitions to a file: functions as written, values as they are',
    example: '.save session.expr',
    argument: 'files',
    run(argument, { session, print }) {
      const file = fileName(argument, '.save');
      writeFileSync(file, session.save());
      const count = session.definitions.length;
      print(`saved ${count} definition${count === 1 ? '' : 's'} to ${file}`);
    },
  },
  {
    name: '.load',
    usage: '<file>',
    summary: 'run a file as one program, commands included',
    example: '.load session.expr',
    argument: 'files',
    async run(argument, context, runCommand) {
      const file = fileName(argument, '.load');
      const text = readText(file).replace(/\r\n?/g, '\n');
      const runSource = (source: string): void => showOutcome(context.session.run(source), context);
      await runProgram({ text, file }, { runSource, runCommand });
    },
  },
  {
    name: '.doctor',
    usage: '',
    summary: 'what works on this machine',
    example: '.doctor',
    run(_, { session, palette, columns, print }) {
      print(hostView(hostReport(), session.statistics, palette, columns));
    },
  },
  {
    name: '.help',
    usage: '[name]',
    summary: 'what can be typed here, or what a command, a function or a constant does',
    example: '.help atan2',
    argument: 'topics',
    run: (argument, context) => help(argument, context, replCommands),
  },
];

/** The command of that name, with or without its dot. */
export function findCommand(name: string): ReplCommand | undefined {
  return commandNamed(name, replCommands);
}

async function plot(argument: string, { session, screen, columns, print }: ReplContext): Promise<void> {
  const parts = wordsOf(argument);
  const { pictureFile } = await import('../plot/picture-file.ts');
  const file = pictureFile(parts.at(-1)?.text ?? '');
  if (file !== undefined) parts.pop();
  if (parts.length < 3) throw new BadArgument('.plot needs a function and 2 numbers');
  const ends = parts.splice(-2).map(({ text }) => text);
  const requested = [...formulasOf(parts), ...ends];
  const { figureOf, labelsOf } = await import('../plot/figure.ts');
  const { pictureOf, pictureResolution, terminalFigure, terminalResolution } = await import(
    '../plot/draw-figure.ts'
  );
  if (file === undefined) {
    const size = { width: Math.min(Math.max(columns, narrowest), 100), height: 18 };
    const figure = figureOf(session, requested, terminalResolution(screen, size));
    print(terminalFigure(figure, screen, size));
    return;
  }
  const figure = figureOf(session, requested, pictureResolution);
  writeFileSync(file.name, file.encode(pictureOf(figure)));
  print(`drew ${labelsOf(figure).join(', ')} to ${file.name}`);
}

function table(argument: string, { session, palette, print }: ReplContext): void {
  const { source, rest } = splitEnd(words(argument), 3, '.table');
  const [from = '', to = '', by = ''] = rest;
  const points = tablePoints(session.range(from, to), session.evaluate(by));
  // Printed when nothing can be interrupted any more: a stream that stops in the middle of writing is of no use.
  const { label, rows } = session.graph(source, (label, f) => ({
    label,
    rows: points.map((x) => [formatResult(x), formatResult(f(x))] as const),
  }));
  const width = Math.max(...rows.map(([x]) => x.length), 1);
  print(palette.bold(`${'x'.padStart(width)}  ${label}`));
  for (const [x, y] of rows) print(`${x.padStart(width)}  ${palette.yellow(y)}`);
}

/** How sure a timing is: what takes seconds is called once. */
function spreadOf({ lowerQuartile, upperQuartile, samples, calls }: Timing): string {
  const what = calls === 1 ? 'calls' : `samples of ${formatCount(calls)} calls`;
  if (samples === 1) return `one sample of ${formatCount(calls)} ${calls === 1 ? 'call' : 'calls'}`;
  return `half of ${samples} ${what}: ${formatDuration(lowerQuartile)} to ${formatDuration(upperQuartile)}`;
}

function required(argument: string, command: string): string {
  if (argument === '') throw new BadArgument(`${command} needs something to work on`);
  return argument;
}

function fileName(argument: string, command: string): string {
  const [file, surplus] = words(argument);
  if (file === undefined || surplus !== undefined)
    throw new BadArgument(`${command} needs the name of one file`);
  return file;
}

function readText(file: string): string {
  const text = utf8Text(readFileSync(file));
  if (text === undefined) throw new Error(`${file}: the text is not UTF-8`);
  return text;
}

function splitLevel(argument: string, command: string): { source: string; level: { cpu?: FeatureLevel } } {
  const last = /^(.*\S)\s+(\S+)$/s.exec(required(argument, command));
  const cpu = featureLevels.find((level) => level === last?.[2]);
  return cpu === undefined || last === null
    ? { source: argument, level: {} }
    : { source: last[1] ?? argument, level: { cpu } };
}

/** The last `count` words, and the formula before them, which may have blanks. */
function splitEnd(
  parts: readonly string[],
  count: number,
  command: string,
): { source: string; rest: string[] } {
  if (parts.length <= count) throw new BadArgument(`${command} needs a function and ${count} numbers`);
  return { source: parts.slice(0, -count).join(' '), rest: parts.slice(-count) };
}
