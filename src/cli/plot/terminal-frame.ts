import { type Axis, labelled, longestOf, shortened } from './axis.ts';
import { middleOf, type Range } from './range.ts';
import type { Marks } from './terminal-marks.ts';

export interface TerminalPlotSize {
  /** Characters, axis labels included. */
  readonly width: number;
  readonly height: number;
}

/** Characters that labels leave to what is drawn. */
const fewestColumns = 8;

/** Labelled axes around what is drawn in characters. */
export class TerminalFrame {
  /** Characters of what is drawn. */
  readonly rows: number;
  readonly columns: number;
  readonly #labels: readonly string[];
  readonly #gutter: number;
  readonly #x: Range;
  readonly #marks: Marks;

  /** `headings` are lines above it that belong to its height. */
  constructor(x: Range, y: Axis, { width, height }: TerminalPlotSize, marks: Marks, headings: number) {
    this.rows = Math.max(height - 2 - headings, 3);
    this.#labels = rowLabels(y, this.rows, width - 2 - fewestColumns);
    this.#gutter = Math.max(longestOf(this.#labels), 1);
    this.columns = width - this.#gutter - 2;
    this.#x = x;
    this.#marks = marks;
  }

  /** `rows` from top to bottom. */
  around(rows: readonly string[]): string[] {
    const { line, tick, corner, base } = this.#marks.axis;
    const lines = rows.map((row, i) => {
      const label = this.#labels[i] ?? '';
      return `${label.padStart(this.#gutter)} ${label === '' ? line : tick}${row}`;
    });
    return [...lines, `${' '.repeat(this.#gutter)} ${corner}${base.repeat(this.columns)}`, this.#xLabels()];
  }

  /** The ends of the x axis, and its middle where there is room. */
  #xLabels(): string {
    const { low, high } = this.#x;
    const width = this.#gutter + 2 + this.columns;
    const [left = '', middle = '', right = ''] = labelled([low, middleOf(low, high), high]).map((tick) =>
      shortened(tick, Math.floor((width - 1) / 2)),
    );
    // Where both do not fit below the axis, they begin below its labels.
    const indent = Math.min(this.#gutter + 2, width - left.length - 1 - right.length);
    const between = width - indent - left.length - right.length;
    const inner = between < middle.length + 2 ? ' '.repeat(between) : center(middle, between);
    return `${' '.repeat(indent)}${left}${inner}${right}`;
  }
}

/** For each row the tick that falls into it, or nothing. */
function rowLabels(axis: Axis, rows: number, room: number): string[] {
  const labels = new Array<string>(rows).fill('');
  const shown = new Set<string>();
  for (const tick of axis.ticks(Math.max(Math.floor(rows / 3), 3))) {
    const label = shortened(tick, room);
    // Digits that had no room may be those that tell it from the one before.
    if (!shown.has(label)) labels[Math.round(axis.fromHigh(tick.value) * (rows - 1))] = label;
    shown.add(label);
  }
  return labels;
}

function center(text: string, width: number): string {
  const before = Math.floor((width - text.length) / 2);
  return ' '.repeat(before) + text + ' '.repeat(width - text.length - before);
}
