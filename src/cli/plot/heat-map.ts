import { Axis } from './axis.ts';
import { evenPoints, type Range, visibleRange } from './range.ts';

/** A function of two variables, in cells. */
export interface HeatMap {
  readonly label: string;
  /** Names of the variables, the one to the right and the one upwards. */
  readonly names: readonly [x: string, y: string];
  readonly xRange: Range;
  readonly yRange: Range;
  /** Middles of cells, rising. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** A row for each `y`, the lowest first. */
  readonly rows: readonly Float64Array[];
  /** Between these values colours differ; undefined if none is finite. */
  readonly visible: Range | undefined;
}

export interface Grid {
  readonly across: number;
  readonly down: number;
}

/** What lies farther outside of nine tenths of the values, in parts of what these need, has the colours of the ends. */
const margin = 1;

/** Evaluates a row of cells at once, in their middles. */
export function sampleHeatMap(
  { label, names }: Pick<HeatMap, 'label' | 'names'>,
  evaluate: (x: Float64Array, y: number) => Float64Array,
  [xRange, yRange]: readonly [Range, Range],
  { across, down }: Grid,
): HeatMap {
  const x = middles(xRange, across);
  const y = middles(yRange, down);
  const rows = Array.from(y, (value) => evaluate(x, value));
  const all = new Float64Array(across * down);
  for (const [i, row] of rows.entries()) all.set(row, i * across);
  return { label, names, xRange, yRange, x, y, rows, visible: visibleRange(all, margin) };
}

/** How far up between the ends of what is visible values are, from 0 to 1; NaN for NaN. */
export function shares({ rows, visible }: HeatMap): readonly Float64Array[] {
  const axis = new Axis(visible ?? { low: -1, high: 1 });
  return rows.map((row) => row.map((value) => Math.min(Math.max(axis.fromLow(value), 0), 1)));
}

function middles(range: Range, count: number): Float64Array {
  // Every other one is an edge between two cells.
  return evenPoints(range, 2 * count + 1).filter((_, i) => i % 2 === 1);
}
