import type { Engine } from '../../index.ts';

/** What became of the rows. */
export interface RowCounts {
  read: number;
  /** Cells that were used and are no numbers, by heading. */
  readonly notNumbers: Map<string, number>;
}

export interface TableRun {
  readonly engine: Engine;
  readonly counts: RowCounts;
  /** Stops what computes. */
  readonly signal: AbortSignal;
  /** How many rows the table has, where the job needs to know. */
  readonly length: number | undefined;
}
