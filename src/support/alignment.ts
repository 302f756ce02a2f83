/**
 * Alignment arithmetic on sizes and addresses. Both may exceed 32 bits (user-space addresses reach 2^47),
 * so nothing here uses JavaScript's 32-bit operators. `alignment` is a positive integer in bytes.
 */

export function alignUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}

export function isPowerOfTwo(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0 && Number.isInteger(Math.log2(value));
}
