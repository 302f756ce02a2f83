import { createRequire } from 'node:module';
import { type Command, ExitCode, isUsageError, type Terminal, UsageError } from './command.ts';

/** Subcommands load when they run: starting must cost no more than the command needs. */
const commands: ReadonlyMap<string, { summary: string; load: () => Promise<{ command: Command }> }> = new Map(
  [
    ['eval', { summary: 'evaluate an expression', load: () => import('./eval.ts') }],
    [
      'inspect',
      { summary: 'run a script and watch its engines in a browser', load: () => import('./inspect.ts') },
    ],
    ['repl', { summary: 'evaluate what you type, line by line', load: () => import('./repl.ts') }],
  ],
);

/** Runs one command line (without `node` and the script) and gives the exit code. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await dispatch(args, terminal);
  } catch (error) {
    if (!isUsageError(error)) throw error;
    const topic = commands.has(args[0] ?? '') ? `exprjit ${args[0]}` : 'exprjit';
    terminal.stderr.write(`exprjit: ${error.message}\nTry '${topic} --help'.\n`);
    return ExitCode.Usage;
  }
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name = 'repl', ...rest] = args;
  if (name === '--help' || name === '-h' || name === 'help') {
    terminal.stdout.write(overview());
    return ExitCode.Success;
  }
  if (name === '--version' || name === '-v') {
    const { version } = createRequire(import.meta.url)('exprjit/package.json') as { version: string };
    terminal.stdout.write(`${version}\n`);
    return ExitCode.Success;
  }
  const entry = commands.get(name);
  if (entry === undefined) throw new UsageError(`there is no command '${name}'`);
  const { command } = await entry.load();
  if (rest[0] === '--help' || rest[0] === '-h') {
    terminal.stdout.write(command.help);
    return ExitCode.Success;
  }
  return command.run(rest, terminal);
}

function overview(): string {
  const list = [...commands].map(([name, { summary }]) => `  ${name.padEnd(6)} ${summary}`);
  return `Formulas, compiled to machine code and run.

Usage: exprjit [command] [arguments]

${list.join('\n')}

Without a command, 'repl'. 'exprjit <command> --help' says more about one.

  -h, --help      print this
  -v, --version   print the version

Exit code: 0 on success, 1 if a source has errors or its evaluation fails, 2 if the command line makes no sense.
`;
}
