import { ticks } from 'd3-array';
import type { Range } from './range.ts';

/** Beyond it, and below its inverse, differences overflow or lose their bits, and powers of ten are no doubles. */
const farthest = 1e290;

/** Digits of a label, unless neighbours would look the same. */
const fewestDigits = 6;

/** Digits with which every double looks different from its neighbours. */
const mostDigits = 17;

/** Characters of a number before it is written with an exponent. */
const longestPlain = 7;

export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** One direction of a plot: where values lie in a range of any doubles, from the least to the largest. */
export class Axis {
  readonly low: number;
  readonly high: number;
  /** A power of two, so that scaling by it is exact. */
  readonly #scale: number;
  readonly #span: number;

  /** `low` must be below `high`. */
  constructor({ low, high }: Range) {
    const magnitude = Math.max(Math.abs(low), Math.abs(high));
    this.#scale = magnitude > farthest ? 2 ** -100 : magnitude < 1 / farthest ? 2 ** 600 : 1;
    this.#span = high * this.#scale - low * this.#scale;
    this.low = low;
    this.high = high;
  }

  /** 0 at the low end, 1 at the high end. */
  fromLow(value: number): number {
    return (value * this.#scale - this.low * this.#scale) / this.#span;
  }

  /** 0 at the high end, 1 at the low end. */
  fromHigh(value: number): number {
    return (this.high * this.#scale - value * this.#scale) / this.#span;
  }

  includes(value: number): boolean {
    return value >= this.low && value <= this.high;
  }

  /** About `count` round values within the range; none where doubles are too coarse for any. */
  ticks(count: number): Tick[] {
    // In units in which the numbers are ordinary.
    const exponent = this.#scale === 1 ? 0 : Math.floor(Math.log10(Math.max(-this.low, this.high)));
    const rounds = ticks(shifted(this.low, -exponent), shifted(this.high, -exponent), count);
    const values = new Set(rounds.map((round) => shifted(round, exponent)));
    return labelled([...values].filter((value) => this.includes(value)));
  }
}

/** Short labels, without the noise of binary fractions, but with the digits by which they differ; all with an exponent or none. */
export function labelled(values: readonly number[]): Tick[] {
  const distinct = new Set(values).size;
  for (let digits = fewestDigits; ; digits++) {
    const labels = labelsOf(values, digits);
    if (digits === mostDigits || new Set(labels).size === distinct) {
      return values.map((value, i) => ({ value, label: labels[i] ?? '' }));
    }
  }
}

/** The label, or one with fewer digits that is not longer than `room`; nothing if there is none. */
export function shortened({ value, label }: Tick, room: number): string {
  for (let digits = mostDigits, text = label; ; text = labelsOf([value], --digits)[0] ?? '') {
    if (text.length <= room) return text;
    if (digits === 1) return '';
  }
}

function labelsOf(values: readonly number[], digits: number): string[] {
  const rounded = values.map((value) => {
    const short = Number(value.toPrecision(digits));
    // The digits that round up beyond the largest double.
    return Number.isFinite(short) ? short : value;
  });
  const plain = rounded.map((value) => String(value).replace('e+', 'e'));
  const exponential = rounded.map((value) =>
    value === 0 ? '0' : value.toExponential().replace('e+', 'e').replace('e0', ''),
  );
  const longest = longestOf(plain);
  return longest > longestPlain && longestOf(exponential) < longest ? exponential : plain;
}

export function longestOf(texts: readonly string[]): number {
  return Math.max(...texts.map((text) => text.length), 0);
}

/** `value` times a power of ten, by its decimal digits. */
function shifted(value: number, exponent: number): number {
  if (exponent === 0) return value;
  const [mantissa = '', own = '0'] = value.toExponential().split('e');
  return Number(`${mantissa}e${Number(own) + exponent}`);
}
