/**
 * Reductions in an order of their own, which no feature level, vector width or number of threads changes.
 *
 * Rows are taken in blocks of `reductionBlock`. Within a block there are {@link reductionLanes} accumulators; row `r` goes to
 * that of number `r` modulo their count, in order. At the end of the block the upper half of the accumulators is combined into the
 * lower, until one is left: the block's partial result. Partial results are combined pairwise, neighbours first. So the
 * error of a sum grows with the logarithm of the number of blocks, and the machine adds sixteen rows at a time.
 *
 * What stands here is the definition, in TypeScript: for the engine's fallback, for tests, and for the last step.
 */
import { reductionBlock } from '../../native/kernel-frame.ts';
import { isTrue } from '../../support/truth.ts';
import type { FoldKind } from './kernel-spec.ts';

export const reductionLanes = 16;

export interface Reduction {
  /** What an accumulator holds before the first row, and the result over no rows. */
  readonly identity: number;
  readonly combine: (x: number, y: number) => number;
}

const add = (x: number, y: number): number => x + y;

/** For `count`, `any` and `all` a row counts as 1 where its value is true (not 0 and not NaN), else as 0. */
export const reductions: Readonly<Record<FoldKind, Reduction>> = Object.freeze({
  sum: { identity: 0, combine: add },
  prod: { identity: 1, combine: (x, y) => x * y },
  min: { identity: Number.POSITIVE_INFINITY, combine: (x, y) => Math.min(x, y) },
  max: { identity: Number.NEGATIVE_INFINITY, combine: (x, y) => Math.max(x, y) },
  count: { identity: 0, combine: add },
  any: { identity: 0, combine: (x, y) => Math.max(x, y) },
  all: { identity: 1, combine: (x, y) => Math.min(x, y) },
});

/** Do rows contribute whether their values are true? */
function isLogical(kind: FoldKind): boolean {
  return kind === 'count' || kind === 'any' || kind === 'all';
}

/** How many partial results so many rows have. */
export function partialCount(rows: number): number {
  return Math.ceil(rows / reductionBlock);
}

/**
 * Combines the partial results at `first`, `first + stride`, … of an array, `count` of them, as a binary tree: 0 with
 * 1, 2 with 3, and so on; what is left over at the end of a level goes on to the next.
 */
export function combinePartials(
  kind: FoldKind,
  partials: ArrayLike<number>,
  count: number,
  first = 0,
  stride = 1,
): number {
  const { identity, combine } = reductions[kind];
  if (count === 0) return identity;
  // An array of JavaScript that long would end the process.
  const level = new Float64Array(count);
  for (let i = 0; i < count; i++) level[i] = partials[first + i * stride] as number;
  for (let width = count; width > 1; width = (width + 1) >> 1) {
    for (let i = 0; i < width >> 1; i++)
      level[i] = combine(level[2 * i] as number, level[2 * i + 1] as number);
    if (width % 2 === 1) level[width >> 1] = level[width - 1] as number;
  }
  return level[0] as number;
}

/** The whole reduction of the first `rows` values. */
export function reduceValues(kind: FoldKind, values: Float64Array, rows: number = values.length): number {
  const { identity, combine } = reductions[kind];
  const isOfTruth = isLogical(kind);
  const partials = new Float64Array(partialCount(rows));
  const lanes = new Float64Array(reductionLanes);
  for (let block = 0; block < partials.length; block++) {
    lanes.fill(identity);
    const end = Math.min(rows, (block + 1) * reductionBlock);
    for (let row = block * reductionBlock; row < end; row++) {
      const lane = row & (reductionLanes - 1);
      const value = values[row] as number;
      const contribution = isOfTruth ? Number(isTrue(value)) : value;
      lanes[lane] = combine(lanes[lane] as number, contribution);
    }
    for (let width = reductionLanes / 2; width >= 1; width /= 2) {
      for (let i = 0; i < width; i++) lanes[i] = combine(lanes[i] as number, lanes[i + width] as number);
    }
    partials[block] = lanes[0] as number;
  }
  return combinePartials(kind, partials, partials.length);
}
