import type { Accumulator } from './accumulator.ts';
import type { AggregateKind } from './aggregate.ts';
import { folds } from './fold.ts';
import { createMergeable } from './mergeable.ts';
import { Mean, Sum } from './rounded-sums.ts';

/** `exact`: sums and means are rounded once, at the end. */
export function createAccumulator(kind: AggregateKind, exact: boolean): Accumulator {
  if (kind === 'prod') return folds.prod();
  if (kind === 'sum' && !exact) return new Sum();
  if (kind === 'mean' && !exact) return new Mean();
  return createMergeable(kind);
}
