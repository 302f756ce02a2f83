/**
 * Numbers as bytes of text, without a string for each where that can be.
 *
 * Both ways rest on this: a decimal of up to 15 digits becomes the nearest double by one division of two doubles that are exact, and no
 * other such decimal of as few digits becomes the same one (Clinger, How to read floating point numbers accurately, 1990).
 */
import { formatResult } from '../format-result.ts';
import { Byte } from './byte.ts';

const mostDigits = 15;

/** Exact up to 1e22. */
const powersOfTen = Float64Array.from('0123456789abcdef', (_, exponent) => Number(`1e${exponent}`));

/**
 * The number that `bytes[start … end)` are if they are digits with one point at most and a sign before; undefined for
 * everything else, which may be a number all the same.
 */
export function readDecimal(bytes: Uint8Array, start: number, end: number): number | undefined {
  const first = bytes[start] as number;
  let at = first === Byte.Minus || first === Byte.Plus ? start + 1 : start;
  const digits = at;
  let value = 0;
  let point = -1;
  for (; at < end; at++) {
    const digit = (bytes[at] as number) - Byte.Zero;
    if (digit >= 0 && digit <= 9) value = value * 10 + digit;
    else if (digit === Byte.Point - Byte.Zero && point < 0) point = at;
    else return undefined;
  }
  const count = end - digits - (point < 0 ? 0 : 1);
  if (count < 1 || count > mostDigits) return undefined;
  if (point >= 0) value /= powersOfTen[end - point - 1] as number;
  return first === Byte.Minus ? -value : value;
}

/** Bytes that a number takes at most. */
export const mostNumberBytes = 26;

/** Decimals that are tried before the text is asked for. */
const mostDecimals = 6;

/**
 * Writes a number to `to[at …)` as `formatResult` has it, and gives what comes after it. There must be room for
 * {@link mostNumberBytes}.
 */
export function writeNumber(to: Uint8Array, at: number, value: number): number {
  const size = Math.abs(value);
  if (size < 1e9) {
    for (let decimals = 0; decimals <= mostDecimals; decimals++) {
      const scale = powersOfTen[decimals] as number;
      const digits = Math.round(size * scale);
      if (digits / scale !== size) continue;
      if (value < 0 || Object.is(value, -0)) to[at++] = Byte.Minus;
      const whole = Math.floor(digits / scale);
      at = writeWhole(to, at, whole);
      if (decimals === 0) return at;
      to[at] = Byte.Point;
      return writePadded(to, at + 1, digits - whole * scale, decimals);
    }
  }
  return writeText(to, at, formatResult(value));
}

/** Writes a text of ASCII, and gives what comes after it. */
export function writeText(to: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) to[at + i] = text.charCodeAt(i);
  return at + text.length;
}

/** Of whole numbers below 2^31. */
function writeWhole(to: Uint8Array, at: number, value: number): number {
  let count = 1;
  for (let bound = 10; value >= bound; bound *= 10) count++;
  return writePadded(to, at, value, count);
}

function writePadded(to: Uint8Array, at: number, value: number, count: number): number {
  let rest = value | 0;
  for (let i = at + count - 1; i >= at; i--) {
    const next = (rest / 10) | 0;
    to[i] = Byte.Zero + rest - next * 10;
    rest = next;
  }
  return at + count;
}
