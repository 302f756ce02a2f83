import { isObject } from './own.ts';

/** Freezes an object and all that it owns, except for what hangs on objects that were frozen before. */
export function deepFreeze<T extends object>(root: T): T {
  const pending: object[] = [root];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    Object.freeze(next);
    for (const value of Object.values(next))
      if (isObject(value) && !Object.isFrozen(value)) pending.push(value);
  }
  return root;
}
