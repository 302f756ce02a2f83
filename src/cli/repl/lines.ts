import { createInterface } from 'node:readline';
import { ExitCode, type Terminal } from '../command.ts';
import { formatError } from '../format.ts';
import { formatResult } from '../format-result.ts';
import { screenFor } from '../plot/screen.ts';
import { paletteFor } from '../style.ts';
import { InputBuffer, type LineActions, runInput } from './inputs.ts';
import { runCommand } from './run-command.ts';
import { Session } from './session.ts';

/**
 * Evaluates input that is no terminal as it comes, line by line, and prints each value. A line that ends in the
 * middle of something is continued by the next. Stops at the first error.
 */
export async function runLines({ stdin, stdout, stderr, env }: Terminal): Promise<number> {
  using session = new Session();
  const palette = paletteFor(stderr, env);
  const context = {
    session,
    palette: paletteFor(stdout, env),
    screen: screenFor(stdout, env),
    columns: 80,
    print: (text: string) => void stdout.write(`${text}\n`),
  };
  const actions: LineActions = {
    show({ value }) {
      if (value !== undefined) stdout.write(`${formatResult(value)}\n`);
    },
    runCommand: (line) => runCommand(line, context, (text) => stderr.write(`${text.trimEnd()}\n`)),
  };
  const buffer = new InputBuffer(session);
  const lines = createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) {
    try {
      const end = await runInput(line, buffer, actions);
      if (end === 'exit') return ExitCode.Success;
      if (end === 'failed') return ExitCode.Failure;
    } catch (error) {
      stderr.write(formatError(error, palette));
      return ExitCode.Failure;
    }
  }
  if (buffer.incomplete === undefined) return ExitCode.Success;
  stderr.write(formatError(buffer.incomplete.error, palette));
  return ExitCode.Failure;
}
