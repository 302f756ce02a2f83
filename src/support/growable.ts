/**
 * Typed arrays that stand in for lists of numbers and become longer now and then. Whoever fills one asks for room in
 * front of the write, `if (at + n > list.length) list = grown(list, at + n)`: in hot code that is a comparison and no call.
 */

type Numbers = Uint8Array | Int32Array | BigInt64Array;

/** A longer array with the same contents, with room for `needed` elements and more; for `most` at the most. */
export function grown<T extends Numbers>(array: T, needed: number, most = Number.POSITIVE_INFINITY): T {
  const longer = emptyLike(array, Math.min(grownLength(array.length, needed), most));
  // A union of overloads that each take their own kind.
  (longer as Int32Array).set(array as Int32Array);
  return longer;
}

/** The array, if there is room for `needed` elements; otherwise a longer one, of zeros. For what is filled anew anyway. */
export function withRoom<T extends Numbers>(array: T, needed: number): T {
  return array.length >= needed ? array : emptyLike(array, grownLength(array.length, needed));
}

function emptyLike<T extends Numbers>(array: T, length: number): T {
  return new (array.constructor as new (length: number) => T)(length);
}

/** How long what is too short becomes: doubled until `needed` fit, whatever its length is said to be. */
function grownLength(length: number, needed: number): number {
  let grown = length > 64 ? length : 64;
  while (grown < needed) grown *= 2;
  return grown;
}
