/** A number for each group, made of its values one by one. */
export class Fold {
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

  set(group: number, state: number): void {
    this.#states[group] = state;
  }
}

/** Those of the aggregates of which each is one number. */
export const folds = {
  count: () => new Fold(0, (count, value) => (isTrue(value) ? count + 1 : count)),
  // As in the language: nan where one is, and -0 is less than 0.
  min: () => new Fold(Number.POSITIVE_INFINITY, Math.min),
  max: () => new Fold(Number.NEGATIVE_INFINITY, Math.max),
  prod: () => new Fold(1, (product, value) => product * value),
  // 1 and 0.
  any: () => new Fold(0, (any, value) => (isTrue(value) ? 1 : any)),
  all: () => new Fold(1, (all, value) => (isTrue(value) ? all : 0)),
} as const;

/** As conditions take numbers: neither 0 nor nan. */
function isTrue(value: number): boolean {
  return value !== 0 && !Number.isNaN(value);
}

/** Room for `count` at least, twice as much as before if it has to grow. */
export function grown(states: Float64Array, count: number, start: number): Float64Array {
  if (count <= states.length) return states;
  const larger = new Float64Array(Math.max(count, states.length * 2)).fill(start);
  larger.set(states);
  return larger;
}
