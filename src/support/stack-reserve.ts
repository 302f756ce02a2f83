/**
 * Room on the stack for a change of several steps, so that it is not cut off between two of them: JavaScript may throw its
 * `RangeError` for an exhausted stack at any call, and whoever catches that goes on with what was half changed.
 */

/** Calls deep. With its arguments a call takes more than 100 bytes, however it is compiled; V8 inlines no direct recursion. */
const levels = 250;

/** Throws the engine's `RangeError` unless there is stack for the bookkeeping of an allocation or a release. */
export function requireStack(): void {
  descend(levels, 0, 0, 0, 0, 0, 0, 0);
}

function descend(
  left: number,
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
  f: number,
  g: number,
): number {
  return left === 0 ? a : descend(left - 1, b, c, d, e, f, g, a) + 1;
}
