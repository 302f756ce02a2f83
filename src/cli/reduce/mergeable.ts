import { CommandFailure } from '../command.ts';
import { formatJson } from '../format-result.ts';
import type { MergeableAccumulator } from './accumulator.ts';
import type { AggregateKind } from './aggregate.ts';
import { ExactSums } from './exact-sums.ts';
import { type Fold, folds } from './fold.ts';

/** Aggregates that depend on no order. A product rounds at every row. */
export type MergeableKind = Exclude<AggregateKind, 'prod'>;

export function isMergeable(kind: AggregateKind): kind is MergeableKind {
  return kind !== 'prod';
}

export function createMergeable(kind: MergeableKind): MergeableAccumulator {
  switch (kind) {
    case 'sum':
    case 'mean':
      return new ExactSums(kind);
    case 'count':
      return new MergeableFold(folds.count(), (a, b) => a + b, counts);
    case 'min':
      return new MergeableFold(folds.min(), Math.min, numbers);
    case 'max':
      return new MergeableFold(folds.max(), Math.max, numbers);
    case 'any':
      return new MergeableFold(folds.any(), Math.max, truths);
    case 'all':
      return new MergeableFold(folds.all(), Math.min, truths);
  }
}

/** How the number of a fold is a result, and back from JSON. */
interface Codec {
  result(state: number): number | boolean;
  /** Undefined for what no result is written as. */
  parse(saved: unknown): number | undefined;
}

const counts: Codec = {
  result: (count) => count,
  parse: (saved) => (Number.isSafeInteger(saved) && (saved as number) >= 0 ? (saved as number) : undefined),
};

const numbers: Codec = {
  result: (value) => value,
  parse(saved) {
    if (typeof saved === 'number' && Number.isFinite(saved)) return saved;
    return typeof saved === 'string' ? specials.get(saved) : undefined;
  },
};

/** As `formatJson` writes them. */
const specials: ReadonlyMap<string, number> = new Map([
  ['nan', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
]);

const truths: Codec = {
  result: (state) => state !== 0,
  parse: (saved) => (typeof saved === 'boolean' ? Number(saved) : undefined),
};

class MergeableFold implements MergeableAccumulator {
  readonly #fold: Fold;
  readonly #combine: (a: number, b: number) => number;
  readonly #codec: Codec;

  constructor(fold: Fold, combine: (a: number, b: number) => number, codec: Codec) {
    this.#fold = fold;
    this.#combine = combine;
    this.#codec = codec;
  }

  grow(count: number): void {
    this.#fold.grow(count);
  }

  add(values: Float64Array, groups: Int32Array): void {
    this.#fold.add(values, groups);
  }

  result(group: number): number | boolean {
    return this.#codec.result(this.#fold.result(group));
  }

  save(group: number): string {
    return formatJson(this.result(group));
  }

  merge(group: number, saved: unknown): void {
    const { parse } = this.#codec;
    const state = parse(saved);
    if (state === undefined) throw new CommandFailure('a value that is no state of its aggregate');
    const merged = this.#combine(this.#fold.result(group), state);
    // Of counts, which may become too large.
    if (this.#codec === counts && parse(merged) === undefined) {
      throw new CommandFailure('more than 2^53 - 1 rows');
    }
    this.#fold.set(group, merged);
  }
}
