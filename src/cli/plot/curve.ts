import { type Evaluate, findDiscontinuities, type Point } from './discontinuity.ts';
import { evenPoints, halfSpread, type Range, visibleRange } from './range.ts';

/** What is drawn without lifting the pen; values may be infinite at its ends. */
export interface Stroke {
  readonly points: readonly Point[];
  /** Whether it comes out of a pole. */
  readonly isAfterPole: boolean;
}

/** A function sampled at evenly spaced points, where `y` may be NaN or infinite, and what is drawn of it. */
export interface Curve {
  readonly label: string;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly strokes: readonly Stroke[];
  /** What there is to see of it; undefined if no sample is finite. */
  readonly visible: Range | undefined;
}

/** A pole runs out of the picture soon, so that the rest stays visible. */
const marginAtPoles = 0.5;

/** Samples a function at `count` points of a range, and finds out where it has poles, steps and edges. */
export function sampleCurve(label: string, evaluate: Evaluate, range: Range, count: number): Curve {
  const x = evenPoints(range, count);
  const y = evaluate(x);
  if (!y.some(Number.isFinite)) return { label, x, y, strokes: [], visible: undefined };
  const discontinuities = findDiscontinuities(x, y, halfSpread(y), evaluate);
  const hasPole = [...discontinuities.values()].some(({ kind }) => kind === 'pole');
  const strokes: Stroke[] = [];
  let points: Point[] = [];
  let isAfterPole = false;
  const add = (point: Point): void => {
    if (!Number.isNaN(point.y)) points.push(point);
  };
  const lift = (isPole: boolean): void => {
    if (points.length > 0) strokes.push({ points, isAfterPole });
    points = [];
    isAfterPole = isPole;
  };
  x.forEach((at, i) => {
    const value = y[i] ?? Number.NaN;
    if (Number.isNaN(value)) lift(false);
    add({ x: at, y: value });
    const found = discontinuities.get(i);
    if (found === undefined) return;
    add(found.before);
    if (found.kind !== 'step') lift(found.kind === 'pole');
    add(found.after);
  });
  lift(false);
  return { label, x, y, strokes, visible: visibleRange(y, hasPole ? marginAtPoles : undefined) };
}

/** The range of y that shows all curves. */
export function commonRange(curves: readonly Curve[]): Range {
  const ranges = curves.flatMap(({ visible }) => visible ?? []);
  if (ranges.length === 0) return { low: -1, high: 1 };
  return {
    low: Math.min(...ranges.map(({ low }) => low)),
    high: Math.max(...ranges.map(({ high }) => high)),
  };
}
