import { ReductionState } from '../../index.ts';
import { CommandFailure } from '../command.ts';
import type { MergeableAccumulator } from './accumulator.ts';

/** Sums or means of groups, rounded once. */
export class ExactSums implements MergeableAccumulator {
  readonly #kind: 'sum' | 'mean';
  readonly #states: ReductionState[] = [];
  /** The first row of each group in a batch; none between batches. */
  #first: Int32Array = new Int32Array(0);

  constructor(kind: 'sum' | 'mean') {
    this.#kind = kind;
  }

  grow(count: number): void {
    while (this.#states.length < count) this.#states.push(new ReductionState());
    if (count > this.#first.length) this.#first = new Int32Array(count * 2).fill(none);
  }

  add(values: Float64Array, groups: Int32Array): void {
    const states = this.#states;
    if (states.length === 1) {
      states[0]?.add(values);
      return;
    }
    // Rows of one group are added together: a call takes longer than a row.
    const first = this.#first;
    const next = new Int32Array(values.length);
    const present: number[] = [];
    for (let row = values.length - 1; row >= 0; row--) {
      const group = groups[row] as number;
      const after = first[group] as number;
      if (after === none) present.push(group);
      next[row] = after;
      first[group] = row;
    }
    const own = new Float64Array(values.length);
    for (const group of present) {
      let count = 0;
      for (let row = first[group] as number; row !== none; row = next[row] as number) {
        own[count++] = values[row] as number;
      }
      first[group] = none;
      (states[group] as ReductionState).add(own.subarray(0, count));
    }
  }

  result(group: number): number {
    return (this.#states[group] as ReductionState)[this.#kind];
  }

  save(group: number): string {
    const bytes = (this.#states[group] as ReductionState).toBytes();
    return `"${Buffer.from(bytes.buffer).toString('base64')}"`;
  }

  merge(group: number, saved: unknown): void {
    if (typeof saved !== 'string' || !base64.test(saved))
      throw new CommandFailure(`no state of a ${this.#kind}`);
    try {
      const state = ReductionState.fromBytes(Uint8Array.from(Buffer.from(saved, 'base64')));
      (this.#states[group] as ReductionState).merge(state);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new CommandFailure(error.message);
    }
  }
}

const none = -1;

/** Four characters for three bytes of a state. */
const base64 = /^[A-Za-z\d+/]{384}$/;
