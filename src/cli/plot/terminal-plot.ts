import { ticks } from 'd3-array';
import { type Curve, type Range, visibleRange } from './curve.ts';

/** Dots in a braille character: two across, four down. */
const dotsAcross = 2;
const dotsDown = 4;

/** The bit of each dot in a braille character, by row, then column (Unicode chart 2800). */
const dotBits = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

export interface TerminalPlotSize {
  /** Characters, axis labels included. */
  readonly width: number;
  readonly height: number;
}

/** Samples that a plot of this width can show: one for each column of dots. */
export function samplesForWidth(width: number): number {
  return Math.max(width - 12, 8) * dotsAcross;
}

/**
 * A curve in braille dots between a labelled y axis and a labelled x axis, as lines of text. Neighbouring samples are
 * joined by vertical strokes, but not across samples that are NaN, infinite or out of sight.
 */
export function terminalPlot(curve: Curve, size: TerminalPlotSize): string {
  const range = visibleRange(curve.y);
  const rows = Math.max(size.height - 2, 3);
  const columns = Math.ceil(curve.x.length / dotsAcross);
  const cells = new Uint8Array(rows * columns);
  draw(curve.y, range, rows * dotsDown, (column, row) => {
    const cell = Math.floor(row / dotsDown) * columns + Math.floor(column / dotsAcross);
    const bit = dotBits[(row % dotsDown) as 0 | 1 | 2 | 3][(column % dotsAcross) as 0 | 1];
    cells[cell] = (cells[cell] as number) | bit;
  });
  const labels = rowLabels(range, rows);
  const gutter = Math.max(...labels.map((label) => label.length), 1);
  const lines = labels.map((label, row) => {
    const dots = cells.subarray(row * columns, (row + 1) * columns);
    return `${label.padStart(gutter)} ${label === '' ? '│' : '┤'}${Array.from(dots, brailleOf).join('')}`;
  });
  return [...lines, `${' '.repeat(gutter)} └${'─'.repeat(columns)}`, xLabels(curve.x, gutter, columns)].join(
    '\n',
  );
}

function brailleOf(bits: number): string {
  return String.fromCharCode(0x2800 + bits);
}

/** Visits the dots of the curve, row 0 at the top. */
function draw(
  y: Float64Array,
  range: Range,
  rows: number,
  visit: (column: number, row: number) => void,
): void {
  const scale = (rows - 1) / (range.high - range.low);
  let previous: number | undefined;
  y.forEach((value, column) => {
    const visible = value >= range.low && value <= range.high;
    const row = visible ? Math.round((range.high - value) * scale) : undefined;
    if (row !== undefined) {
      const step = previous === undefined || previous === row ? 0 : Math.sign(previous - row);
      for (let dot = row; ; dot += step) {
        visit(column, dot);
        if (step === 0 || dot + step === previous) break;
      }
    }
    previous = row;
  });
}

/** For each row the tick that falls into it, or nothing. */
function rowLabels(range: Range, rows: number): string[] {
  const labels = new Array<string>(rows).fill('');
  for (const tick of ticks(range.low, range.high, Math.max(Math.floor(rows / 3), 2))) {
    labels[Math.round(((range.high - tick) / (range.high - range.low)) * (rows - 1))] = formatTick(tick);
  }
  return labels;
}

/** The ends of the x axis, and its middle where there is room. */
function xLabels(x: Float64Array, gutter: number, columns: number): string {
  const left = formatTick(x[0] ?? 0);
  const middle = formatTick(((x[0] ?? 0) + (x[x.length - 1] ?? 0)) / 2);
  const right = formatTick(x[x.length - 1] ?? 0);
  const room = columns - left.length - middle.length - right.length;
  const inner =
    room < 2
      ? ' '.repeat(Math.max(columns - left.length - right.length, 1))
      : center(middle, columns - left.length - right.length);
  return `${' '.repeat(gutter + 2)}${left}${inner}${right}`;
}

function center(text: string, width: number): string {
  const before = Math.floor((width - text.length) / 2);
  return ' '.repeat(before) + text + ' '.repeat(width - text.length - before);
}

/** Short, without the noise of binary fractions. */
export function formatTick(value: number): string {
  return String(Number(value.toPrecision(6)));
}
