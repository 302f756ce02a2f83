/** An aggregate of groups of rows, as rows come. Where rounding depends on an order, it is that of the rows. */
export interface Accumulator {
  /** Makes room for groups up to `count`. */
  grow(count: number): void;
  /** `values[i]` is one of group `groups[i]`. */
  add(values: Float64Array, groups: Int32Array): void;
  result(group: number): number | boolean;
}

/** One whose result depends on no order, so that those of parts of the rows make that of all. */
export interface MergeableAccumulator extends Accumulator {
  /** All that is known of a group, as JSON. */
  save(group: number): string;
  /**
   * Adds the rows of what was saved elsewhere, as JSON has been read; the group stays as it is when this throws.
   *
   * @throws CommandFailure for what {@link save} cannot have written.
   */
  merge(group: number, saved: unknown): void;
}
