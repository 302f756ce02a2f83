import { codeOptions, parseCommand } from './arguments.ts';
import type { Command, Terminal } from './command.ts';
import { codeOf, explained } from './explained.ts';
import { formatBytes } from './format.ts';
import { paletteFor } from './style.ts';
import { listingView, parseListing } from './views/listing-view.ts';

const help = `Prints the machine code of a formula, or of the functions of a source that only defines some.

Usage: exprjit asm [options] <formula>

Names that are not defined are parameters.

  --cpu <level>   sse2, sse4.1, avx2 or avx512, whether this CPU has it or not; the best that it has if left out
  --fast-math     allow results that differ in rounding, for example fused multiply-add
  --no-bytes      offsets and instructions only
  --json          print {"cpu", "size", "parameters", "lines": [{"offset", "bytes", "text"} or {"label"}]}

  exprjit asm --cpu sse2 'x^2 + 2*y'
  exprjit asm 'fact(n) = n < 2 ? 1 : n*fact(n - 1)'
`;

const options = {
  ...codeOptions,
  'no-bytes': { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

function run(args: readonly string[], terminal: Terminal): number {
  const request = parseCommand('asm', args, options);
  const { stdout, env } = terminal;
  return explained('asm', request, terminal, (explanation) => {
    const { cpu, size, listing } = codeOf(explanation);
    const { parameters } = explanation;
    if (request.values.json === true) {
      stdout.write(`${JSON.stringify({ cpu, size, parameters, lines: parseListing(listing) })}\n`);
      return;
    }
    const palette = paletteFor(stdout, env);
    const title = `; ${formatBytes(size)} for ${cpu}${parameters.length === 0 ? '' : `, parameters ${parameters.join(', ')}`}`;
    stdout.write(
      `${palette.dim(title)}\n${listingView(listing, palette, request.values['no-bytes'] !== true)}\n`,
    );
  });
}

export const command: Command = { help, run };
