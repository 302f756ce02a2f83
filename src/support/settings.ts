/**
 * For parameters that are left out: an object literal would have what anybody put into `Object.prototype`. Made in this way
 * since `Object.create(null)` is a hash table, which takes longer to ask.
 */
export const noOptions: Readonly<Record<string, never>> = Object.freeze(Object.setPrototypeOf({}, null));

/**
 * A copy of an object of options, each read once, with what it has itself or inherits from an object of its own kind,
 * but nothing of `Object.prototype`: what somebody has put there is nobody's wish.
 */
export function settings<Options extends object>(given: Options): Options {
  if (Object.getPrototypeOf(given) === Object.prototype) return { __proto__: null, ...given };
  const names = new Set<string>();
  for (let at: object = given; ; ) {
    const above: object | null = Object.getPrototypeOf(at);
    // What has no prototype is the `Object.prototype` of some realm, unless it is the object itself.
    // The elements that `Array.prototype` has are nobody's options.
    if (at === given || (above !== null && !Array.isArray(at)))
      for (const name of Object.getOwnPropertyNames(at)) names.add(name);
    if (above === null) break;
    at = above;
  }
  const copy: Record<string, unknown> = Object.create(null);
  for (const name of names) copy[name] = (given as Record<string, unknown>)[name];
  return copy as Options;
}
