import type { Readable, Writable } from 'node:stream';

/** Where a command reads and writes; `process` is one. */
export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable;
}

export const ExitCode = Object.freeze({
  Success: 0,
  /** The source has errors, or its evaluation failed. */
  Failure: 1,
  /** The command line itself makes no sense. */
  Usage: 2,
} as const);

/** What a module of a subcommand exports as `command`. */
export interface Command {
  /** What `--help` prints. */
  readonly help: string;
  /** Gives the exit code, one of {@link ExitCode}. Throws {@link UsageError}. */
  run(args: readonly string[], terminal: Terminal): number | Promise<number>;
}

/** A command line that makes no sense: the message says why, and is followed by where to find help. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** By name, since a loader may give a subcommand, which is imported when it runs, an instance of this module of its own. */
export function isUsageError(error: unknown): error is UsageError {
  return error instanceof Error && error.name === 'UsageError';
}
