import { runMain } from 'node:module';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { inspectEngines } from '../index.ts';
import { type Command, type Terminal, UsageError } from './command.ts';

const help = `Runs a script, with a web page in which to watch its engines: memory, functions, machine code.

Usage: exprjit inspect [--port <number>] [--stay] <script> [arguments…]

  --port <number>   where the page is; any free port if left out
  --stay            keep the page when the script has ended, until Ctrl-C

The address is printed to standard error. It is for this machine only, and nobody can read the page without the
token in it. Engines in worker threads are not shown.

  exprjit inspect --stay server.js --verbose
`;

async function run(args: readonly string[], { stderr }: Terminal): Promise<number> {
  const { script, scriptArguments, port, stay } = parse(args);
  const inspector = await inspectEngines({ port });
  stderr.write(`exprjit inspector: ${inspector.url}\n`);
  if (stay) process.once('beforeExit', () => wait(stderr));
  process.argv.splice(1, Number.POSITIVE_INFINITY, script, ...scriptArguments);
  runMain(script);
  return Number(process.exitCode ?? 0);
}

function parse(args: readonly string[]) {
  // What follows the script is the script's.
  const scriptAt = args.findIndex((arg, index) => !arg.startsWith('-') && args[index - 1] !== '--port');
  const script = args[scriptAt];
  const { port = '0', stay } = parseOptions(scriptAt < 0 ? args : args.slice(0, scriptAt));
  if (script === undefined) throw new UsageError('inspect needs a script');
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) {
    throw new UsageError(`--port must be a number from 0 to 65535, not '${port}'`);
  }
  return { script: resolve(script), scriptArguments: args.slice(scriptAt + 1), port: Number(port), stay };
}

function parseOptions(args: readonly string[]) {
  const options = { port: { type: 'string' }, stay: { type: 'boolean', default: false } } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Keeps the process until it is interrupted. */
function wait(stderr: Terminal['stderr']): void {
  stderr.write('The script has ended. Ctrl-C closes the page.\n');
  setInterval(() => {}, 2 ** 30);
}

export const command: Command = { help, run };
