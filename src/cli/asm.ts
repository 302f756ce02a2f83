import { type ColumnType, columnTypes, featureLevels } from '../index.ts';
import { codeOptions, parseChoice, parseCommand } from './arguments.ts';
import { type Command, type Terminal, UsageError } from './command.ts';
import { codeOf, explained } from './explained.ts';
import { paletteFor } from './style.ts';
import { listingTitle, listingView, parseListing } from './views/listing-view.ts';

const help = `Prints the machine code of a formula, or of the functions of a source that only defines some.

Usage: exprjit asm [options] <formula>

Names that are not defined are parameters.

  --cpu <level>   sse2, sse4.1, avx2 or avx512, whether this CPU has it or not; the best that it has if left out
  --level <level> the same as --cpu
  --kernel        the loop that map() runs over columns, instead of the function
  --type <type>   element type of the columns: f64, f32, i8, u8, i16, u16, i32 or u32; f64 if left out
  --fast-math     allow results that differ in rounding, for example fused multiply-add
  --no-bytes      offsets and instructions only
  --json          print {"cpu", "size", "kernel", "parameters", "lines": [{"offset", "bytes", "text"} or {"label"}]}

  exprjit asm --cpu sse2 'x^2 + 2*y'
  exprjit asm --kernel --level avx2 --type f32 'x*y + 1'
  exprjit asm 'fact(n) = n < 2 ? 1 : n*fact(n - 1)'
`;

const options = {
  ...codeOptions,
  level: { type: 'string' },
  kernel: { type: 'boolean' },
  type: { type: 'string' },
  'no-bytes': { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

function run(args: readonly string[], terminal: Terminal): number {
  const { values, positionals } = parseCommand('asm', args, options);
  const { stdout, env } = terminal;
  const request = { values: { ...values, cpu: levelOf(values) }, positionals, ...kernelOf(values) };
  return explained('asm', request, terminal, (explanation) => {
    const { parameters } = explanation;
    const code = codeOf(explanation);
    const { cpu, size, kernel, listing } = code;
    if (values.json === true) {
      stdout.write(`${JSON.stringify({ cpu, size, kernel, parameters, lines: parseListing(listing) })}\n`);
      return;
    }
    const palette = paletteFor(stdout, env);
    const title = listingTitle(code, parameters);
    stdout.write(`${palette.dim(title)}\n${listingView(listing, palette, values['no-bytes'] !== true)}\n`);
  });
}

function levelOf({ cpu, level }: { cpu?: string; level?: string }): string | undefined {
  if (cpu !== undefined && level !== undefined) throw new UsageError('--level is another name of --cpu');
  return level === undefined ? cpu : parseChoice('level', level, featureLevels);
}

function kernelOf({ kernel, type }: { kernel?: boolean; type?: string }): { kernel?: ColumnType } {
  if (kernel === true) return { kernel: parseChoice('type', type ?? 'f64', columnTypes) };
  if (type === undefined) return {};
  throw new UsageError('--type is that of columns, and needs --kernel');
}

export const command: Command = { help, run };
