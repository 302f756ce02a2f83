/**
 * Which instruction does a vector operation on doubles, for each width and family of encodings: one lane in the
 * two-operand form of plain SSE, one lane in VEX, and all lanes in VEX or EVEX.
 */
import { type Instruction, instructionOf } from '../x64/instruction.ts';
import type { Mnemonic } from '../x64/mnemonics.ts';
import { MachineOp, operations } from './operations.ts';

/** The instructions of one operation; comparisons and roundings share one and differ in an immediate. */
export interface VectorEncoding {
  readonly sse: Instruction | undefined;
  readonly vex: Instruction;
  readonly packed: Instruction;
  /** Trailing immediate, or -1. */
  readonly immediate: number;
}

function encoding(
  sse: Mnemonic | undefined,
  vex: Mnemonic,
  packed: Mnemonic,
  immediate = -1,
): VectorEncoding {
  return {
    sse: sse === undefined ? undefined : instructionOf(sse),
    vex: instructionOf(vex),
    packed: instructionOf(packed),
    immediate,
  };
}

/** Rounding immediates: the mode, and no inexact exception. */
const down = 0b1001;
const up = 0b1010;
const towardZero = 0b1011;

/** Comparison predicates, common to `cmpsd` and `vcmppd`. */
const eq = 0;
const lt = 1;
const le = 2;
const unordered = 3;
const ne = 4;

const table: (VectorEncoding | undefined)[] = new Array(operations.length).fill(undefined);
table[MachineOp.FAdd] = encoding('addsd', 'vaddsd', 'vaddpd');
table[MachineOp.FSub] = encoding('subsd', 'vsubsd', 'vsubpd');
table[MachineOp.FMul] = encoding('mulsd', 'vmulsd', 'vmulpd');
table[MachineOp.FDiv] = encoding('divsd', 'vdivsd', 'vdivpd');
table[MachineOp.FMin] = encoding('minsd', 'vminsd', 'vminpd');
table[MachineOp.FMax] = encoding('maxsd', 'vmaxsd', 'vmaxpd');
table[MachineOp.FSqrt] = encoding('sqrtsd', 'vsqrtsd', 'vsqrtpd');
table[MachineOp.FFloor] = encoding('roundsd', 'vroundsd', 'vroundpd', down);
table[MachineOp.FCeil] = encoding('roundsd', 'vroundsd', 'vroundpd', up);
table[MachineOp.FTrunc] = encoding('roundsd', 'vroundsd', 'vroundpd', towardZero);
table[MachineOp.And] = encoding('andps', 'vandps', 'vandpd');
table[MachineOp.AndNot] = encoding('andnps', 'vandnps', 'vandnpd');
table[MachineOp.Or] = encoding('orps', 'vorps', 'vorpd');
table[MachineOp.Xor] = encoding('xorps', 'vxorps', 'vxorpd');
table[MachineOp.MaskEq] = encoding('cmpsd', 'vcmpsd', 'vcmppd', eq);
table[MachineOp.MaskNe] = encoding('cmpsd', 'vcmpsd', 'vcmppd', ne);
table[MachineOp.MaskLt] = encoding('cmpsd', 'vcmpsd', 'vcmppd', lt);
table[MachineOp.MaskLe] = encoding('cmpsd', 'vcmpsd', 'vcmppd', le);
table[MachineOp.MaskUnordered] = encoding('cmpsd', 'vcmpsd', 'vcmppd', unordered);

/** By operation; undefined for operations that are more than one instruction, or none on vectors. */
export const vectorEncodings: readonly (VectorEncoding | undefined)[] = Object.freeze(table);

/** The three encodings of fused multiply-add: the digits say which operands are multiplied and which is added. */
export const fusedMultiplyAdd = Object.freeze({
  scalar: {
    form132: instructionOf('vfmadd132sd'),
    form213: instructionOf('vfmadd213sd'),
    form231: instructionOf('vfmadd231sd'),
  },
  packed: {
    form132: instructionOf('vfmadd132pd'),
    form213: instructionOf('vfmadd213pd'),
    form231: instructionOf('vfmadd231pd'),
  },
});
