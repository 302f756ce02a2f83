import { InvariantError } from './invariant.ts';

/** The element at `index`, which the caller knows to exist; says so with an invariant where a bare index could not. */
export function elementAt<T>(list: ArrayLike<T | undefined>, index: number): T {
  // Compared first: beyond its end an array reads from `Array.prototype` and `Object.prototype`.
  const element = index >= 0 && index < list.length ? list[index] : undefined;
  // Not by `invariant`: its message would be put together at every call.
  if (element === undefined) throw new InvariantError(`index ${index} is outside a list of ${list.length}`);
  return element;
}

/** The element at `index` if there is one; a bare index beyond the end reads from `Object.prototype`. */
export function maybeAt<T>(list: ArrayLike<T>, index: number): T | undefined {
  return index >= 0 && index < list.length ? list[index] : undefined;
}

/** The last element of a list that the caller knows to be non-empty. */
export function lastOf<T>(list: ArrayLike<T | undefined>): T {
  return elementAt(list, list.length - 1);
}

/**
 * A list of `length` empty places. `new Array(length)` alone has holes, and what is read from a hole is read from
 * `Array.prototype` and `Object.prototype`, where anybody may have put something.
 */
export function slots<T>(length: number): (T | undefined)[] {
  // As literals a few are made in a fraction of the time.
  switch (length) {
    case 0:
      return [];
    case 1:
      return [undefined];
    case 2:
      return [undefined, undefined];
    case 3:
      return [undefined, undefined, undefined];
    case 4:
      return [undefined, undefined, undefined, undefined];
  }
  return new Array<T | undefined>(length).fill(undefined);
}
