import type { Accumulator } from './accumulator.ts';
import { Fold, grown } from './fold.ts';

/**
 * Sums with what each addition lost (Neumaier, Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen, 1974): as
 * long as terms do not cancel each other out, the error does not grow with their number.
 */
export class Sum implements Accumulator {
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

export class Mean implements Accumulator {
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
