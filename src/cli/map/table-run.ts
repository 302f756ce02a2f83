/** What the commands that read tables do beside their rows: files, signals, packing, progress, errors. */
import { createReadStream, type Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { addAbortSignal, Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { CompileError, Engine, TrapError } from '../../index.ts';
import type { IpcInput } from '../arrow/ipc-input.ts';
import { ipcKind, kindBytes } from '../arrow/ipc-kind.ts';
import { loadArrow } from '../arrow/load-arrow.ts';
import { CommandFailure, ExitCode, type Terminal } from '../command.ts';
import { formatCount, formatError, messageOf } from '../format.ts';
import { paletteFor } from '../style.ts';
import { ColumnFormulaError } from './columns.ts';
import { type CsvTable, countRows, openCsv } from './csv-table.ts';
import { failureOf, untilInterrupted } from './interruption.ts';
import { replaceFile } from './output-file.ts';
import { ProgressBar } from './progress-bar.ts';
import type { RowCounts, TableRun } from './run-context.ts';
import { severalFormulas, type TableJob } from './table-options.ts';
import { openBytes, openText, restoreText } from './text-source.ts';

/** Writes what becomes of a table, piece by piece. */
export type TableTransform = (table: CsvTable, run: TableRun) => AsyncIterable<Uint8Array>;

/** The same for a table of Arrow's. */
export type ArrowTransform = (input: IpcInput, run: TableRun) => AsyncIterable<Uint8Array>;

/** What a command does with tables. */
export interface TableWork {
  /** Whether it needs to know how many rows there are. They are counted first. */
  readonly needsLength: boolean;
  readonly csv: TableTransform;
  readonly arrow: ArrowTransform;
}

/**
 * Reads a table and writes what becomes of it: to a file, packed if its name ends in `.gz`, or to standard output. Gives the exit
 * code.
 *
 * @throws CommandFailure for what goes wrong with files and their content.
 */
export async function runTable(job: TableJob, terminal: Terminal, work: TableWork): Promise<number> {
  const { stderr, env } = terminal;
  try {
    return await untilInterrupted(terminal, (signal) => perform(job, terminal, work, signal));
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
  work: TableWork,
  signal: AbortSignal,
): Promise<void> {
  const { out, writesUtf8 } = job;
  using engine = new Engine();
  const { input, size, length, arrowPath } = await openInput(job, stdin, work, signal);
  const counts: RowCounts = { read: 0, notNumbers: new Map() };
  const bar = new ProgressBar(stderr, size, () => counts.read);
  const pieces = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
    const run: TableRun = { engine, counts, signal, length };
    const bytes = await openBytes(chunks);
    const kind = ipcKind(bytes.begin);
    if (kind !== undefined) {
      const onRead = (count: number): void => bar.add(count);
      yield* work.arrow({ kind, chunks: bytes.chunks, path: arrowPath, onRead }, run);
      return;
    }
    const source = openText(bytes, job.encoding);
    const table = await openCsv(source, job.delimiter);
    const written = work.csv(table, run);
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
  /** Of a file of Arrow's, which is read at random; the input is only its begin. */
  readonly arrowPath: string | undefined;
}

/** A file is read twice to count its rows; what cannot be is held in memory. */
async function openInput(
  job: TableJob,
  stdin: Readable,
  { needsLength }: TableWork,
  signal: AbortSignal,
): Promise<Input> {
  const { file } = job;
  const status = file === undefined ? undefined : await statusOf(file);
  const isFile = status?.isFile() === true;
  const arrowPath = isFile && file !== undefined && (await isArrowFile(file)) ? file : undefined;
  const end = arrowPath === undefined ? Number.POSITIVE_INFINITY : kindBytes - 1;
  const open = (): Readable =>
    file === undefined ? stdin : createReadStream(file, { highWaterMark: chunkSize, end });
  const size = status?.size;
  const lengthOf = (input: Readable): Promise<number> => countTable(input, job, arrowPath);
  if (!needsLength) return { input: open(), size, length: undefined, arrowPath };
  if (isFile)
    return { input: open(), size, length: await lengthOf(addAbortSignal(signal, open())), arrowPath };
  const chunks: Buffer[] = [];
  for await (const chunk of addAbortSignal(signal, open())) chunks.push(chunk);
  const replay = (): Readable => Readable.from(chunks, { objectMode: false });
  return { input: replay(), size, length: await lengthOf(replay()), arrowPath };
}

async function statusOf(file: string): Promise<Stats> {
  try {
    return await stat(file);
  } catch (error) {
    if (!/[(*+^<>=]/.test(file)) throw error;
    throw new CommandFailure(`${messageOf(error)}; ${severalFormulas}`);
  }
}

async function isArrowFile(path: string): Promise<boolean> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(kindBytes), 0, kindBytes, 0);
  return ipcKind(buffer.subarray(0, bytesRead)) === 'file';
}

async function countTable(
  input: Readable,
  { encoding, delimiter }: TableJob,
  path: string | undefined,
): Promise<number> {
  const bytes = await openBytes(input);
  const kind = ipcKind(bytes.begin);
  if (kind === undefined) return countRows(await openCsv(openText(bytes, encoding), delimiter));
  const { countIpcRows } = await loadArrow();
  return countIpcRows({ kind, chunks: bytes.chunks, path, onRead() {} });
}

/** Names that are shown at most. */
const mostNames = 50;

function listOf(names: readonly string[]): string {
  const shown = names.slice(0, mostNames).join(', ');
  return names.length > mostNames ? `${shown} and ${names.length - mostNames} more` : shown;
}
