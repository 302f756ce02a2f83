import { writeFile } from 'node:fs/promises';
import { parseChoice, parseCommand, parseCount } from './arguments.ts';
import { type Command, CommandFailure, ExitCode, type Terminal, UsageError } from './command.ts';
import { formatError, messageOf } from './format.ts';
import { formatJson } from './format-result.ts';
import { pictureOf, pictureResolution, terminalFigure, terminalResolution } from './plot/draw-figure.ts';
import { type Figure, figureOf, nothingToSee } from './plot/figure.ts';
import { type PictureFile, pictureFile } from './plot/picture-file.ts';
import { markKinds, screenFor } from './plot/screen.ts';
import { Session } from './repl/session.ts';
import { paletteFor } from './style.ts';

const help = `Draws formulas of one variable, whatever its name, as curves, or one of two variables as a heat map.

Usage: exprjit plot [options] <formula>… <from> <to>
       exprjit plot [options] <formula of two variables> <from> <to> [<from> <to>]

Ends are expressions, without names. Of two variables the first in the alphabet goes to the right, the other one up, over the
same range if only one is given.

  --out <file>       write a picture instead: SVG or PNG, as the name ends in .svg or .png
  --png <file>       write a PNG, whatever its name
  --width <n>        characters across; those of the terminal if left out, or 80
  --height <n>       lines; 20 if left out
  --marks <kind>     braille, blocks or ascii; what the terminal has if left out
  --json             print {"x": […], "y": […]} instead, of several formulas {"x": […], "curves": [{"label", "y"}]},
                     of a heat map {"x": […], "y": […], "z": [[…]]} with a row for each y; what JSON has no number for
                     is "nan", "inf" or "-inf"

  exprjit plot 'sin(x)/x' -6*pi 6*pi
  exprjit plot 'sin(x)' 'x - x^3/6' -pi pi
  exprjit plot 'sin(x)*cos(y)' 0 10
  exprjit plot --out wave.svg 'sin(t) + sin(3*t)/3' 0 tau
`;

const options = {
  out: { type: 'string', short: 'o' },
  png: { type: 'string' },
  width: { type: 'string' },
  height: { type: 'string' },
  marks: { type: 'string' },
  json: { type: 'boolean' },
} as const;

async function run(args: readonly string[], { stdout, stderr, env }: Terminal): Promise<number> {
  const { values, positionals } = parseCommand('plot', args, options);
  if (positionals.length < 3) throw new UsageError('plot needs a formula and both ends of a range');
  const columns = Math.min(Math.max(stdout.columns ?? 80, 24), 200);
  const width = parseCount('width', values.width, { least: 16, most: 1000, fallback: columns });
  const height = parseCount('height', values.height, { least: 5, most: 500, fallback: 20 });
  const usual = screenFor(stdout, env);
  const marks = values.marks === undefined ? usual.marks : parseChoice('marks', values.marks, markKinds);
  const screen = { ...usual, marks };
  const size = { width, height };
  const file = fileOf(values);
  try {
    using session = new Session();
    const resolution = file === undefined ? terminalResolution(screen, size) : pictureResolution;
    const figure = figureOf(session, positionals, resolution);
    if (file !== undefined) {
      await save(file.name, file.encode(pictureOf(figure)));
      const nothing = nothingToSee(figure);
      if (nothing !== undefined) stderr.write(`exprjit: ${nothing}\n`);
    } else {
      stdout.write(`${values.json === true ? jsonOf(figure) : terminalFigure(figure, screen, size)}\n`);
    }
    return ExitCode.Success;
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    stderr.write(formatError(error, paletteFor(stderr, env)));
    return ExitCode.Failure;
  }
}

/** Throws UsageError. */
function fileOf({ out, png }: { out?: string; png?: string }): PictureFile | undefined {
  if (out !== undefined && png !== undefined) throw new UsageError('--out and --png are one too many');
  if (png !== undefined) return pictureFile(png, 'png');
  const file = out === undefined ? undefined : pictureFile(out);
  if (out !== undefined && file === undefined) {
    throw new UsageError('--out must be the name of an .svg or .png file');
  }
  return file;
}

async function save(file: string, text: string | Uint8Array): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new CommandFailure(messageOf(error));
  }
}

function jsonOf(figure: Figure): string {
  if (figure.kind === 'heat') {
    const { x, y, rows } = figure.map;
    return `{"x":${jsonArray(x)},"y":${jsonArray(y)},"z":[${rows.map(jsonArray).join()}]}`;
  }
  const [first, ...others] = figure.curves;
  if (first === undefined) return '{}';
  const x = jsonArray(first.x);
  if (others.length === 0) return `{"x":${x},"y":${jsonArray(first.y)}}`;
  const curves = figure.curves.map(
    ({ label, y }) => `{"label":${JSON.stringify(label)},"y":${jsonArray(y)}}`,
  );
  return `{"x":${x},"curves":[${curves.join()}]}`;
}

function jsonArray(values: Float64Array): string {
  return `[${Array.from(values, formatJson).join()}]`;
}

export const command: Command = { help, run };
