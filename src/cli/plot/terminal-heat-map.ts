import { Axis, labelled } from './axis.ts';
import { colourOf, nearestOf256 } from './colour-map.ts';
import { type Grid, type HeatMap, shares } from './heat-map.ts';
import { cutOff } from './legend-text.ts';
import type { Range } from './range.ts';
import type { Screen } from './screen.ts';
import { TerminalFrame, type TerminalPlotSize } from './terminal-frame.ts';
import { marksOf } from './terminal-marks.ts';

/** From low to high; a cell without a number is none of them. */
const shades = { blocks: ' ░▒▓█', ascii: ' .:-=+*#%@' } as const;
const noNumber = '?';

/** Characters of the bar that shows the colours. */
const barLength = 10;

/** The line above the map. */
const headings = 1;

/** The cells that a map of this size has: two in a character where there are colours. */
export function heatCells(x: Range, y: Range, screen: Screen, size: TerminalPlotSize): Grid {
  const { columns, rows } = frameOf(x, y, screen, size);
  return { across: columns, down: isColoured(screen) ? 2 * rows : rows };
}

/** A heat map with labelled axes, and above it the formula, and which colours are which values. */
export function terminalHeatMap(map: HeatMap, screen: Screen, size: TerminalPlotSize): string {
  const frame = frameOf(map.xRange, map.yRange, screen, size);
  const rows = shares(map).toReversed();
  const lines = isColoured(screen)
    ? Array.from({ length: frame.rows }, (_, i) => halfBlocks(rows[2 * i], rows[2 * i + 1], screen))
    : rows.map((row) => shaded(row, screen));
  return [heading(map, screen, size.width), ...frame.around(lines)].join('\n');
}

/** Where there is braille there are colours of 256, if any. */
function isColoured({ marks, colours }: Screen): boolean {
  return marks === 'braille' && colours !== 'none';
}

function frameOf(x: Range, y: Range, { marks }: Screen, size: TerminalPlotSize): TerminalFrame {
  return new TerminalFrame(x, new Axis(y), size, marksOf(marks), headings);
}

function heading({ label, names: [x, y], visible }: HeatMap, screen: Screen, width: number): string {
  const { low, high } = visible ?? { low: -1, high: 1 };
  const [least, most] = labelled([low, high]).map((tick) => tick.label);
  const levels = Float64Array.from({ length: barLength }, (_, i) => i / (barLength - 1));
  const bar = isColoured(screen) ? halfBlocks(levels, levels, screen) : shaded(levels, screen);
  const scale = `${least} ${bar} ${most}`;
  const scaleLength = `${least}${most}`.length + 2 + barLength;
  const names = `${x} to the right, ${y} up`;
  const room = width - scaleLength - names.length - 4;
  if (room >= label.length) return `${label}  ${scale}  ${names}`;
  return scaleLength + 2 < width
    ? `${cutOff(label, width - scaleLength - 2)}  ${scale}`
    : cutOff(label, width);
}

function shaded(row: Float64Array, { marks }: Screen): string {
  const levels = marks === 'ascii' ? shades.ascii : shades.blocks;
  return Array.from(row, (share) =>
    Number.isNaN(share)
      ? noNumber
      : (levels[Math.min(Math.floor(share * levels.length), levels.length - 1)] ?? ''),
  ).join('');
}

/** Two rows of cells in one of characters: upper halves in colours of their own on a ground that is the lower ones. */
function halfBlocks(
  upper: Float64Array | undefined,
  lower: Float64Array | undefined,
  screen: Screen,
): string {
  let text = '';
  let present = '';
  upper?.forEach((above, i) => {
    const below = lower?.[i] ?? Number.NaN;
    const [ink, ground, glyph] = Number.isNaN(above) ? [below, above, '▄'] : [above, below, '▀'];
    const codes = `\x1b[0${sgr(38, ink, screen)}${sgr(48, ground, screen)}m`;
    text += `${codes === present ? '' : codes}${Number.isNaN(ink) ? ' ' : glyph}`;
    present = codes;
  });
  return `${text}\x1b[0m`;
}

/** The parameters that select a colour (ECMA-48 and ITU-T T.416), with what goes before them; none for no number. */
function sgr(layer: 38 | 48, share: number, { colours }: Screen): string {
  if (Number.isNaN(share)) return '';
  const colour = colourOf(share);
  return colours === 'all' ? `;${layer};2;${colour.join(';')}` : `;${layer};5;${nearestOf256(colour)}`;
}
