import { createRequire } from 'node:module';
import { suggestName } from '../support/suggest-name.ts';
import {
  ExitCode,
  isCommandFailure,
  isHelpRequest,
  isUsageError,
  type Terminal,
  UsageError,
} from './command.ts';
import { commands } from './commands.ts';

/** Runs one command line (without `node` and the script) and gives the exit code. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await dispatch(args, terminal);
  } catch (error) {
    if (isCommandFailure(error)) {
      terminal.stderr.write(`exprjit: ${error.message}\n`);
      return ExitCode.Failure;
    }
    if (!isUsageError(error)) throw error;
    const topic = Object.hasOwn(commands, args[0] ?? '') ? `exprjit ${args[0]}` : 'exprjit';
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
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry === undefined) {
    if (!isProgramFile(name)) throw noCommand(name);
    const { runFile } = await import('./run-file.ts');
    return runFile(name, rest, terminal);
  }
  const { command } = await entry.load();
  try {
    if (rest[0] !== '--help' && rest[0] !== '-h') return await command.run(rest, terminal);
  } catch (error) {
    if (!isHelpRequest(error)) throw error;
  }
  terminal.stdout.write(command.help);
  return ExitCode.Success;
}

/** Commands have names without dots and slashes. */
function isProgramFile(name: string): boolean {
  return !name.startsWith('-') && (name.endsWith('.expr') || /[/\\]/.test(name));
}

function noCommand(name: string): UsageError {
  const meant = suggestName(name, Object.keys(commands));
  return new UsageError(
    `there is no command '${name}'${meant === undefined ? '' : `; did you mean '${meant}'?`}`,
  );
}

function overview(): string {
  const list = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`);
  return `Formulas, compiled to machine code and run.

Usage: exprjit [command] [arguments]

${list.join('\n')}

Without a command, 'repl'. 'exprjit <command> --help' says more about one. 'exprjit file.expr name=value…' evaluates what
is in a file.

  -h, --help      print this
  -v, --version   print the version

Exit code: 0 on success, 1 if a formula has errors or something fails, 2 if the command line makes no sense, 130 if
ended by Ctrl-C. Colours follow NO_COLOR and FORCE_COLOR.
`;
}
