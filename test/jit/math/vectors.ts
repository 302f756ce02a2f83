/**
 * Arguments and true values of the functions of the math library, computed with MPFR: `scripts/math-vectors/generate.mjs` writes
 * `vectors/<name>.bin`. All is little-endian, and lists lie one behind the other:
 *
 * | bytes | what |
 * | --- | --- |
 * | 4 | n, the number of vectors |
 * | 4 | the arity, 1 or 2 |
 * | 8n | x: float64 |
 * | 8n | y: float64, of functions of two arguments only |
 * | 8n | the nearest double to the true value: float64 |
 * | 2n | what the true value is beyond that, in 1/65536 ulp of the true value: int16 |
 *
 * 1. Infinity as the nearest double stands for 2^1024, so the rest is negative where the true value is just below it.
 * 2. The rest of NaN, of poles, of overflow and of what lies below every double is 0.
 * 3. Special cases are those of ECMAScript, or else those of C23.
 */
import { readFileSync } from 'node:fs';
import { invariant } from '../../../src/support/invariant.ts';
import { ulpOf } from '../../support/ulp.ts';

/** Points with what is true there, column by column. */
export interface Vectors {
  readonly xs: Float64Array;
  /** Zeros for functions of one argument. */
  readonly ys: Float64Array;
  readonly truth: Truth;
}

/** True values. */
export interface Truth {
  readonly nearest: Float64Array;
  /** In ulps of the true value, within [-0.5, 0.5]. */
  readonly rests: Float64Array;
}

export function readVectors(name: string): Vectors {
  const bytes = readFileSync(new URL(`vectors/${name}.bin`, import.meta.url));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(0, true);
  const arity = view.getUint32(4, true);
  invariant(view.byteLength === 8 + count * (8 * arity + 10), `${name}.bin is whole`);
  const doubles = (column: number): Float64Array =>
    Float64Array.from({ length: count }, (_, i) => view.getFloat64(8 + 8 * (column * count + i), true));
  const restsAt = 8 + 8 * (arity + 1) * count;
  return {
    xs: doubles(0),
    ys: arity === 2 ? doubles(1) : new Float64Array(count),
    truth: {
      nearest: doubles(arity),
      rests: Float64Array.from({ length: count }, (_, i) => view.getInt16(restsAt + 2 * i, true) / 65536),
    },
  };
}

/**
 * How far `result` is from the true value, which is `rest` ulps beyond `nearest`; in ulps of the true value. Infinite where one
 * of the two is NaN, or where the result is a zero of the wrong sign.
 */
export function errorInUlps(result: number, nearest: number, rest: number): number {
  if (Object.is(result, nearest)) return Math.abs(rest);
  if (Number.isNaN(result) || Number.isNaN(nearest)) return Number.POSITIVE_INFINITY;
  if (result === nearest) return Number.POSITIVE_INFINITY;
  const ulp = ulpBeside(nearest, rest);
  if (Number.isFinite(result) && Number.isFinite(nearest)) return Math.abs((result - nearest) / ulp - rest);
  // A pole, or a value that overflows by far.
  if (!Number.isFinite(nearest) && rest === 0) return Number.POSITIVE_INFINITY;
  return Math.abs((halfOf(result) - halfOf(nearest)) / (ulp / 2) - rest);
}

/** Half of a double, where infinity is 2^1024. */
function halfOf(x: number): number {
  return Number.isFinite(x) ? x / 2 : Math.sign(x) * 2 ** 1023;
}

/** The ulp of a true value: half that of the nearest double, where this is a power of two and the true value below it. */
function ulpBeside(nearest: number, rest: number): number {
  const ulp = ulpOf(nearest);
  const below = rest !== 0 && rest < 0 === nearest > 0;
  // Of doubles only powers of two are a power of two of ulps below which the spacing changes.
  const isPower = Number.isFinite(nearest) && Math.abs(nearest) === ulp * 2 ** 52 && ulp > Number.MIN_VALUE;
  return below && isPower ? ulp / 2 : ulp;
}
