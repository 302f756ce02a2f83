import { InvariantError } from './invariant.ts';

/** The element at `index`, which the caller knows to exist; says so with an invariant where a bare index could not. */
export function elementAt<T>(list: ArrayLike<T>, index: number): T {
  const element = list[index];
  // Not by `invariant`: its message would be put together at every call.
  if (element === undefined) throw new InvariantError(`index ${index} is outside a list of ${list.length}`);
  return element;
}

/** The last element of a list that the caller knows to be non-empty. */
export function lastOf<T>(list: ArrayLike<T>): T {
  return elementAt(list, list.length - 1);
}
