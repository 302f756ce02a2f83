import { parseCommand } from './arguments.ts';
import { type Command, type Terminal, UsageError } from './command.ts';

const help = `Evaluates what you type and keeps what you define.

Usage: exprjit [repl]

  let r = 2                a value
  area(x) = pi * x^2       a function
  area(r)                  an expression
  .help                    commands: machine code, memory, plots and more

An input that ends in the middle of something goes on in the next line. Input that is no terminal is evaluated line
by line; the first error ends it with exit code 1.

What is typed is kept in $XDG_STATE_HOME/exprjit/history (~/.local/state if that is not set), or in the file that
EXPRJIT_HISTORY names, or nowhere if that is empty.
`;

async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const { positionals } = parseCommand('repl', args, {});
  if (positionals[0] !== undefined)
    throw new UsageError(`repl takes no argument, but got '${positionals[0]}'`);
  if (terminal.stdin.isTTY !== true) {
    const { runLines } = await import('./repl/lines.ts');
    return runLines(terminal);
  }
  const { runPrompt } = await import('./repl/prompt.ts');
  return runPrompt(terminal);
}

export const command: Command = { help, run };
