import { createRequire } from 'node:module';
import {
  type Command,
  ExitCode,
  isCommandFailure,
  isHelpRequest,
  isUsageError,
  type Terminal,
  UsageError,
} from './command.ts';

interface Entry {
  readonly summary: string;
  readonly load: () => Promise<{ command: Command }>;
}

/** Subcommands load when they run: starting must cost no more than the command needs. */
const commands: Readonly<Record<string, Entry>> = {
  eval: { summary: 'evaluate an expression', load: () => import('./eval.ts') },
  repl: { summary: 'evaluate what you type, line by line', load: () => import('./repl.ts') },
  map: { summary: 'compute formulas for every row of a CSV file', load: () => import('./map.ts') },
  reduce: {
    summary: 'sums, means and the like of a CSV file, also of groups',
    load: () => import('./reduce.ts'),
  },
  merge: { summary: 'merge states of reductions, from shards or machines', load: () => import('./merge.ts') },
  plot: { summary: 'draw curves and heat maps, here or as SVG or PNG', load: () => import('./plot.ts') },
  asm: { summary: 'print the machine code of a formula', load: () => import('./asm.ts') },
  ir: { summary: 'print what the optimiser makes of a formula', load: () => import('./ir.ts') },
  wasm: { summary: 'write a WebAssembly module of a formula', load: () => import('./wasm.ts') },
  inspect: { summary: 'run a script and watch its engines in a browser', load: () => import('./inspect.ts') },
  bench: { summary: 'measure this machine', load: () => import('./bench.ts') },
  doctor: { summary: 'say what works on this machine', load: () => import('./doctor.ts') },
};

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
  if (entry === undefined) throw new UsageError(`there is no command '${name}'`);
  const { command } = await entry.load();
  try {
    if (rest[0] !== '--help' && rest[0] !== '-h') return await command.run(rest, terminal);
  } catch (error) {
    if (!isHelpRequest(error)) throw error;
  }
  terminal.stdout.write(command.help);
  return ExitCode.Success;
}

function overview(): string {
  const list = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(8)} ${summary}`);
  return `Formulas, compiled to machine code and run.

Usage: exprjit [command] [arguments]

${list.join('\n')}

Without a command, 'repl'. 'exprjit <command> --help' says more about one.

  -h, --help      print this
  -v, --version   print the version

Exit code: 0 on success, 1 if a formula has errors or something fails, 2 if the command line makes no sense, 130 if
ended by Ctrl-C. Colours follow NO_COLOR and FORCE_COLOR.
`;
}
