import { createReadStream } from 'node:fs';
import { addAbortSignal, type Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { parseCommand } from './arguments.ts';
import { type Command, CommandFailure, isCommandFailure, type Terminal, UsageError } from './command.ts';
import { failureOf, untilInterrupted } from './map/interruption.ts';
import { replaceFile } from './map/output-file.ts';
import { readStates } from './reduce/read-states.ts';
import { StateMerger } from './reduce/state-merger.ts';
import { parseStateTarget, stateOptions } from './reduce/state-options.ts';

const help = `Merges states that 'exprjit reduce --state' wrote, and prints the table of all their rows.

Usage: exprjit merge [options] [state …]

It is what 'exprjit reduce --exact' prints of all rows together, to the bit: however they were divided, and in whichever order the
states come. Without a file, or for -, standard input is read; a file may be packed by gzip, and have several states.

  --out <file>     write to a file, which may be one of those that are read; it appears when it is complete
  --json           write one JSON object a line
  --state <file>   write the merged state instead of the table, to standard output for -

  exprjit reduce --state a.state 'mean(price)' a.csv
  exprjit reduce --state b.state 'mean(price)' b.csv
  exprjit merge a.state b.state
`;

const options = {
  out: { type: 'string', short: 'o' },
  json: { type: 'boolean' },
  ...stateOptions,
} as const;

async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseCommand('merge', args, options);
  const target = parseStateTarget(values);
  const files = positionals.length === 0 ? ['-'] : positionals;
  const [, again] = files.filter((file) => file === '-');
  if (again !== undefined) throw new UsageError('standard input can be read only once');
  try {
    return await untilInterrupted(terminal, async (signal) => {
      const merger = new StateMerger();
      for (const file of files) await readFile(file, terminal.stdin, merger, signal);
      const pieces = target.isState ? merger.state() : merger.table(values.json === true);
      const write = (to: Writable, end: boolean): Promise<void> =>
        target.out?.endsWith('.gz') === true
          ? pipeline(pieces, createGzip(), to, { signal, end })
          : pipeline(pieces, to, { signal, end });
      if (target.out === undefined) await write(terminal.stdout, false);
      else await replaceFile(target.out, (to) => write(to, true));
    });
  } catch (error) {
    throw failureOf(error);
  }
}

async function readFile(
  file: string,
  stdin: Readable,
  merger: StateMerger,
  signal: AbortSignal,
): Promise<void> {
  const stream: Readable = file === '-' ? stdin : createReadStream(file);
  try {
    await readStates(addAbortSignal(signal, stream), merger);
  } catch (error) {
    if (!isCommandFailure(error)) throw error;
    throw new CommandFailure(`${file === '-' ? 'standard input' : file}: ${error.message}`);
  } finally {
    stream.destroy();
  }
}

export const command: Command = { help, run };
