/** Operands to try at each place of a form: all registers, every shape of memory, the ends of each range. */
import type { Label } from '../../../src/jit/code/label.ts';
import { Space } from '../../../src/jit/x64/encoding-notation.ts';
import type { Form } from '../../../src/jit/x64/form.ts';
import { Mem, type Scale } from '../../../src/jit/x64/memory.ts';
import type { Operand } from '../../../src/jit/x64/mnemonics.ts';
import {
  anyBroadcast,
  anyMemory,
  anyVectorIndex,
  broadcastKind,
  OperandKind,
  openBroadcast,
} from '../../../src/jit/x64/operand-kind.ts';
import { gp8, gp16, gp32, gp64, k, type Register, xmm, ymm, zmm } from '../../../src/jit/x64/register.ts';
import { invariant } from '../../../src/support/invariant.ts';

const registers: readonly Register[] = [gp8, gp16, gp32, gp64, xmm, ymm, zmm, k].flat();

export function registersFor(accepts: number): readonly Register[] {
  return registers.filter((register) => (register.kinds & accepts) !== 0);
}

/** `[base]` and `[base+displacement]` for all bases, `[base+index*scale]` for all, no base, rip-relative to `labels`. */
function memoriesFor(form: Form, kinds: number, labels: readonly Label[]): Mem[] {
  const unit = (kinds & anyBroadcast) !== 0 ? form.broadcastSize : form.displacementUnit;
  const all = [0, unit, 127, -128, 128, -129, 127 * unit, -128 * unit, 128 * unit, -129 * unit, 0x12345678];
  const few = [0, unit, 128 * unit];
  const memories: Mem[] = [];
  for (const base of gp64) {
    // rsp, rbp and their neighbours by four bits have encodings of their own.
    for (const displacement of new Set((base.id & 6) === 4 ? all : few)) {
      memories.push(new Mem(kinds, base, undefined, 1, displacement, undefined));
    }
  }
  const scales: readonly Scale[] = [1, 2, 4, 8];
  for (const index of gp64) {
    if (index.id === 4) continue;
    scales.forEach((scale, turn) => {
      const base = gp64[(index.id * 5 + turn * 4) & 15];
      memories.push(new Mem(kinds, base, index, scale, unit * ((index.id + turn) % 3), undefined));
      memories.push(new Mem(kinds, undefined, index, scale, -turn, undefined));
    });
  }
  for (const displacement of [0, 64, 2 ** 31 - 1, -(2 ** 31)]) {
    memories.push(new Mem(kinds, undefined, undefined, 1, displacement, undefined));
  }
  for (const label of labels) {
    memories.push(new Mem(kinds, undefined, undefined, 1, 0, label));
    memories.push(new Mem(kinds, undefined, undefined, 1, -24, label));
  }
  return memories;
}

/** The ends of the form's range, and a number in it of which each byte differs. */
function immediatesFor(form: Form): (number | bigint)[] {
  if (form.immediateSize === 8)
    return [0, -1, 2 ** 53 - 1, 0x0123456789abcdefn, 2n ** 64n - 1n, -(2n ** 63n)];
  const middle = Math.min(form.immediateMax, 0x12345678);
  return [...new Set([form.immediateMin, form.immediateMax, middle])];
}

/** The memory kinds that a place accepts: plain, then broadcast. Sized where the form could not tell otherwise. */
export function memoryKindsFor(form: Form, accepts: number): number[] {
  const plain = accepts & anyMemory;
  const kinds: number[] = [];
  if (plain !== 0) kinds.push(form.needsMemorySize ? plain : anyMemory);
  if ((accepts & anyBroadcast) !== 0) {
    kinds.push(broadcastKind(form.memorySize / form.broadcastSize));
    if (!form.needsMemorySize) kinds.push(openBroadcast);
  }
  return kinds;
}

/** Memory with every index of a width, so that each index stands beside several bases, scales and displacements. */
function indexedMemoriesFor(form: Form, accepts: number): Mem[] {
  const unit = form.displacementUnit;
  const displacements = [0, unit, 127 * unit, -128 * unit, 128 * unit, 1, -0x12345678];
  const file =
    (accepts & OperandKind.IndexXmm) !== 0 ? xmm : (accepts & OperandKind.IndexYmm) !== 0 ? ymm : zmm;
  const indices = form.space === Space.Evex ? file : file.slice(0, 16);
  const scales: readonly Scale[] = [1, 2, 4, 8];
  return Array.from({ length: indices.length * 4 }, (_, i) => {
    const base = i % 9 === 8 ? undefined : gp64[(i * 5 + (i >> 4)) & 15];
    const scale = scales[(i + (i >> 4)) & 3] ?? 1;
    return new Mem(
      anyMemory,
      base,
      indices[i % indices.length],
      scale,
      displacements[i % displacements.length] ?? 0,
      undefined,
    );
  });
}

/** All operands to try at one place. */
export function samplesFor(form: Form, position: number, labels: readonly Label[]): Operand[] {
  const accepts = form.accepts(position);
  const samples: Operand[] = [...registersFor(accepts)];
  for (const kinds of memoryKindsFor(form, accepts)) samples.push(...memoriesFor(form, kinds, labels));
  if ((accepts & anyVectorIndex) !== 0) samples.push(...indexedMemoriesFor(form, accepts));
  if ((accepts & OperandKind.Immediate) !== 0) samples.push(...immediatesFor(form));
  if ((accepts & OperandKind.Label) !== 0) samples.push(...labels);
  invariant(samples.length > 0, `${form.mnemonic} takes nothing at ${position}`);
  return samples;
}
