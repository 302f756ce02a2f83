import { writeFile } from 'node:fs/promises';
import { parseCommand, parseCount } from './arguments.ts';
import { type Command, CommandFailure, ExitCode, type Terminal, UsageError } from './command.ts';
import { formatError, messageOf } from './format.ts';
import { formatJson } from './format-result.ts';
import { sampleCurve } from './plot/curve.ts';
import { svgPlot, svgSamples } from './plot/svg-plot.ts';
import { samplesForWidth, terminalPlot } from './plot/terminal-plot.ts';
import { Session } from './repl/session.ts';
import { paletteFor } from './style.ts';

const help = `Draws a formula of one variable, whatever its name.

Usage: exprjit plot [options] <formula> <from> <to>

Both ends are expressions, without names.

  --out <file.svg>   write an SVG instead
  --width <n>        characters across; those of the terminal if left out, or 80
  --height <n>       lines; 20 if left out
  --json             print {"x": […], "y": […]} instead; what JSON has no number for is "nan", "inf" or "-inf"

  exprjit plot 'sin(x)/x' -6*pi 6*pi
  exprjit plot --out wave.svg 'sin(t) + sin(3*t)/3' 0 tau
`;

const options = {
  out: { type: 'string', short: 'o' },
  width: { type: 'string' },
  height: { type: 'string' },
  json: { type: 'boolean' },
} as const;

async function run(args: readonly string[], { stdout, stderr, env }: Terminal): Promise<number> {
  const { values, positionals } = parseCommand('plot', args, options);
  const [source, from, to, surplus] = positionals;
  if (source === undefined || from === undefined || to === undefined || surplus !== undefined) {
    throw new UsageError('plot needs a formula and both ends of a range');
  }
  const columns = Math.min(Math.max(stdout.columns ?? 80, 24), 200);
  const width = parseCount('width', values.width, { least: 16, most: 1000, fallback: columns });
  const height = parseCount('height', values.height, { least: 5, most: 500, fallback: 20 });
  if (values.out !== undefined && !values.out.endsWith('.svg')) {
    throw new UsageError('--out must be the name of an .svg file');
  }
  const count = values.out === undefined ? samplesForWidth(width) : svgSamples;
  try {
    using session = new Session();
    const range = session.range(from, to);
    const curve = session.graph(source, (label, f) => sampleCurve(label, f, range, count));
    if (values.out !== undefined) await save(values.out, svgPlot(curve));
    else if (values.json === true) stdout.write(`{"x":${jsonArray(curve.x)},"y":${jsonArray(curve.y)}}\n`);
    else stdout.write(`${terminalPlot(curve, { width, height })}\n`);
    return ExitCode.Success;
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    stderr.write(formatError(error, paletteFor(stderr, env)));
    return ExitCode.Failure;
  }
}

async function save(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new CommandFailure(messageOf(error));
  }
}

function jsonArray(values: Float64Array): string {
  return `[${Array.from(values, formatJson).join()}]`;
}

export const command: Command = { help, run };
