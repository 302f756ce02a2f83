import { writeFile } from 'node:fs/promises';
import { type ColumnType, columnTypes, toWasm, type WasmOptions, wasmText } from '../index.ts';
import { parseChoice, parseCommand } from './arguments.ts';
import { type Command, CommandFailure, ExitCode, type Terminal, UsageError } from './command.ts';
import { formatError, messageOf } from './format.ts';
import { paletteFor } from './style.ts';

const help = `Writes a WebAssembly module that computes a formula wherever WebAssembly runs, without this package.

Usage: exprjit wasm [options] <formula>

Names that are not defined are parameters. What the module exports says docs/wasm.md.

  --out <file>    where to write it; to standard output if left out
  --text          the module as text (WAT), to read
  --kernel        a function over whole columns, instead of one over numbers
  --type <type>   element type of the columns: f64, f32, i8, u8, i16, u16, i32 or u32; f64 if left out
  --fast-math     allow results that differ in rounding

  exprjit wasm --out formula.wasm 'sqrt(x*x + y*y)'
  exprjit wasm --kernel --type f32 --text 'x*y + 1'
`;

const options = {
  out: { type: 'string', short: 'o' },
  text: { type: 'boolean' },
  kernel: { type: 'boolean' },
  type: { type: 'string' },
  'fast-math': { type: 'boolean' },
} as const;

async function run(args: readonly string[], { stdout, stderr, env }: Terminal): Promise<number> {
  const { values, positionals } = parseCommand('wasm', args, options);
  const [source, surplus] = positionals;
  if (source === undefined) throw new UsageError('wasm needs a formula');
  if (surplus !== undefined) throw new UsageError(`wasm takes one formula, but got '${surplus}' as well`);
  if (values.text !== true && values.out === undefined && stdout.isTTY === true) {
    throw new UsageError('a module is nothing for a terminal: --out names a file, --text prints it as text');
  }
  const given = { fastMath: values['fast-math'] === true, ...kernelOf(values) };
  try {
    const bytes = toWasm(source, undefined, given);
    const written = values.text === true ? `${wasmText(bytes)}\n` : bytes;
    if (values.out === undefined) stdout.write(written);
    else await save(values.out, written);
    return ExitCode.Success;
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    stderr.write(formatError(error, paletteFor(stderr, env)));
    return ExitCode.Failure;
  }
}

function kernelOf({ kernel, type }: { kernel?: boolean; type?: string }): Pick<WasmOptions, 'kernel'> {
  if (kernel === true) return { kernel: parseChoice<ColumnType>('type', type ?? 'f64', columnTypes) };
  if (type === undefined) return {};
  throw new UsageError('--type is that of columns, and needs --kernel');
}

async function save(file: string, written: string | Uint8Array): Promise<void> {
  try {
    await writeFile(file, written);
  } catch (error) {
    throw new CommandFailure(messageOf(error));
  }
}

export const command: Command = { help, run };
