import type { GroupKind } from '../../src/index.ts';

const isTrue = (x: number): boolean => x !== 0 && !Number.isNaN(x);

const definitions: Readonly<Record<GroupKind, (own: readonly number[]) => number>> = {
  sum: (own) => own.reduce((sum, x) => sum + x, 0),
  mean: (own) => own.reduce((sum, x) => sum + x, 0) / own.length,
  min: (own) => own.reduce((least, x) => Math.min(least, x), Number.POSITIVE_INFINITY),
  max: (own) => own.reduce((most, x) => Math.max(most, x), Number.NEGATIVE_INFINITY),
  prod: (own) => own.reduce((product, x) => product * x, 1),
  any: (own) => (own.some(isTrue) ? 1 : 0),
  all: (own) => (own.every(isTrue) ? 1 : 0),
  count: (own) => own.filter(isTrue).length,
};

export const groupKinds = Object.keys(definitions) as GroupKind[];

/** What each group comes to: row by row, as plain as can be. */
export function plainGroups(
  kind: GroupKind,
  values: ArrayLike<number>,
  by: ArrayLike<number>,
  groups: number,
): number[] {
  return Array.from({ length: groups }, (_, group) =>
    definitions[kind](Array.from(values).filter((_value, row) => by[row] === group)),
  );
}
