/** What became of blocks that were to be moved onto huge pages; sizes in bytes. */
export interface CollapseReport {
  /** Bytes that are on huge pages now, and were not. */
  readonly collapsedSize: number;
  /** Bytes of which the OS was told that huge pages would be welcome, since it has none at hand. */
  readonly hintedSize: number;
  /** What the OS refused: it leaves the code where it is. */
  readonly failures: readonly unknown[];
}

export function requireUsedRatio(ratio: unknown): asserts ratio is number {
  if (typeof ratio !== 'number') throw new TypeError(`usedRatio must be a number, not a ${typeof ratio}`);
  if (!(ratio >= 0 && ratio <= 1)) throw new RangeError(`usedRatio must be from 0 to 1, not ${ratio}`);
}
