/**
 * The doubles nearest to multiples of pi/2, one for each exponent: where the reduction of sine, cosine and tangent cancels
 * most. By the method of Kahan (and Muller, Elementary Functions, 11.3.2): m 2^e is near to n pi/2 where n / m is near to
 * 2^e / (pi/2), so the best m is the denominator of the last convergent of its continued fraction that fits a significand.
 */

/** Fraction bits of pi: exponents of doubles, a significand, and what cancels. */
const bits = 1400n;

/** atan(1 / n) 2^bits, by its series. */
function atanOfInverse(n: bigint): bigint {
  let power = (1n << bits) / n;
  let sum = 0n;
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += (k % 4n === 1n ? power : -power) / k;
    power /= n * n;
  }
  return sum;
}

export function hardReductions(): number[] {
  // Machin: pi/4 = 4 atan(1/5) - atan(1/239).
  const halfPi = 2n * (4n * atanOfInverse(5n) - atanOfInverse(239n));
  const found = new Set<number>();
  const one = 1n << bits;
  for (let exponent = -52; exponent <= 971; exponent++) {
    let numerator = exponent < 0 ? one >> BigInt(-exponent) : one << BigInt(exponent);
    let denominator = halfPi;
    let [previous, current] = [1n, 0n];
    for (;;) {
      const quotient = numerator / denominator;
      const next = quotient * current + previous;
      if (next >= 1n << 53n) break;
      [previous, current] = [current, next];
      [numerator, denominator] = [denominator, numerator - quotient * denominator];
    }
    found.add(Number(current) * 2 ** exponent);
  }
  return [...found].sort((a, b) => a - b);
}
