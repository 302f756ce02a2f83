import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CompileError, TrapError } from '../index.ts';
import { parseCommand } from './arguments.ts';
import { type Command, CommandFailure, ExitCode, type Terminal, UsageError } from './command.ts';
import { formatCount, formatError, messageOf } from './format.ts';
import { readCsv } from './map/csv-reader.ts';
import { type MapCounts, type MapRequest, mapRows } from './map/map-rows.ts';
import { replaceFile } from './map/output-file.ts';
import { ProgressBar } from './map/progress-bar.ts';
import { csvFormat, jsonFormat } from './map/row-formats.ts';
import { BomFilter, decodeUtf8 } from './map/utf8.ts';
import { paletteFor } from './style.ts';

const help = `Computes a formula for every row of a CSV file and adds the value as a column.

Usage: exprjit map [options] <formula> [file.csv]

The first line must be headings, no two alike; the formula knows columns by them, with _ for what names cannot
contain. Without a file, or for -, standard input is read. Tables of any length are read piece by piece. Cells that are
empty or no numbers count as nan.

  --as <heading>      heading of the new column; 'result' if left out
  --filter <formula>  only rows for which this is true
  --out <file>        write to a file, which may be the one that is read; it appears when it is complete
  --delimiter <char>  what stands between cells; a comma if left out, 'tab' for tabs
  --json              write one JSON object a line

  exprjit map --as total 'price * quantity' orders.csv
  exprjit map --filter 'precipitation > 0' '(temp_max + temp_min)/2' weather.csv | head
`;

const options = {
  as: { type: 'string' },
  filter: { type: 'string' },
  out: { type: 'string', short: 'o' },
  delimiter: { type: 'string', short: 'd' },
  json: { type: 'boolean' },
} as const;

interface Job extends MapRequest {
  /** Undefined: standard input. */
  readonly file: string | undefined;
  /** Undefined: standard output. */
  readonly out: string | undefined;
  readonly delimiter: string;
  readonly json: boolean;
}

async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const job = parseJob(args);
  const { stderr, env } = terminal;
  const interruption = new AbortController();
  let exitCode: number = ExitCode.Interrupted;
  const listeners = endings.map(([signal, code]) => {
    const listener = (): void => {
      exitCode = code;
      interruption.abort();
    };
    terminal.on?.(signal, listener);
    return [signal, listener] as const;
  });
  try {
    await perform(job, terminal, interruption.signal);
    return ExitCode.Success;
  } catch (error) {
    if (interruption.signal.aborted) return exitCode;
    if (error instanceof CompileError || error instanceof TrapError) {
      stderr.write(formatError(error, paletteFor(stderr, env)));
      return ExitCode.Failure;
    }
    throw failureOf(error);
  } finally {
    for (const [signal, listener] of listeners) terminal.off?.(signal, listener);
  }
}

/** Signals that end the command, after it has cleared up, and the exit codes that shells give them. */
const endings = [
  ['SIGINT', ExitCode.Interrupted],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const;

function parseJob(args: readonly string[]): Job {
  const { values, positionals } = parseCommand('map', args, options);
  const [formula, file, surplus] = positionals;
  if (formula === undefined) throw new UsageError('map needs a formula');
  if (surplus !== undefined) throw new UsageError(`map takes one file, but got '${surplus}' as well`);
  const { as: heading = 'result', filter, out, delimiter = ',', json = false } = values;
  return {
    formula,
    filter,
    heading,
    file: file === '-' ? undefined : file,
    out,
    delimiter: parseDelimiter(delimiter),
    json,
  };
}

function parseDelimiter(text: string): string {
  if (text === 'tab') return '\t';
  if ([...text].length === 1 && !/["\r\n]/.test(text)) return text;
  throw new UsageError(
    `--delimiter must be one character, but no quote and no line break, or 'tab', not ${JSON.stringify(text)}`,
  );
}

async function perform(job: Job, { stdin, stdout, stderr }: Terminal, signal: AbortSignal): Promise<void> {
  const { file, out, delimiter, json } = job;
  const size = file === undefined ? undefined : (await stat(file)).size;
  const counts: MapCounts = { read: 0, written: 0, notNumbers: new Map() };
  const bar = new ProgressBar(stderr, size, () => counts.read);
  const mark = new BomFilter();
  const format = json ? jsonFormat() : csvFormat(delimiter);
  const input = file === undefined ? stdin : createReadStream(file);
  const map = (chunks: AsyncIterable<Buffer>): AsyncIterable<string> => {
    const rows = readCsv(mark.strip(decodeUtf8(chunks)), delimiter);
    const texts = mapRows(rows, job, format, counts, signal);
    return json ? texts : mark.restore(texts);
  };
  const write = (target: Writable, end: boolean) =>
    pipeline(input, bar.meter(), map, target, { signal, end });
  try {
    if (out === undefined) await write(stdout, false);
    else await replaceFile(out, (target) => write(target, true));
  } finally {
    bar.end();
  }
  for (const [heading, count] of counts.notNumbers) {
    const cells = count === 1 ? '1 cell' : `${formatCount(count)} cells`;
    stderr.write(`note: ${cells} of '${heading}' without a number, counted as nan\n`);
  }
}

/** What goes wrong with files and their content is no fault of the program. */
function failureOf(error: unknown): unknown {
  const isExpected = error instanceof Error && 'syscall' in error;
  return isExpected ? new CommandFailure(messageOf(error)) : error;
}

export const command: Command = { help, run };
