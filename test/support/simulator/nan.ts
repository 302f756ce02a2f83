/** NaN as the processor propagates it, which JavaScript hides: payloads are kept, and what signals becomes quiet. */

const quietBit = 1n << 51n;
const exponent = 0x7ff0_0000_0000_0000n;
const magnitude = 0x7fff_ffff_ffff_ffffn;

/** What an invalid operation without a NaN among its operands gives: the quiet NaN with its sign set. */
const indefinite = 0xfff8_0000_0000_0000n;

export function isNaNBits(bits: bigint): boolean {
  return (bits & magnitude) > exponent;
}

export function isSignaling(bits: bigint): boolean {
  return isNaNBits(bits) && (bits & quietBit) === 0n;
}

export function quieted(bits: bigint): bigint {
  return bits | quietBit;
}

/** The first NaN among the operands, quiet; else the indefinite one. */
export function propagatedNaN(...operands: readonly bigint[]): bigint {
  const found = operands.find(isNaNBits);
  return found === undefined ? indefinite : quieted(found);
}

/** The bits of a float for those of a NaN: the upper part of the payload. */
export function narrowedNaN(bits: bigint): number {
  return Number(((bits >> 32n) & 0x8000_0000n) | 0x7fc0_0000n | ((bits >> 29n) & 0x3f_ffffn));
}

/** The bits of a double for those of a float that is NaN. */
export function widenedNaN(bits: number): bigint {
  return (BigInt(bits >>> 31) << 63n) | 0x7ff8_0000_0000_0000n | (BigInt(bits & 0x3f_ffff) << 29n);
}
