/** Bytes that tables and numbers are made of. In UTF-8 none of them is part of a character of several. */
export const Byte = Object.freeze({
  Tab: 0x09,
  LineFeed: 0x0a,
  CarriageReturn: 0x0d,
  Space: 0x20,
  Quote: 0x22,
  Plus: 0x2b,
  Minus: 0x2d,
  Point: 0x2e,
  Zero: 0x30,
  Backslash: 0x5c,
} as const);

/** Copies `from[start … end)` to `to[at …)`, where there is room, and gives what comes after it. */
export function copyBytes(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): number {
  const length = end - start;
  if (length > longCopy) {
    to.set(from.subarray(start, end), at);
    return at + length;
  }
  for (let i = 0; i < length; i++) to[at + i] = from[start + i] as number;
  return at + length;
}

/** Bytes from which on a call of the runtime, which costs as much as copying these, is worth it. */
const longCopy = 96;
