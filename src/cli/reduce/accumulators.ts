/**
 * Aggregates of groups of rows, as rows come. Each adds in the order of the rows, one by one, so what comes out does not depend
 * on how a table was cut into pieces.
 */
import type { AggregateKind } from './aggregate.ts';

export interface Accumulator {
  /** Makes room for groups up to `count`. */
  grow(count: number): void;
  /** `values[i]` is one of group `groups[i]`. */
  add(values: Float64Array, groups: Int32Array): void;
  result(group: number): number | boolean;
}

export function createAccumulator(kind: AggregateKind): Accumulator {
  switch (kind) {
    case 'sum':
      return new Sum();
    case 'mean':
      return new Mean();
    case 'count':
      return new Fold(0, (count, value) => (isTrue(value) ? count + 1 : count));
    // As in the language: nan where one is, and -0 is less than 0.
    case 'min':
      return new Fold(Number.POSITIVE_INFINITY, Math.min);
    case 'max':
      return new Fold(Number.NEGATIVE_INFINITY, Math.max);
    case 'prod':
      return new Fold(1, (product, value) => product * value);
    case 'any':
      return new Truth(new Fold(0, (any, value) => (isTrue(value) ? 1 : any)));
    case 'all':
      return new Truth(new Fold(1, (all, value) => (isTrue(value) ? all : 0)));
  }
}

/** As conditions take numbers: neither 0 nor nan. */
function isTrue(value: number): boolean {
  return value !== 0 && !Number.isNaN(value);
}

/** A number for each group, made of its values one by one. */
class Fold implements Accumulator {
  readonly #start: number;
  readonly #step: (state: number, value: number) => number;
  #states: Float64Array = new Float64Array(0);

  constructor(start: number, step: (state: number, value: number) => number) {
    this.#start = start;
    this.#step = step;
  }

  grow(count: number): void {
    this.#states = grown(this.#states, count, this.#start);
  }

  add(values: Float64Array, groups: Int32Array): void {
    const states = this.#states;
    const step = this.#step;
    for (let i = 0; i < values.length; i++) {
      const group = groups[i] as number;
      states[group] = step(states[group] as number, values[i] as number);
    }
  }

  result(group: number): number {
    return this.#states[group] as number;
  }
}

class Truth implements Accumulator {
  readonly #fold: Fold;

  constructor(fold: Fold) {
    this.#fold = fold;
  }

  grow(count: number): void {
    this.#fold.grow(count);
  }

  add(values: Float64Array, groups: Int32Array): void {
    this.#fold.add(values, groups);
  }

  result(group: number): boolean {
    return this.#fold.result(group) !== 0;
  }
}

/**
 * Sums with what each addition lost (Neumaier, Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen, 1974): as
 * long as terms do not cancel each other out, the error does not grow with their number.
 */
class Sum implements Accumulator {
  #sums: Float64Array = new Float64Array(0);
  #lost: Float64Array = new Float64Array(0);

  grow(count: number): void {
    this.#sums = grown(this.#sums, count, 0);
    this.#lost = grown(this.#lost, count, 0);
  }

  add(values: Float64Array, groups: Int32Array): void {
    const sums = this.#sums;
    const lost = this.#lost;
    for (let i = 0; i < values.length; i++) {
      const group = groups[i] as number;
      const value = values[i] as number;
      const before = sums[group] as number;
      const after = before + value;
      const isLarger = Math.abs(before) >= Math.abs(value);
      sums[group] = after;
      lost[group] = (lost[group] as number) + (isLarger ? before - after + value : value - after + before);
    }
  }

  result(group: number): number {
    const sum = this.#sums[group] as number;
    // Of an infinity nothing can be lost, but differences with it are nan.
    return Number.isFinite(sum) ? sum + (this.#lost[group] as number) : sum;
  }
}

class Mean implements Accumulator {
  readonly #sum = new Sum();
  readonly #rows = new Fold(0, (count) => count + 1);

  grow(count: number): void {
    this.#sum.grow(count);
    this.#rows.grow(count);
  }

  add(values: Float64Array, groups: Int32Array): void {
    this.#sum.add(values, groups);
    this.#rows.add(values, groups);
  }

  result(group: number): number {
    return this.#sum.result(group) / this.#rows.result(group);
  }
}

/** Room for `count` at least, twice as much as before if it has to grow. */
function grown(states: Float64Array, count: number, start: number): Float64Array {
  if (count <= states.length) return states;
  const larger = new Float64Array(Math.max(count, states.length * 2)).fill(start);
  larger.set(states);
  return larger;
}
