/** Conversions between doubles, floats and integers in vector registers. */
import { roundedToEven } from './double-operations.ts';
import { convert } from './lanes.ts';
import { isNaNBits, narrowedNaN, widenedNaN } from './nan.ts';
import type { SemanticsTable } from './semantics.ts';

const scratch = new DataView(new ArrayBuffer(8));

function doubleToFloatBits(bits: bigint): number {
  if (isNaNBits(bits)) return narrowedNaN(bits);
  scratch.setBigUint64(0, bits);
  scratch.setFloat32(0, scratch.getFloat64(0));
  return scratch.getUint32(0);
}

function floatToDoubleBits(bits: number): bigint {
  if ((bits & 0x7fff_ffff) > 0x7f80_0000) return widenedNaN(bits);
  scratch.setUint32(0, bits);
  scratch.setFloat64(0, scratch.getFloat32(0));
  return scratch.getBigUint64(0);
}

/** An integer of `bits` bits, or the "integer indefinite", the lowest, for what is none after `round`. */
export function toInteger(x: number, bits: number, round: (x: number) => number): bigint {
  const whole = round(x);
  const limit = 2 ** (bits - 1);
  return whole >= -limit && whole < limit ? BigInt(whole) : -(2n ** BigInt(bits - 1));
}

const scalar = { scalar: true } as const;

export const conversions: SemanticsTable = {
  cvtps2pd: convert('dwords', 'quads', floatToDoubleBits),
  cvtpd2ps: convert('quads', 'dwords', doubleToFloatBits),
  cvtss2sd: convert('dwords', 'quads', floatToDoubleBits, scalar),
  cvtsd2ss: convert('quads', 'dwords', doubleToFloatBits, scalar),
  cvtdq2pd: convert('signedDwords', 'doubles', (x) => x),
  vcvtudq2pd: convert('dwords', 'doubles', (x) => x),
  cvtpd2dq: convert('doubles', 'signedDwords', (x) => Number(toInteger(x, 32, roundedToEven))),
  cvttpd2dq: convert('doubles', 'signedDwords', (x) => Number(toInteger(x, 32, Math.trunc))),
  vcvtpd2qq: convert('doubles', 'signedQuads', (x) => toInteger(x, 64, roundedToEven)),
  vcvttpd2qq: convert('doubles', 'signedQuads', (x) => toInteger(x, 64, Math.trunc)),
  vcvtqq2pd: convert('signedQuads', 'doubles', Number),
};
