/** Fuel in slices: whatever runs looks at clocks and stop flags whenever it has spent one. */

/** Units between two looks: at most five milliseconds of machine code (`jit/ir/cost.ts`). */
export const fuelSlice = 50_000;

/** As much of the interpreter's time. */
export const interpretedSlice = 2_500;

/** Fuel of a call where `limits.fuel` does not say: of code, whether machine code or WebAssembly, and of what is interpreted. */
export const defaultFuel = Object.freeze({ compiled: 100_000_000, interpreter: 10_000_000 });

/** The fuel of one call as two stores into a frame. */
export interface FuelGrant {
  readonly total: number;
  /** The first slice, as the float64 with the bits of the int64. */
  readonly first: number;
  /** What comes after it. */
  readonly reserve: number;
}

export function grantFuel(total: number): FuelGrant {
  const first = Math.min(total, fuelSlice);
  return { total, first: pattern(first), reserve: total - first };
}

/** The float64 with the bits of the given int64, for 0 to 2^32 - 1: never a NaN. */
export function pattern(integer: number): number {
  const words = new Uint32Array([integer, 0]);
  return new Float64Array(words.buffer)[0] as number;
}
