/** What the commands that read tables do beside their rows: files, signals, packing, progress, errors. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { addAbortSignal, Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { CompileError, Engine, TrapError } from '../../index.ts';
import { ExitCode, type Terminal } from '../command.ts';
import { formatCount, formatError } from '../format.ts';
import { paletteFor } from '../style.ts';
import { ColumnFormulaError } from './columns.ts';
import { type CsvTable, countRows, openCsv } from './csv-table.ts';
import { failureOf, untilInterrupted } from './interruption.ts';
import { replaceFile } from './output-file.ts';
import { ProgressBar } from './progress-bar.ts';
import type { TableJob } from './table-options.ts';
import { openText, restoreText } from './text-source.ts';

/** What became of the rows. */
export interface RowCounts {
  read: number;
  /** Cells that were used and are no numbers, by heading. */
  readonly notNumbers: Map<string, number>;
}

export interface TableRun {
  readonly engine: Engine;
  readonly counts: RowCounts;
  /** Stops what computes. */
  readonly signal: AbortSignal;
  /** How many rows the table has, where the job needs to know. */
  readonly length: number | undefined;
}

/** Writes what becomes of a table, piece by piece. */
export type TableTransform = (table: CsvTable, run: TableRun) => AsyncIterable<Uint8Array>;

/**
 * Reads a table and writes what becomes of it: to a file, packed if its name ends in `.gz`, or to standard output. Gives the exit
 * code. If `needsLength`, the rows are counted first.
 *
 * @throws CommandFailure for what goes wrong with files and their content.
 */
export async function runTable(
  job: TableJob,
  terminal: Terminal,
  needsLength: boolean,
  transform: TableTransform,
): Promise<number> {
  const { stderr, env } = terminal;
  try {
    return await untilInterrupted(terminal, (signal) =>
      perform(job, terminal, needsLength, transform, signal),
    );
  } catch (error) {
    const cause = error instanceof ColumnFormulaError ? error.error : error;
    if (!(cause instanceof CompileError || cause instanceof TrapError)) throw failureOf(error);
    stderr.write(formatError(cause, paletteFor(stderr, env)));
    if (error instanceof ColumnFormulaError && error.names.length > 0) {
      stderr.write(`columns: ${listOf(error.names)}\n`);
    }
    return ExitCode.Failure;
  }
}

async function perform(
  job: TableJob,
  { stdin, stdout, stderr }: Terminal,
  needsLength: boolean,
  transform: TableTransform,
  signal: AbortSignal,
): Promise<void> {
  const { out, writesUtf8 } = job;
  using engine = new Engine();
  const { input, size, length } = await openInput(job, stdin, needsLength, signal);
  const counts: RowCounts = { read: 0, notNumbers: new Map() };
  const bar = new ProgressBar(stderr, size, () => counts.read);
  const pieces = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
    const source = await openText(chunks, job.encoding);
    const table = await openCsv(source, job.delimiter);
    const written = transform(table, { engine, counts, signal, length });
    yield* writesUtf8 ? written : restoreText(written, source.form);
  };
  const write = (target: Writable, end: boolean): Promise<void> =>
    out?.endsWith('.gz') === true
      ? pipeline(input, bar.meter(), pieces, createGzip(), target, { signal, end })
      : pipeline(input, bar.meter(), pieces, target, { signal, end });
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

/** Bytes that are read at once: a batch of rows. */
const chunkSize = 2 ** 18;

interface Input {
  readonly input: Readable;
  /** Bytes, if that is known beforehand. */
  readonly size: number | undefined;
  /** Rows, if somebody needs to know. */
  readonly length: number | undefined;
}

/** A file is read twice to count its rows; what cannot be is held in memory. */
async function openInput(
  job: TableJob,
  stdin: Readable,
  needsLength: boolean,
  signal: AbortSignal,
): Promise<Input> {
  const { file } = job;
  const status = file === undefined ? undefined : await stat(file);
  const open = (): Readable =>
    file === undefined ? stdin : createReadStream(file, { highWaterMark: chunkSize });
  const size = status?.size;
  if (!needsLength) return { input: open(), size, length: undefined };
  if (status?.isFile() === true) {
    return { input: open(), size, length: await lengthOf(addAbortSignal(signal, open()), job) };
  }
  const chunks: Buffer[] = [];
  for await (const chunk of addAbortSignal(signal, open())) chunks.push(chunk);
  const replay = (): Readable => Readable.from(chunks, { objectMode: false });
  return { input: replay(), size, length: await lengthOf(replay(), job) };
}

async function lengthOf(input: Readable, { encoding, delimiter }: TableJob): Promise<number> {
  return countRows(await openCsv(await openText(input, encoding), delimiter));
}

/** Names that are shown at most. */
const mostNames = 50;

function listOf(names: readonly string[]): string {
  const shown = names.slice(0, mostNames).join(', ');
  return names.length > mostNames ? `${shown} and ${names.length - mostNames} more` : shown;
}
