import type { Statistics } from '../../mem/statistics.ts';

/** There is no executable memory. */
export const noMemory: Statistics = Object.freeze({
  blockCount: 0,
  allocationCount: 0,
  usedSize: 0,
  reservedSize: 0,
  unusedSize: 0,
  collapsedSize: 0,
  overheadSize: 0,
  usedRatio: 0,
  unusedRatio: 0,
  overheadRatio: 0,
});
