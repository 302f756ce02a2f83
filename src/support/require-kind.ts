import { describeValue } from './describe-value.ts';

interface Kinds {
  number: number;
  bigint: bigint;
  boolean: boolean;
}

/**
 * An argument of the kind that `typeof` says.
 *
 * @param position From 1 on, for the message.
 * @throws TypeError for another.
 */
export function requireKind<Kind extends keyof Kinds>(
  value: unknown,
  kind: Kind,
  position: number,
): Kinds[Kind] {
  if (typeof value === kind) return value as Kinds[Kind];
  throw new TypeError(`argument ${position} must be a ${kind}, not ${describeValue(value)}`);
}
