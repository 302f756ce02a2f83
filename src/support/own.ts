/**
 * Does the object itself have `key`? Unlike `key in object` it does not answer for `Object.prototype`, and so it tells
 * the members of a union apart whatever somebody has put there.
 */
export function hasOwn<T extends object, K extends T extends unknown ? keyof T : never>(
  object: T,
  key: K,
): object is Extract<T, Readonly<Record<K, unknown>>> {
  return Object.hasOwn(object, key);
}

/** Functions are none. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
