import { createInterface } from 'node:readline';
import { ExitCode, type Terminal } from './command.ts';
import { formatError } from './format.ts';
import { isBlank, isIncomplete, Session } from './session.ts';

/**
 * Evaluates input that is no terminal as it comes, line by line, and prints each value. A line that ends in the
 * middle of something is continued by the next. Stops at the first error.
 */
export async function runLines(terminal: Terminal): Promise<number> {
  const session = new Session();
  const lines = createInterface({ input: terminal.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  let pending = '';
  let failure: unknown;
  for await (const line of lines) {
    const source = pending + line;
    pending = '';
    if (isBlank(source)) continue;
    try {
      const result = session.run(source);
      if (result !== undefined) terminal.stdout.write(`${result}\n`);
      failure = undefined;
    } catch (error) {
      failure = error;
      if (!isIncomplete(error)) break;
      pending = `${source}\n`;
    }
  }
  if (failure === undefined) return ExitCode.Success;
  terminal.stderr.write(formatError(failure));
  return ExitCode.Failure;
}
