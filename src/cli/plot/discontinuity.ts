/**
 * Where a sampled function jumps between two samples. Two samples alone do not tell a pole from a steep slope or from a step, so
 * the function is asked: the interval is halved again and again, and the half stays in which it differs most. A slope gets flat
 * then, a step keeps its height, and a pole grows.
 */
import { middleOf } from './range.ts';

/** A function of all elements at once. */
export type Evaluate = (x: Float64Array) => Float64Array;

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What lies on both sides of a place where the function jumps, as close to it as halving comes. */
export interface Discontinuity {
  readonly before: Point;
  readonly after: Point;
  /** A step joins what is on its sides; at a `pole` and at the `edge` of where the function is a number there is nothing to join. */
  readonly kind: 'step' | 'pole' | 'edge';
}

/** With as many halvings samples lie within some ulps of the place. */
const halvings = 60;

/** A pole has grown by this factor when it is that close; 1/cbrt(x) by more. */
const poleGrowth = 1000;

/** What is left of a step when it is that close; of a slope there is nothing. */
const stepShare = 0.1;

/** Differences between neighbours that deserve a look, in parts of what most samples need. */
const suspiciousShare = 0.1;

/** Of so many samples one interval may be looked into, so that a plot of a slow function is not much slower. */
const samplesPerLook = 8;

/** Discontinuities by the index of the sample before them. `halfSpread` is half of what most of the samples need. */
export function findDiscontinuities(
  x: Float64Array,
  y: Float64Array,
  halfSpread: number,
  evaluate: Evaluate,
): Map<number, Discontinuity> {
  const intervals = suspiciousIntervals(y, halfSpread);
  const [before, after] = halve(x, y, intervals, evaluate);
  const found = new Map<number, Discontinuity>();
  intervals.forEach((index, k) => {
    const sides = { before: pointAt(before, k), after: pointAt(after, k) };
    const kind = kindOf(at(y, index), at(y, index + 1), sides.before.y, sides.after.y);
    if (kind !== undefined) found.set(index, { ...sides, kind });
  });
  return found;
}

/** Those in which neighbours differ most come first, if there are too many. */
function suspiciousIntervals(y: Float64Array, halfSpread: number): number[] {
  const differences = y.map((value, i) => (i + 1 < y.length ? difference(value, at(y, i + 1)) : 0));
  return Array.from(differences.keys())
    .filter((i) => at(differences, i) > halfSpread * suspiciousShare)
    .sort((i, j) => at(differences, j) - at(differences, i) || i - j)
    .slice(0, Math.max(Math.ceil(y.length / samplesPerLook), 1));
}

interface Points {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** All intervals at once: each step is one run of the kernel. */
function halve(
  x: Float64Array,
  y: Float64Array,
  intervals: readonly number[],
  evaluate: Evaluate,
): readonly [before: Points, after: Points] {
  const pick = (from: Float64Array, offset: number): Float64Array =>
    Float64Array.from(intervals, (i) => at(from, i + offset));
  const before = { x: pick(x, 0), y: pick(y, 0) };
  const after = { x: pick(x, 1), y: pick(y, 1) };
  if (intervals.length === 0) return [before, after];
  for (let step = 0; step < halvings; step++) {
    const middles = before.x.map((low, k) => middleOf(low, at(after.x, k)));
    const values = evaluate(middles);
    values.forEach((value, k) => {
      const isBefore = difference(at(before.y, k), value) >= difference(value, at(after.y, k));
      const side = isBefore ? after : before;
      side.x[k] = at(middles, k);
      side.y[k] = value;
    });
  }
  return [before, after];
}

/** Half of how much two values differ, so that it is no infinity for finite ones; nothing differs more than a number and NaN. */
function difference(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b))
    return Number.isNaN(a) && Number.isNaN(b) ? 0 : Number.POSITIVE_INFINITY;
  return a === b ? 0 : Math.abs(a / 2 - b / 2);
}

function kindOf(
  first: number,
  second: number,
  before: number,
  after: number,
): Discontinuity['kind'] | undefined {
  if (Number.isNaN(before) || Number.isNaN(after)) return 'edge';
  const left = difference(before, after);
  if (left < stepShare * difference(first, second)) return undefined;
  const sampled = Math.max(finiteMagnitude(first), finiteMagnitude(second));
  return Math.max(Math.abs(before), Math.abs(after)) > poleGrowth * sampled ? 'pole' : 'step';
}

/** Of an infinite sample nothing can be said to have grown from it. */
function finiteMagnitude(value: number): number {
  return Number.isFinite(value) ? Math.abs(value) : 0;
}

function pointAt({ x, y }: Points, k: number): Point {
  return { x: at(x, k), y: at(y, k) };
}

function at(values: Float64Array, index: number): number {
  return values[index] ?? Number.NaN;
}
