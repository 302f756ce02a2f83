/** States of all registers and some memory, of values that instructions treat differently. */
import { elementAt } from '../../../src/support/element.ts';
import type { Random } from '../random.ts';
import { bitsOf } from '../ulp.ts';
import { stateLayout } from './instruction-trial.ts';

/** NaN that signal and quiet ones with payloads, as doubles and as floats; the integers at which conversions overflow. */
const patterns: readonly bigint[] = [
  0x7ff0_0000_0000_0001n,
  0xfff4_0000_1234_5678n,
  0x7ff8_0000_0000_0abcn,
  0xfff8_0000_0000_0000n,
  0x7fa0_0001_ffc0_1234n,
  0x7f80_0000_ff80_0000n,
  0x43e0_0000_0000_0000n,
  0xc3e0_0000_0000_0000n,
  0x41df_ffff_ffe0_0000n,
  0xc1e0_0000_0020_0000n,
  0x8000_0000_0000_0000n,
  0x7fff_ffff_7fff_ffffn,
  0xffff_ffff_ffff_ffffn,
];

/** In some states all values are of a few, so that operands are equal, or equal but for their signs. */
export function randomState(random: Random): Uint8Array {
  const some = [0n, randomQuad(random), randomQuad(random)];
  const few = [...some, ...some.map((bits) => bits ^ (1n << 63n))];
  const isOfFew = random.chance(0.5);
  const quads = new BigUint64Array(stateLayout.size / 8);
  for (let i = 0; i < quads.length; i++) quads[i] = isOfFew ? random.pick(few) : randomQuad(random);
  return new Uint8Array(quads.buffer).fill(0, stateLayout.flags, stateLayout.data);
}

function randomQuad(random: Random): bigint {
  switch (random.integer(0, 5)) {
    case 0:
      return random.pick(patterns);
    case 1:
      return BigInt(random.integer(0, 70));
    case 2:
      return bitsOf(random.bitPattern());
    case 3: {
      const floats = Float32Array.of(random.double(), random.double());
      return elementAt(new BigUint64Array(floats.buffer), 0);
    }
    default:
      return bitsOf(random.double());
  }
}
