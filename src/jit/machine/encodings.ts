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
  readonly packedEvex: Instruction;
  /** Trailing immediate, or -1. */
  readonly immediate: number;
}

function encoding(
  sse: Mnemonic,
  packed: Mnemonic,
  immediate = -1,
  packedEvex = `v${packed}` as Mnemonic,
): VectorEncoding {
  return {
    sse: instructionOf(sse),
    vex: instructionOf(`v${sse}` as Mnemonic),
    packedSse: instructionOf(packed),
    packedVex: instructionOf(`v${packed}` as Mnemonic),
    packedEvex: instructionOf(packedEvex),
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
table[MachineOp.FFloor] = encoding('roundsd', 'roundpd', down, 'vrndscalepd');
table[MachineOp.FCeil] = encoding('roundsd', 'roundpd', up, 'vrndscalepd');
table[MachineOp.FTrunc] = encoding('roundsd', 'roundpd', towardZero, 'vrndscalepd');
table[MachineOp.And] = encoding('andps', 'andps', -1, 'vandpd');
table[MachineOp.AndNot] = encoding('andnps', 'andnps', -1, 'vandnpd');
table[MachineOp.Or] = encoding('orps', 'orps', -1, 'vorpd');
table[MachineOp.Xor] = encoding('xorps', 'xorps', -1, 'vxorpd');
table[MachineOp.LaneEvens] = encoding('unpcklpd', 'unpcklpd');
table[MachineOp.LaneOdds] = encoding('unpckhpd', 'unpckhpd');
table[MachineOp.MaskEq] = encoding('cmpsd', 'cmppd', eq);
table[MachineOp.MaskNe] = encoding('cmpsd', 'cmppd', ne);
table[MachineOp.MaskLt] = encoding('cmpsd', 'cmppd', lt);
table[MachineOp.MaskLe] = encoding('cmpsd', 'cmppd', le);
table[MachineOp.MaskUnordered] = encoding('cmpsd', 'cmppd', unordered);

/** By operation; undefined for operations that are more than one instruction, or none on vectors. */
export const vectorEncodings: readonly (VectorEncoding | undefined)[] = Object.freeze(table);

/** By operation with an element of memory for its second operand: that of the same with a register. */
export const loadingEncodings: ReadonlyMap<number, VectorEncoding> = new Map(
  (
    [
      [MachineOp.FAddLoad, MachineOp.FAdd],
      [MachineOp.FSubLoad, MachineOp.FSub],
      [MachineOp.FMulLoad, MachineOp.FMul],
      [MachineOp.FDivLoad, MachineOp.FDiv],
      [MachineOp.FMinLoad, MachineOp.FMin],
      [MachineOp.FMaxLoad, MachineOp.FMax],
    ] as const
  ).flatMap(([loading, operation]) => {
    const known = table[operation];
    return known === undefined ? [] : [[loading, known]];
  }),
);

/** The instructions of one operation that lanes alone have. */
export interface LaneEncoding {
  /** Overwrites its first operand. */
  readonly sse: Instruction;
  /** VEX and EVEX. */
  readonly vex: Instruction;
}

function laneEncoding(sse: Mnemonic): LaneEncoding {
  return { sse: instructionOf(sse), vex: instructionOf(`v${sse}` as Mnemonic) };
}

/** By operation on integers in lanes; shifts take their count as an immediate. */
export const laneEncodings: ReadonlyMap<number, LaneEncoding> = new Map([
  [MachineOp.LaneAdd, laneEncoding('paddq')],
  [MachineOp.LaneSub, laneEncoding('psubq')],
  [MachineOp.LaneMulU32, laneEncoding('pmuludq')],
  [MachineOp.LaneShl, laneEncoding('psllq')],
  [MachineOp.LaneShr, laneEncoding('psrlq')],
  [MachineOp.LaneSar32, laneEncoding('psrad')],
]);

/** By comparison that gives a mask register: its predicate. */
export const maskPredicates: ReadonlyMap<number, number> = new Map([
  [MachineOp.KEq, eq],
  [MachineOp.KNe, ne],
  [MachineOp.KLt, lt],
  [MachineOp.KLe, le],
  [MachineOp.KUnordered, unordered],
]);

/** By operation on mask registers. */
export const maskEncodings: ReadonlyMap<number, Instruction> = new Map([
  [MachineOp.KAnd, instructionOf('kandw')],
  [MachineOp.KAndNot, instructionOf('kandnw')],
  [MachineOp.KOr, instructionOf('korw')],
  [MachineOp.KXor, instructionOf('kxorw')],
  [MachineOp.KNot, instructionOf('knotw')],
]);

/** The three encodings of a fused multiplication: the digits say which operands are multiplied and which is added. */
export interface FusedEncoding {
  readonly form132: Instruction;
  readonly form213: Instruction;
  readonly form231: Instruction;
}

function fused(name: 'vfmadd' | 'vfmsub' | 'vfnmadd', suffix: 'sd' | 'pd'): FusedEncoding {
  return {
    form132: instructionOf(`${name}132${suffix}`),
    form213: instructionOf(`${name}213${suffix}`),
    form231: instructionOf(`${name}231${suffix}`),
  };
}

/** By operation: its encodings on one lane, and on all. */
export const fusedEncodings: ReadonlyMap<
  number,
  { readonly one: FusedEncoding; readonly all: FusedEncoding }
> = new Map(
  (
    [
      [MachineOp.Fma, 'vfmadd'],
      [MachineOp.Fms, 'vfmsub'],
      [MachineOp.Fnma, 'vfnmadd'],
    ] as const
  ).map(([operation, name]) => [operation, { one: fused(name, 'sd'), all: fused(name, 'pd') }]),
);

/** By comparison of integers. */
export const setters: ReadonlyMap<number, Instruction> = new Map([
  [MachineOp.BoolEq, instructionOf('sete')],
  [MachineOp.BoolNe, instructionOf('setne')],
  [MachineOp.BoolLt, instructionOf('setl')],
  [MachineOp.BoolLe, instructionOf('setle')],
  [MachineOp.BoolGt, instructionOf('setg')],
  [MachineOp.BoolGe, instructionOf('setge')],
  [MachineOp.BoolB, instructionOf('setb')],
  [MachineOp.BoolBe, instructionOf('setbe')],
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
  [MachineOp.Shl64, instructionOf('shl')],
  [MachineOp.Shr64, instructionOf('shr')],
  [MachineOp.Sar64, instructionOf('sar')],
  [MachineOp.Shl32By, instructionOf('shl')],
  [MachineOp.Sar32By, instructionOf('sar')],
  [MachineOp.Shr32By, instructionOf('shr')],
  [MachineOp.Shl64By, instructionOf('shl')],
  [MachineOp.Shr64By, instructionOf('shr')],
  [MachineOp.Sar64By, instructionOf('sar')],
]);

/** Shifts of 64 bits. */
export const wideShifts: ReadonlySet<number> = new Set([
  MachineOp.Shl64,
  MachineOp.Shr64,
  MachineOp.Sar64,
  MachineOp.Shl64By,
  MachineOp.Shr64By,
  MachineOp.Sar64By,
]);
