import { EventEmitter } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { runCommandLine } from '../../src/cli/command-line.ts';

export interface Outcome<Output = string> {
  readonly code: number;
  readonly out: Output;
  readonly err: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Whether standard output and error say that they are terminals. */
  readonly isTTY?: boolean;
  /** Gets what stands for the process, to send it signals. */
  readonly onStart?: (signals: EventEmitter) => void;
}

/** Runs the command in this process, on streams of its own. */
export async function run(
  args: readonly string[],
  input?: string | Readable,
  options?: RunOptions,
): Promise<Outcome> {
  const { code, out, err } = await runForBytes(args, input, options);
  // Decoded by hand: consumers and decoders take byte order marks away.
  return { code, out: out.toString(), err };
}

/** The same, with output that is no text. */
export async function runForBytes(
  args: readonly string[],
  input: string | Readable = '',
  { env = {}, isTTY = false, onStart }: RunOptions = {},
): Promise<Outcome<Buffer>> {
  const stdin = typeof input === 'string' ? new PassThrough().end(input) : input;
  const stdout = Object.assign(new PassThrough(), { isTTY, columns: 80 });
  const stderr = Object.assign(new PassThrough(), { isTTY, columns: 80 });
  const signals = new EventEmitter();
  const terminal = Object.assign(signals, { stdin, stdout, stderr, env });
  const outputs = Promise.all([buffer(stdout), buffer(stderr)]);
  onStart?.(signals);
  const code = await runCommandLine(args, terminal);
  stdout.end();
  stderr.end();
  const [out, err] = await outputs;
  return { code, out, err: err.toString() };
}
