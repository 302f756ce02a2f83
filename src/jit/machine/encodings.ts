/** Which instruction does an operation of machine IR: on doubles in plain SSE and in VEX, on integers, on bools. */
import { slots } from '../../support/element.ts';
import { type Instruction, instructionOf } from '../x64/instruction.ts';
import type { Mnemonic } from '../x64/mnemonics.ts';
import { MachineOp, operations } from './operations.ts';

/** The instructions of one operation; comparisons and roundings share one and differ in an immediate. */
export interface VectorEncoding {
  /** Overwrites its first operand. */
  readonly sse: Instruction;
  readonly vex: Instruction;
  /** The same on all lanes. */
  readonly packedSse: Instruction;
  readonly packedVex: Instruction;
  /** Trailing immediate, or -1. */
  readonly immediate: number;
}

function encoding(sse: Mnemonic, packed: Mnemonic, immediate = -1): VectorEncoding {
  return {
    sse: instructionOf(sse),
    vex: instructionOf(`v${sse}` as Mnemonic),
    packedSse: instructionOf(packed),
    packedVex: instructionOf(`v${packed}` as Mnemonic),
    immediate,
  };
}

/** Rounding immediates: the mode, and no inexact exception. */
const down = 0b1001;
const up = 0b1010;
const towardZero = 0b1011;

/** Comparison predicates, as `cmpsd` has them. */
const eq = 0;
const lt = 1;
const le = 2;
const unordered = 3;
const ne = 4;

const table = slots<VectorEncoding>(operations.length);
table[MachineOp.FAdd] = encoding('addsd', 'addpd');
table[MachineOp.FSub] = encoding('subsd', 'subpd');
table[MachineOp.FMul] = encoding('mulsd', 'mulpd');
table[MachineOp.FDiv] = encoding('divsd', 'divpd');
table[MachineOp.FMin] = encoding('minsd', 'minpd');
table[MachineOp.FMax] = encoding('maxsd', 'maxpd');
table[MachineOp.FSqrt] = encoding('sqrtsd', 'sqrtpd');
table[MachineOp.FFloor] = encoding('roundsd', 'roundpd', down);
table[MachineOp.FCeil] = encoding('roundsd', 'roundpd', up);
table[MachineOp.FTrunc] = encoding('roundsd', 'roundpd', towardZero);
table[MachineOp.And] = encoding('andps', 'andps');
table[MachineOp.AndNot] = encoding('andnps', 'andnps');
table[MachineOp.Or] = encoding('orps', 'orps');
table[MachineOp.Xor] = encoding('xorps', 'xorps');
table[MachineOp.MaskEq] = encoding('cmpsd', 'cmppd', eq);
table[MachineOp.MaskNe] = encoding('cmpsd', 'cmppd', ne);
table[MachineOp.MaskLt] = encoding('cmpsd', 'cmppd', lt);
table[MachineOp.MaskLe] = encoding('cmpsd', 'cmppd', le);
table[MachineOp.MaskUnordered] = encoding('cmpsd', 'cmppd', unordered);

/** By operation; undefined for operations that are more than one instruction, or none on vectors. */
export const vectorEncodings: readonly (VectorEncoding | undefined)[] = Object.freeze(table);

/** The three encodings of fused multiply-add: the digits say which operands are multiplied and which is added. */
export const fusedMultiplyAdd = Object.freeze({
  form132: instructionOf('vfmadd132sd'),
  form213: instructionOf('vfmadd213sd'),
  form231: instructionOf('vfmadd231sd'),
});

export const packedMultiplyAdd = Object.freeze({
  form132: instructionOf('vfmadd132pd'),
  form213: instructionOf('vfmadd213pd'),
  form231: instructionOf('vfmadd231pd'),
});

/** By comparison of integers. */
export const setters: ReadonlyMap<number, Instruction> = new Map([
  [MachineOp.BoolEq, instructionOf('sete')],
  [MachineOp.BoolNe, instructionOf('setne')],
  [MachineOp.BoolLt, instructionOf('setl')],
  [MachineOp.BoolLe, instructionOf('setle')],
  [MachineOp.BoolGt, instructionOf('setg')],
  [MachineOp.BoolGe, instructionOf('setge')],
]);

export const arithmetic: ReadonlyMap<number, Instruction> = new Map([
  [MachineOp.IAdd, instructionOf('add')],
  [MachineOp.ISub, instructionOf('sub')],
  [MachineOp.IMul, instructionOf('imul')],
  [MachineOp.IAnd, instructionOf('and')],
  [MachineOp.IOr, instructionOf('or')],
  [MachineOp.IXor, instructionOf('xor')],
]);

export const shifts: ReadonlyMap<number, Instruction> = new Map([
  [MachineOp.Shl32, instructionOf('shl')],
  [MachineOp.Sar32, instructionOf('sar')],
  [MachineOp.Shr32, instructionOf('shr')],
  [MachineOp.Shl32By, instructionOf('shl')],
  [MachineOp.Sar32By, instructionOf('sar')],
  [MachineOp.Shr32By, instructionOf('shr')],
]);
