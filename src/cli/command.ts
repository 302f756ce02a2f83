import type { Readable, Writable } from 'node:stream';

/** Where a command reads and writes; `process` is one. */
export interface Terminal {
  readonly stdin: Readable & {
    readonly isTTY?: boolean;
    readonly isRaw?: boolean;
    setRawMode?(isRaw: boolean): unknown;
  };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What Ctrl-C and its like do, instead of ending the process. */
  on?(event: EndingSignal, listener: () => void): unknown;
  off?(event: EndingSignal, listener: () => void): unknown;
}

export type EndingSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** Sizes are those of a terminal, in characters. */
export type OutputStream = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

export const ExitCode = Object.freeze({
  Success: 0,
  /** The source has errors, or its evaluation or what it needs failed. */
  Failure: 1,
  /** The command line itself makes no sense. */
  Usage: 2,
  /** Ended by Ctrl-C: as shells count it, 128 and the number of the signal. */
  Interrupted: 130,
} as const);

/** What a module of a subcommand exports as `command`. */
export interface Command {
  /** What `--help` prints. */
  readonly help: string;
  /** Gives the exit code, one of {@link ExitCode}. Throws {@link UsageError}, {@link HelpRequest}, {@link CommandFailure}. */
  run(args: readonly string[], terminal: Terminal): number | Promise<number>;
}

/** A subcommand that is not loaded yet. */
export interface CommandEntry {
  readonly summary: string;
  readonly load: () => Promise<{ command: Command }>;
}

/** A command line that makes no sense: the message says why, and is followed by where to find help. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** `--help` among the arguments. */
export class HelpRequest extends Error {
  override readonly name = 'HelpRequest';
}

/** Something that a command needs cannot be had, a file for example; the message is for people. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
}

/** By name, since a loader may give a subcommand, which is imported when it runs, an instance of this module of its own. */
export function isUsageError(error: unknown): error is UsageError {
  return error instanceof Error && error.name === 'UsageError';
}

export function isHelpRequest(error: unknown): error is HelpRequest {
  return error instanceof Error && error.name === 'HelpRequest';
}

export function isCommandFailure(error: unknown): error is CommandFailure {
  return error instanceof Error && error.name === 'CommandFailure';
}
