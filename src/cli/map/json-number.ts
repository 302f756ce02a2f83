import { Byte } from './byte.ts';

/** Whether bytes are a number of JSON: `-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?`. */
export function isJsonNumber(bytes: Uint8Array, start: number, end: number): boolean {
  let at = bytes[start] === Byte.Minus ? start + 1 : start;
  const digits = afterDigits(bytes, at, end);
  if (digits === at || at >= end || (bytes[at] === Byte.Zero && digits > at + 1)) return false;
  at = digits;
  if (at < end && bytes[at] === Byte.Point) {
    const decimals = afterDigits(bytes, at + 1, end);
    if (decimals === at + 1) return false;
    at = decimals;
  }
  if (at < end && ((bytes[at] as number) | 0x20) === letterE) {
    const sign = bytes[at + 1];
    const from = at + 1 < end && (sign === Byte.Minus || sign === Byte.Plus) ? at + 2 : at + 1;
    const exponent = afterDigits(bytes, from, end);
    if (exponent === from) return false;
    at = exponent;
  }
  return at === end;
}

const letterE = 0x65;

function afterDigits(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && (bytes[at] as number) >= Byte.Zero && (bytes[at] as number) <= Byte.Zero + 9) at++;
  return at;
}
