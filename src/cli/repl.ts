import { type REPLEval, Recoverable, start } from 'node:repl';
import { type Command, ExitCode, type Terminal, UsageError } from './command.ts';
import { formatError } from './format.ts';
import { runLines } from './lines.ts';
import { isBlank, isIncomplete, Session } from './session.ts';

const help = `Evaluates what you type and keeps what you define.

Usage: exprjit [repl]

  let r = 2                a value
  area(x) = pi * x^2       a function
  area(r)                  an expression

An input that ends in the middle of something goes on in the next line. Input that is no terminal is evaluated line
by line; the first error ends it with exit code 1.
`;

function run(args: readonly string[], terminal: Terminal): number | Promise<number> {
  if (args[0] !== undefined) throw new UsageError(`repl takes no argument, but got '${args[0]}'`);
  return terminal.stdin.isTTY === true ? runInteractively(terminal) : runLines(terminal);
}

function runInteractively({ stdin, stdout }: Terminal): Promise<number> {
  const session = new Session();
  const evaluate: REPLEval = (input, _context, _file, callback) => {
    const source = input.replace(/\n$/, '');
    if (isBlank(source)) return callback(null, undefined);
    try {
      callback(null, session.run(source));
    } catch (error) {
      callback(isIncomplete(error) ? new Recoverable(error as Error) : null, formatError(error).trimEnd());
    }
  };
  const repl = start({
    prompt: '> ',
    input: stdin,
    output: stdout,
    eval: evaluate,
    writer: (text: string) => text,
    ignoreUndefined: true,
  });
  return new Promise((resolve) => {
    repl.once('exit', () => resolve(ExitCode.Success));
  });
}

export const command: Command = { help, run };
