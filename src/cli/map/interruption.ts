/** How commands end that read and write files: early by a signal, or by what is wrong with the files. */
import { CommandFailure, ExitCode, type Terminal } from '../command.ts';
import { messageOf } from '../format.ts';

/** Signals that end the command, after it has cleared up, and the exit codes that shells give them. */
const endings = [
  ['SIGINT', ExitCode.Interrupted],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const;

/**
 * Gives the exit code of a task, which a signal stops by the one that it gets.
 *
 * Rejects with what the task rejects with, unless it was stopped.
 */
export async function untilInterrupted(
  terminal: Terminal,
  task: (signal: AbortSignal) => Promise<void>,
): Promise<number> {
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
    await task(interruption.signal);
    return ExitCode.Success;
  } catch (error) {
    if (interruption.signal.aborted) return exitCode;
    throw error;
  } finally {
    for (const [signal, listener] of listeners) terminal.off?.(signal, listener);
  }
}

/** What goes wrong with files and their content is no fault of the program. */
export function failureOf(error: unknown): unknown {
  const isExpected = error instanceof Error && 'syscall' in error;
  return isExpected ? new CommandFailure(messageOf(error)) : error;
}
