import { invariant } from '../../support/invariant.ts';

/** Writes a number of 32 bits with a sign. */
export function writeInt32(bytes: Uint8Array, offset: number, value: number): void {
  invariant(value === (value | 0), `distance ${value} exceeds 32 bits`);
  bytes[offset] = value;
  bytes[offset + 1] = value >> 8;
  bytes[offset + 2] = value >> 16;
  bytes[offset + 3] = value >> 24;
}

/** Writes an integer below 2^53, in magnitude too, as one of 64 bits with a sign. */
export function writeInt64(bytes: Uint8Array, offset: number, value: number): void {
  const high = Math.floor(value / 2 ** 32);
  writeInt32(bytes, offset, (value - high * 2 ** 32) | 0);
  writeInt32(bytes, offset + 4, high | 0);
}
