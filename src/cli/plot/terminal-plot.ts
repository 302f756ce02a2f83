import type { Paint, Palette } from '../style.ts';
import { Axis } from './axis.ts';
import { type VisibleStroke, visibleStrokes } from './clip.ts';
import { type Curve, commonRange } from './curve.ts';
import type { Point } from './discontinuity.ts';
import { cutOff, legendLabel } from './legend-text.ts';
import type { Range } from './range.ts';
import type { Screen } from './screen.ts';
import { TerminalFrame, type TerminalPlotSize } from './terminal-frame.ts';
import { type Marks, marksOf } from './terminal-marks.ts';

/** Where curves have neither colours nor characters of their own, each gets its number written on it so many characters apart. */
const numberSpacing = 16;

/** Samples for a plot of this width: at least one for each column of dots. */
export function samplesForWidth(width: number): number {
  return width * 2;
}

/** Curves between a labelled y axis and a labelled x axis, as lines of text; below several the lines that say which is which. */
export function terminalPlot(
  curves: readonly Curve[],
  range: Range,
  { palette, marks: kind }: Screen,
  size: TerminalPlotSize,
): string {
  const marks = marksOf(kind);
  const xAxis = new Axis(range);
  const yAxis = new Axis(commonRange(curves));
  const keys = keysOf(curves, kind, marks, palette);
  const legend = curves.length > 1 ? legendLines(curves, keys, size.width) : [];
  const frame = new TerminalFrame(range, yAxis, size, marks, legend.length);
  const cells = new Cells(frame.rows, frame.columns, marks);
  curves.forEach(({ strokes }, curve) => {
    for (const stroke of visibleStrokes(strokes, xAxis, yAxis)) cells.draw(stroke, curve);
  });
  if (curves.length > 1 && keys.some(({ number }) => number !== undefined)) cells.number();
  const paints = keys.map(({ paint }) => paint);
  return [...legend, ...frame.around(cells.lines(paints))].join('\n');
}

/** By what a curve is known. */
interface Key {
  /** What stands for it in the legend, painted. */
  readonly sample: string;
  readonly paint: Paint;
  /** Written on it, where nothing else tells it from others. */
  readonly number: string | undefined;
}

function keysOf(
  curves: readonly Curve[],
  kind: Screen['marks'],
  marks: Marks,
  palette: Palette,
): readonly Key[] {
  const paints = [palette.cyan, palette.yellow, palette.magenta, palette.green, palette.red, palette.blue];
  const isColoured = palette.red('-') !== '-';
  return curves.map((_, i) => {
    const paint: Paint = curves.length === 1 ? (text) => text : (paints[i] ?? palette.bold);
    const number = isColoured || kind === 'ascii' ? undefined : String(i + 1);
    const line = kind === 'ascii' ? marks.glyph(1, i).repeat(2) : '━━';
    return { sample: paint(number ?? line), paint, number };
  });
}

/** As many in a line as fit; what is too long is cut off. */
function legendLines(curves: readonly Curve[], keys: readonly Key[], width: number): string[] {
  const lines: string[] = [];
  let used = width;
  curves.forEach((curve, i) => {
    const { sample = '', number } = keys[i] ?? {};
    const room = width - (number ?? '__').length - 1;
    const text = cutOff(legendLabel(curve), room);
    const length = width - room + text.length;
    const isNew = used + 3 + length > width;
    const entry = `${sample} ${text}`;
    if (isNew) lines.push(entry);
    else lines[lines.length - 1] += `   ${entry}`;
    used = isNew ? length : used + 3 + length;
  });
  return lines;
}

/** Characters of dots; each belongs to the curve that was drawn last there. */
class Cells {
  readonly #rows: number;
  readonly #columns: number;
  readonly #marks: Marks;
  readonly #bits: Uint8Array;
  readonly #curves: Uint8Array;
  readonly #numbered = new Set<number>();

  constructor(rows: number, columns: number, marks: Marks) {
    this.#rows = rows;
    this.#columns = columns;
    this.#marks = marks;
    this.#bits = new Uint8Array(rows * columns);
    this.#curves = new Uint8Array(rows * columns);
  }

  draw({ points, pole }: VisibleStroke, curve: number): void {
    const across = this.#columns * this.#marks.dotsAcross;
    const down = this.#rows * this.#marks.dotsDown;
    const columnAt = (share: number): number => Math.round(share * (across - 1));
    // What comes out of a pole stands beside what goes into it, not on it: that would look like one line.
    const first = pole === undefined ? 0 : Math.min(columnAt(pole) + 1, across - 1);
    const dots = points.map(({ x, y }) => ({
      x: Math.max(columnAt(x), first),
      y: Math.round(y * (down - 1)),
    }));
    dots.forEach((dot, i) => {
      lineBetween(dots[i - 1] ?? dot, dot, ({ x, y }) => this.#set(y, x, curve));
    });
  }

  #set(row: number, column: number, curve: number): void {
    const { dotsDown, dotsAcross } = this.#marks;
    const cell = Math.floor(row / dotsDown) * this.#columns + Math.floor(column / dotsAcross);
    this.#bits[cell] = (this.#bits[cell] ?? 0) | this.#marks.bit(row % dotsDown, column % dotsAcross);
    this.#curves[cell] = curve;
  }

  /** Writes numbers on the curves, each in columns of its own, and once in each. */
  number(): void {
    const done = new Set<number>();
    this.#bits.forEach((bits, cell) => {
      const column = cell % this.#columns;
      const curve = this.#curves[cell] ?? 0;
      const isPlace = column % numberSpacing === (2 + 3 * curve) % numberSpacing;
      if (bits === 0 || !isPlace || done.has(column)) return;
      done.add(column);
      this.#numbered.add(cell);
    });
  }

  lines(paints: readonly Paint[]): string[] {
    return Array.from({ length: this.#rows }, (_, row) =>
      Array.from({ length: this.#columns }, (_, column) => {
        const cell = row * this.#columns + column;
        const bits = this.#bits[cell] ?? 0;
        const curve = this.#curves[cell] ?? 0;
        const glyph = this.#numbered.has(cell) ? String(curve + 1) : this.#marks.glyph(bits, curve);
        return bits === 0 ? glyph : (paints[curve]?.(glyph) ?? glyph);
      }).join(''),
    );
  }
}

/** Visits the dots of a line (J. Bresenham, 1965). */
function lineBetween(from: Point, to: Point, visit: (dot: Point) => void): void {
  const [width, height] = [Math.abs(to.x - from.x), Math.abs(to.y - from.y)];
  const [right, down] = [Math.sign(to.x - from.x), Math.sign(to.y - from.y)];
  let { x, y } = from;
  for (let error = width - height; ; ) {
    visit({ x, y });
    if (x === to.x && y === to.y) return;
    const doubled = 2 * error;
    if (doubled > -height) {
      error -= height;
      x += right;
    }
    if (doubled < width) {
      error += width;
      y += down;
    }
  }
}
