import { typedArrayLength } from './intrinsics.ts';
import { isUint8Array } from './platform.ts';

/** @throws TypeError unless it is a Uint8Array, whatever it claims. */
export function requireBytes(bytes: unknown): asserts bytes is Uint8Array {
  if (!isUint8Array(bytes)) throw new TypeError('bytes must be a Uint8Array');
}

/**
 * How many bytes an array really has, whatever properties of its own it got.
 *
 * @throws TypeError as {@link requireBytes}.
 */
export function byteCount(bytes: unknown): number {
  requireBytes(bytes);
  return typedArrayLength(bytes);
}
