/**
 * Room on the stack for a change of several steps, so that it is not cut off between two of them: JavaScript may throw its
 * `RangeError` for an exhausted stack at any call, and whoever catches that goes on with what was half changed.
 *
 * V8 compiles a function when it is first called, and again when it was not called for long, and then wants 40 KiB
 * (`kStackSpaceRequiredForCompilation`); what is secured here is that, and more than 10 KiB for the change itself.
 */

/** Calls deep. Each takes 2 KiB with its arguments, however it is compiled; V8 inlines no direct recursion. */
const levels = 28;
/** For each layer that secures more than the one below it. */
const levelsPerLayer = 4;

let hasAmpleStack = (): boolean => false;

/** From now on `probe` is asked first, which knows at a hundredth of the cost that there are 256 KiB, or does not know. */
export function askFirst(probe: () => boolean): void {
  hasAmpleStack = probe;
}

/**
 * Throws the engine's `RangeError` unless there is stack for the bookkeeping of an allocation or a release. Who calls
 * others that do the same, of which none may fail then, says how many lie one above the other.
 */
export function requireStack(layers = 0): void {
  if (hasAmpleStack()) return;
  descend(levels + layers * levelsPerLayer);
}

type Descend = (left: number, ...words: readonly number[]) => number;

// Few calls of many arguments, since a return from deep within costs more than a page of the stack.
// biome-ignore format: one number a line would be no clearer.
const descend: Descend = (left) =>
  left === 0 ? 0 : descend(left - 1,
    0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
    0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
    0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
    0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
    0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0
  ) + 1;
