import { UsageError } from '../command.ts';

/** What can be made of the values of many rows. */
export const aggregateKinds = ['sum', 'mean', 'min', 'max', 'prod', 'count', 'any', 'all'] as const;

export type AggregateKind = (typeof aggregateKinds)[number];

export interface Aggregate {
  readonly kind: AggregateKind;
  /** Of each row. */
  readonly formula: string;
}

/** Whose values have a heading of their own. */
export interface NamedAggregate extends Aggregate {
  readonly heading: string;
}

/**
 * Of `sum(price * quantity)`; `count()` counts all rows.
 *
 * @throws UsageError for what is no aggregate of one formula.
 */
export function parseAggregate(text: string): Aggregate {
  const match = /^\s*(\w+)\s*\((.*)\)\s*$/s.exec(text);
  const kind = aggregateKinds.find((known) => known === match?.[1]);
  const formula = match?.[2];
  if (kind === undefined || formula === undefined || !isClosed(formula)) {
    const kinds = aggregateKinds.join(', ');
    throw new UsageError(`'${text}' is no aggregate; say one of ${kinds} of a formula, as in sum(x)`);
  }
  if (formula.trim() !== '') return { kind, formula };
  if (kind !== 'count') throw new UsageError(`${kind}() needs a formula`);
  return { kind, formula: 'true' };
}

/** Whether no bracket is closed in a text that was not opened in it. */
function isClosed(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth++;
    else if (character === ')' && --depth < 0) return false;
  }
  return true;
}
