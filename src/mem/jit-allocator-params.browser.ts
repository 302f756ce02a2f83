/** Where there is no executable memory, nobody may ask for any: see `jit-allocator-params.ts`. */

export function readAllocatorParams(given: unknown): object {
  if (given === undefined) return {};
  throw new TypeError('allocator is for machine code, which a browser does not run');
}
