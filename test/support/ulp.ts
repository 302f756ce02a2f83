/** Comparison of doubles by their bits. */

const scratch = new DataView(new ArrayBuffer(8));

export function bitsOf(x: number): bigint {
  scratch.setFloat64(0, x);
  return scratch.getBigUint64(0);
}

export function fromBits(bits: bigint): number {
  scratch.setBigUint64(0, bits);
  return scratch.getFloat64(0);
}

/** Sixteen hexadecimal digits; every NaN prints the same. */
export function hexBits(x: number): string {
  return bitsOf(Number.isNaN(x) ? Number.NaN : x)
    .toString(16)
    .padStart(16, '0');
}

/** The same bits, or both NaN: JavaScript cannot tell one NaN from another. */
export function sameBits(x: number, y: number): boolean {
  return Object.is(x, y);
}

/** The least double above `x`. */
export function nextUp(x: number): number {
  if (Number.isNaN(x) || x === Number.POSITIVE_INFINITY) return x;
  if (x === 0) return Number.MIN_VALUE;
  return fromBits(bitsOf(x) + (x > 0 ? 1n : -1n));
}

/** How many doubles lie between the two, plus one; zeros are one place, two NaNs none apart, a NaN and a number infinitely far. */
export function ulpDistance(x: number, y: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Object.is(x, y) ? 0 : Number.POSITIVE_INFINITY;
  const distance = place(x) - place(y);
  return Number(distance < 0n ? -distance : distance);
}

/** The doubles in order, counted from zero. */
function place(x: number): bigint {
  return x < 0 ? -bitsOf(-x) : bitsOf(Math.abs(x));
}

/** The distance between the doubles around `x`, which is what "one ulp" of a true value near `x` means. */
export function ulpOf(x: number): number {
  const magnitude = Math.abs(x);
  if (!Number.isFinite(magnitude)) return 2 ** 971;
  const exponent = Number(bitsOf(magnitude) >> 52n);
  return 2 ** (Math.max(exponent, 1) - 1075);
}
