import { Axis, labelled } from './axis.ts';
import { type Curve, middleOf, visibleRange } from './curve.ts';

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
  const axis = new Axis(visibleRange(curve.y));
  const rows = Math.max(size.height - 2, 3);
  const labels = rowLabels(axis, rows);
  const gutter = Math.max(...labels.map((label) => label.length), 1);
  // Labels that are longer than usual take room from the curve.
  const columns = Math.max(Math.min(Math.ceil(curve.x.length / dotsAcross), size.width - gutter - 2), 1);
  const cells = new Uint8Array(rows * columns);
  const dots = Math.min(columns * dotsAcross, curve.y.length);
  draw(curve.y, axis, rows * dotsDown, (sample, row) => {
    const column = Math.floor((sample * dots) / curve.y.length);
    const cell = Math.floor(row / dotsDown) * columns + Math.floor(column / dotsAcross);
    const bit = dotBits[(row % dotsDown) as 0 | 1 | 2 | 3][(column % dotsAcross) as 0 | 1];
    cells[cell] = (cells[cell] as number) | bit;
  });
  const lines = labels.map((label, row) => {
    const braille = Array.from(cells.subarray(row * columns, (row + 1) * columns), brailleOf).join('');
    return `${label.padStart(gutter)} ${label === '' ? '│' : '┤'}${braille}`;
  });
  return [...lines, `${' '.repeat(gutter)} └${'─'.repeat(columns)}`, xLabels(curve.x, gutter, columns)].join(
    '\n',
  );
}

function brailleOf(bits: number): string {
  return String.fromCharCode(0x2800 + bits);
}

/** Visits the dots of the curve, sample by sample, row 0 at the top. */
function draw(y: Float64Array, axis: Axis, rows: number, visit: (sample: number, row: number) => void): void {
  let previous: number | undefined;
  y.forEach((value, sample) => {
    const row = axis.includes(value) ? Math.round(axis.fromHigh(value) * (rows - 1)) : undefined;
    if (row !== undefined) {
      const step = previous === undefined || previous === row ? 0 : Math.sign(previous - row);
      for (let dot = row; ; dot += step) {
        visit(sample, dot);
        if (step === 0 || dot + step === previous) break;
      }
    }
    previous = row;
  });
}

/** For each row the tick that falls into it, or nothing. */
function rowLabels(axis: Axis, rows: number): string[] {
  const labels = new Array<string>(rows).fill('');
  for (const { value, label } of axis.ticks(Math.max(Math.floor(rows / 3), 2))) {
    labels[Math.round(axis.fromHigh(value) * (rows - 1))] = label;
  }
  return labels;
}

/** The ends of the x axis, and its middle where there is room. */
function xLabels(x: Float64Array, gutter: number, columns: number): string {
  const low = x[0] ?? 0;
  const high = x[x.length - 1] ?? 0;
  const [left = '', middle = '', right = ''] = labelled([low, middleOf(low, high), high]).map(
    ({ label }) => label,
  );
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
