/** Search for neighbours whose values are out of order. */
import type { Random } from '../../support/random.ts';
import { bitsOf, fromBits, nextUp } from '../../support/ulp.ts';
import type { MonotoneRange } from './bounds.ts';

/** A double, its value, and that of the next double above, where these are out of order. */
export interface Violation {
  readonly x: number;
  readonly value: number;
  readonly next: number;
}

/** Neighbours in a row. */
const walk = 32;

/**
 * Looks at `count` pairs of neighbours, in walks that start all over the range: evenly, at any magnitude, and where functions
 * often go on with another row of a table or another polynomial. Gives those out of order.
 */
export function violations(
  evaluate: (x: number) => number,
  range: MonotoneRange,
  count: number,
  random: Random,
): Violation[] {
  const found: Violation[] = [];
  for (let pairs = 0; pairs < count; pairs += walk) {
    found.push(...violationsFrom(evaluate, range, walkStart(random, range)));
  }
  return found;
}

/**
 * The same at the edges of where `isUsual` holds, which are found by bisection between arguments drawn `tries` times.
 */
export function violationsAtEdges(
  evaluate: (x: number) => number,
  isUsual: (x: number) => boolean,
  range: MonotoneRange,
  tries: number,
  random: Random,
): Violation[] {
  const edges = new Set<number>();
  for (let i = 0; i < tries; i++) {
    const [x, y] = [walkStart(random, range), walkStart(random, range)];
    if (Math.sign(x) === Math.sign(y) && isUsual(x) !== isUsual(y)) edges.add(edgeBetween(isUsual, x, y));
  }
  // An edge may be where the range begins, below which there is nothing to be in order.
  return [...edges].flatMap((edge) =>
    violationsFrom(evaluate, range, Math.max(range.from, backFrom(edge, walk / 2))),
  );
}

/** The last double from x on, towards y, of which `isUsual` says the same as of x; of two with one sign. */
function edgeBetween(isUsual: (x: number) => boolean, x: number, y: number): number {
  const same = isUsual(x);
  let [within, beyond] = [bitsOf(x), bitsOf(y)];
  for (;;) {
    const middle = (within + beyond) >> 1n;
    // Rounded down it may be either end.
    if (middle === within || middle === beyond) return fromBits(within);
    if (isUsual(fromBits(middle)) === same) within = middle;
    else beyond = middle;
  }
}

function violationsFrom(
  evaluate: (x: number) => number,
  { to, falls }: MonotoneRange,
  start: number,
): Violation[] {
  const found: Violation[] = [];
  let x = start;
  let value = evaluate(x);
  for (let i = 0; i < walk && x < to; i++) {
    const above = nextUp(x);
    const next = evaluate(above);
    if (!(falls ? next <= value : next >= value)) found.push({ x, value, next });
    x = above;
    value = next;
  }
  return found;
}

/** Where tables change rows: between multiples of fractions of these. */
const units = [1, 1, Math.LN2, Math.LOG10E, Math.PI];

function walkStart(random: Random, { from, to }: MonotoneRange): number {
  for (;;) {
    const x = candidate(random, from, to);
    if (x >= from && x < to) return x;
  }
}

function candidate(random: Random, from: number, to: number): number {
  const sign = from < 0 && (to <= 0 || random.chance(0.5)) ? -1 : 1;
  const most = Math.log2(sign < 0 ? -from : to);
  switch (random.integer(0, 3)) {
    case 0:
      return between(from, to, random.fraction());
    case 1:
      return sign * 2 ** (most - (most + 1074) * random.fraction());
    case 2:
      return sign * 2 ** (most - Math.min(most + 1074, 70) * random.fraction());
    default: {
      const step = random.pick(units) * 2 ** -random.integer(0, 9);
      const halves = random.integer(1, 2 * Math.max(1, Math.min(2 ** 20, Math.floor(2 ** most / step))));
      return backFrom((sign * halves * step) / 2, random.integer(0, walk));
    }
  }
}

/** So many neighbours below, or zero if that is between. */
function backFrom(x: number, count: number): number {
  const bits = bitsOf(Math.abs(x)) + BigInt(x > 0 ? -count : count);
  return bits < 0n ? 0 : Math.sign(x) * fromBits(bits);
}

function between(from: number, to: number, fraction: number): number {
  return from * (1 - fraction) + to * fraction;
}
