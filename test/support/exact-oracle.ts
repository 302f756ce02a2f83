/** Sums of doubles as bigints, and their one rounding by `Number(bigint)`, which JavaScript defines to be to the nearest, ties to even. */

/** In units of 2^-1074, of which every finite double is a multiple. */
function unitsOf(x: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const exponent = (bits >> 52n) & 0x7ffn;
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  const magnitude = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n);
  return bits >> 63n === 1n ? -magnitude : magnitude;
}

/** The double nearest to `units / divisor` times 2^-1074. */
function doubleOf(units: bigint, divisor = 1n): number {
  const sign = units < 0n ? -1 : 1;
  const magnitude = units < 0n ? -units : units;
  let quotient = magnitude / divisor;
  const rest = magnitude % divisor;
  if (quotient < 1n << 53n) {
    // The last bit of the quotient is that of the double.
    const isUp = 2n * rest > divisor || (2n * rest === divisor && quotient % 2n === 1n);
    return sign * Number(isUp ? quotient + 1n : quotient) * 2 ** -1074;
  }
  let isInexact = rest !== 0n;
  let scale = -1074;
  const width = quotient.toString(16).length * 4;
  if (width > 960) {
    const drop = BigInt(width - 960);
    isInexact ||= (quotient & ((1n << drop) - 1n)) !== 0n;
    quotient >>= drop;
    scale += Number(drop);
  }
  // One more bit, for `Number` to see that there is something behind the rest.
  const rounded = Number((quotient << 1n) | (isInexact ? 1n : 0n)) / 2;
  return sign * rounded * 2 ** Math.min(scale, 0) * 2 ** Math.max(scale, 0);
}

/** The sum of any doubles, rounded once; NaN and infinities as when they are added one by one. */
export function exactSumOf(values: Iterable<number>): number {
  let units = 0n;
  let special = 0;
  for (const value of values) {
    if (Number.isFinite(value)) units += unitsOf(value);
    else special += value;
  }
  return special === 0 ? doubleOf(units) : special;
}

/** Of finite doubles. */
export function exactMeanOf(values: ArrayLike<number>): number {
  let units = 0n;
  for (let i = 0; i < values.length; i++) units += unitsOf(values[i] as number);
  return doubleOf(units, BigInt(values.length));
}
