import { unquoted } from '../map/cells.ts';
import { latin1 } from '../map/encoding.ts';
import type { GroupColumn } from './row-source.ts';

/** Different values of a column, so that a pair of numbers of them is exact as one number. */
const mostValues = 2 ** 26;

/**
 * Numbers, from 0, for the groups that rows belong to by their cells in some columns, in the order in which groups first come. All rows are
 * one group where there is no column.
 */
export class Groups<Batch> {
  readonly #columns: readonly GroupColumn<Batch>[];
  /** For each column: the number of what the columns before it and it make together, by the number of those and that of its cell. */
  readonly #pairs: readonly Map<number, number>[];
  /** The numbers of the cells of each group. */
  readonly #members: Int32Array[] = [];

  constructor(columns: readonly GroupColumn<Batch>[]) {
    this.#columns = columns;
    this.#pairs = columns.map(() => new Map<number, number>());
    if (columns.length === 0) this.#members.push(new Int32Array(0));
  }

  get count(): number {
    return this.#members.length;
  }

  /** The groups of some rows of a batch. */
  of(batch: Batch, rows: Uint32Array): Int32Array {
    const groups = new Int32Array(rows.length);
    const numbers = this.#columns.map((column) => column.of(batch, rows));
    for (const [index, column] of numbers.entries()) {
      const pairs = this.#pairs[index] as Map<number, number>;
      const isLast = index === numbers.length - 1;
      for (let row = 0; row < groups.length; row++) {
        const pair = (groups[row] as number) * mostValues + (column[row] as number);
        let group = pairs.get(pair);
        if (group === undefined) {
          group = pairs.size;
          pairs.set(pair, group);
          if (isLast) this.#members.push(Int32Array.from(numbers, (each) => each[row] as number));
        }
        groups[row] = group;
      }
    }
    return groups;
  }

  /** The cells that a group has in common, as they were first written. */
  cells(group: number): Buffer[] {
    const members = this.#members[group] as Int32Array;
    return this.#columns.map(({ cells }, index) => cells[members[index] as number] as Buffer);
  }

  /** What these cells mean: their bytes without quotes, as latin1. */
  key(group: number): GroupKey {
    return this.cells(group).map((cell) => unquoted(latin1.decode(cell)));
  }
}

/** What a group has in common, column by column: bytes, as latin1. */
export type GroupKey = readonly string[];
