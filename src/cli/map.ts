import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { CompileError, TrapError } from '../index.ts';
import { parseCommand } from './arguments.ts';
import { type Command, CommandFailure, ExitCode, type Terminal, UsageError } from './command.ts';
import { formatCount, formatError, messageOf } from './format.ts';
import { type MapCounts, type MapRequest, mapRows } from './map/map-rows.ts';
import { ProgressBar } from './map/progress-bar.ts';
import { csvFormat, jsonFormat } from './map/row-formats.ts';
import { paletteFor } from './style.ts';

const help = `Computes a formula for every row of a CSV file and adds the value as a column.

Usage: exprjit map [options] <formula> [file.csv]

The first line must be headings; the formula knows columns by them, with _ for what names cannot contain. Without a
file, or for -, standard input is read. Tables of any length are read piece by piece. Cells that are empty or no
numbers count as nan.

  --as <heading>      heading of the new column; 'result' if left out
  --filter <formula>  only rows for which this is true
  --out <file>        write to a file, which may be the one that is read; it appears when it is complete
  --delimiter <text>  what stands between cells; a comma if left out, 'tab' for tabs
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
  const interrupt = (): void => interruption.abort();
  terminal.on?.('SIGINT', interrupt);
  try {
    await perform(job, terminal, interruption.signal);
    return ExitCode.Success;
  } catch (error) {
    if (interruption.signal.aborted) return ExitCode.Interrupted;
    if (error instanceof CompileError || error instanceof TrapError) {
      stderr.write(formatError(error, paletteFor(stderr, env)));
      return ExitCode.Failure;
    }
    throw failureOf(error);
  } finally {
    terminal.off?.('SIGINT', interrupt);
  }
}

function parseJob(args: readonly string[]): Job {
  const { values, positionals } = parseCommand('map', args, options);
  const [formula, file, surplus] = positionals;
  if (formula === undefined) throw new UsageError('map needs a formula');
  if (surplus !== undefined) throw new UsageError(`map takes one file, but got '${surplus}' as well`);
  const { as: heading = 'result', filter, out, delimiter = ',', json = false } = values;
  if (delimiter === '') throw new UsageError('--delimiter must not be empty');
  return {
    formula,
    filter,
    heading,
    file: file === '-' ? undefined : file,
    out,
    delimiter: delimiter === 'tab' ? '\t' : delimiter,
    json,
  };
}

async function perform(job: Job, { stdin, stdout, stderr }: Terminal, signal: AbortSignal): Promise<void> {
  const { file, out, delimiter, json } = job;
  const size = file === undefined ? undefined : (await stat(file)).size;
  const counts: MapCounts = { read: 0, written: 0, notNumbers: new Map() };
  const bar = new ProgressBar(stderr, size, () => counts.read);
  const parser = parse({ delimiter, bom: true, skip_empty_lines: true });
  const format = json ? jsonFormat() : csvFormat(delimiter);
  const input = file === undefined ? stdin : createReadStream(file);
  const map = (records: AsyncIterable<string[]>) => mapRows(records, job, format, counts);
  // Next to its final place, so that renaming cannot fail for want of room.
  const partial = out === undefined ? undefined : `${out}.${process.pid}.partial`;
  try {
    if (partial === undefined || out === undefined) {
      await pipeline(input, bar.meter(), parser, map, stdout, { signal, end: false });
    } else {
      const target = await open(partial, 'w');
      await pipeline(input, bar.meter(), parser, map, target.createWriteStream(), { signal });
      await rename(partial, out);
    }
  } catch (error) {
    if (partial !== undefined) await rm(partial, { force: true });
    throw error;
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
  const isExpected = error instanceof CsvError || (error instanceof Error && 'syscall' in error);
  return isExpected ? new CommandFailure(messageOf(error)) : error;
}

export const command: Command = { help, run };
