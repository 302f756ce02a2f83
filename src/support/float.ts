/** IEEE 754 operations that JavaScript does not offer, exact to the last bit. */

const scratch = new DataView(new ArrayBuffer(8));

/**
 * `x * y + z`, rounded once. A finite double is an integer times a power of two, and bigints hold products and
 * sums of such without loss, so the exact sum is formed first and rounded last.
 */
export function fusedMultiplyAdd(x: number, y: number, z: number): number {
  if (!Number.isFinite(x) || !Number.isFinite(y) || x === 0 || y === 0) return x * y + z;
  if (!Number.isFinite(z)) return z;
  if (z === 0) return x * y;
  const [mx, ex] = decompose(x);
  const [my, ey] = decompose(y);
  const [mz, ez] = decompose(z);
  const exponent = Math.min(ex + ey, ez);
  const sum = ((mx * my) << BigInt(ex + ey - exponent)) + (mz << BigInt(ez - exponent));
  return nearestDouble(sum, exponent);
}

/** The magnitude of the first with the sign of the second; sees the sign of -0 and of NaN. */
export function copySign(magnitude: number, sign: number): number {
  return hasSign(magnitude) === hasSign(sign) ? magnitude : -magnitude;
}

/** Combines the bits of two doubles, as 64-bit integers. */
export function bitwise(x: number, y: number, combine: (a: bigint, b: bigint) => bigint): number {
  return ofBits(combine(bitsOf(x), bitsOf(y)));
}

/** The bits of a double, as a signed integer. */
export function bitsOf(x: number): bigint {
  scratch.setFloat64(0, x);
  return scratch.getBigInt64(0);
}

/** The inverse of {@link bitsOf}, modulo 2^64. */
export function ofBits(bits: bigint): number {
  scratch.setBigInt64(0, bits);
  return scratch.getFloat64(0);
}

function hasSign(x: number): boolean {
  scratch.setFloat64(0, x);
  return scratch.getInt8(0) < 0;
}

/** A finite double as integer mantissa and exponent: `x = mantissa * 2^exponent`. */
function decompose(x: number): [mantissa: bigint, exponent: number] {
  scratch.setFloat64(0, x);
  const word = scratch.getBigUint64(0);
  const biased = Number((word >> 52n) & 0x7ffn);
  const fraction = word & ((1n << 52n) - 1n);
  const magnitude = biased === 0 ? fraction : fraction | (1n << 52n);
  return [x < 0 ? -magnitude : magnitude, (biased === 0 ? 1 : biased) - 1075];
}

/** The double nearest to `mantissa * 2^exponent`, ties to even; 0 for 0. */
export function nearestDouble(mantissa: bigint, exponent: number): number {
  const negative = mantissa < 0n;
  let magnitude = negative ? -mantissa : mantissa;
  const width = magnitude.toString(2).length;
  const drop = Math.max(width - 53, -1074 - exponent, 0);
  if (drop > 0) {
    const half = 1n << BigInt(drop - 1);
    const rest = magnitude & ((1n << BigInt(drop)) - 1n);
    magnitude >>= BigInt(drop);
    if (rest > half || (rest === half && (magnitude & 1n) === 1n)) magnitude += 1n;
  }
  const scale = exponent + drop;
  // In two steps, so that each power of two is a finite normal number; only a true overflow can round.
  const step = Math.max(Math.min(scale, 1000), -1000);
  const result = Number(magnitude) * 2 ** step * 2 ** (scale - step);
  return negative ? -result : result;
}
