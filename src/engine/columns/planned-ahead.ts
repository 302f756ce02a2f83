/**
 * Rows that wait for each other, of which something does not: lanes compute that for a block of rows, and then these rows go.
 *
 * Blocks, since what is computed ahead is read at once, out of the cache, and takes as much memory for a billion rows as for some thousand.
 * They are long enough that two runs for each, in other threads too, take next to no time.
 */
import { elementAt, maybeAt, slots } from '../../support/element.ts';
import { BoundColumns } from '../backends/bound-columns.ts';
import { giveMemoryBack, takeMemory } from './idle-memory.ts';
import type { Segment } from './row-segments.ts';

/** How many rows a block has. */
const blockRows = 32_768;

/** Fewer take less time than another run does. */
export const leastRowsAhead = 512;

export function blocksOf({ from, to, isEdge }: Segment): Segment[] {
  const blocks: Segment[] = [];
  for (let at = from; at < to; at += blockRows)
    blocks.push({ from: at, to: Math.min(at + blockRows, to), isEdge });
  return blocks;
}

/** Where what is computed ahead is, for one block after the other. */
export class AheadColumns {
  readonly #memory: ArrayBuffer;
  readonly #count: number;

  /** For so many columns, and as many rows at the most as a block has. */
  constructor(count: number, rows: number) {
    this.#memory = takeMemory(count * Math.min(rows, blockRows) * Float64Array.BYTES_PER_ELEMENT);
    this.#count = count;
  }

  /** The columns, for so many rows. */
  of(rows: number): Float64Array[] {
    const bytes = rows * Float64Array.BYTES_PER_ELEMENT;
    return Array.from(
      slots(this.#count),
      (_, number) => new Float64Array(this.#memory, number * bytes, rows),
    );
  }

  /** No run needs them any more. */
  giveBack(): void {
    giveMemoryBack(this.#memory);
  }
}

/** What rows are bound to, with the columns behind it. */
export function withAhead(
  bound: BoundColumns,
  parameters: readonly string[],
  columns: readonly Float64Array[],
): BoundColumns {
  const all = new BoundColumns(parameters);
  all.length = bound.length;
  const own = bound.parameters.length;
  for (let position = 0; position < parameters.length; position++) {
    all.values[position] =
      position < own ? maybeAt(bound.values, position) : elementAt(columns, position - own);
  }
  return all.seal();
}
