/** Which operation of machine IR stands for an opcode, where one alone does. */
import { type Opcode, op, opcodes } from '../ir/opcode.ts';
import { MachineOp } from './operations.ts';

/** By opcode: the machine operation that does just the same on two or one operands, or -1. */
export const direct: Int16Array = new Int16Array(opcodes.length).fill(-1);
const directPairs: readonly (readonly [Opcode, number])[] = [
  [op.fadd, MachineOp.FAdd],
  [op.fsub, MachineOp.FSub],
  [op.fmul, MachineOp.FMul],
  [op.fdiv, MachineOp.FDiv],
  [op.fless, MachineOp.FMin],
  [op.fmore, MachineOp.FMax],
  [op.fsqrt, MachineOp.FSqrt],
  [op.ffloor, MachineOp.FFloor],
  [op.fceil, MachineOp.FCeil],
  [op.ftrunc, MachineOp.FTrunc],
  [op.fdemote, MachineOp.FDemote],
  [op.iadd, MachineOp.IAdd],
  [op.isub, MachineOp.ISub],
  [op.imul, MachineOp.IMul],
  [op.iand, MachineOp.IAnd],
  [op.ior, MachineOp.IOr],
  [op.ixor, MachineOp.IXor],
  [op.ieq, MachineOp.BoolEq],
  [op.ine, MachineOp.BoolNe],
  [op.ilt, MachineOp.BoolLt],
  [op.ile, MachineOp.BoolLe],
  [op.igt, MachineOp.BoolGt],
  [op.ige, MachineOp.BoolGe],
  [op.iult, MachineOp.BoolB],
  [op.iule, MachineOp.BoolBe],
  [op.iclz32, MachineOp.Clz32],
  [op.itof, MachineOp.IntToFloat],
  [op.ftoi, MachineOp.FloatToInt],
  [op.isext8, MachineOp.SignExtend8],
  [op.isext16, MachineOp.SignExtend16],
  [op.isext32, MachineOp.SignExtend32],
  [op.izext32, MachineOp.ZeroExtend32],
];
for (const [opcode, machineOp] of directPairs) direct[opcode.index] = machineOp;

/** By comparison of floats: its mask, and whether the operands change places. */
export const maskOf: Int16Array = new Int16Array(opcodes.length).fill(-1);
export const swapsMask: Uint8Array = new Uint8Array(opcodes.length);
const masmaskLogicTable: readonly (readonly [Opcode, number, boolean])[] = [
  [op.feq, MachineOp.MaskEq, false],
  [op.fne, MachineOp.MaskNe, false],
  [op.flt, MachineOp.MaskLt, false],
  [op.fle, MachineOp.MaskLe, false],
  [op.fgt, MachineOp.MaskLt, true],
  [op.fge, MachineOp.MaskLe, true],
  [op.funordered, MachineOp.MaskUnordered, false],
];
for (const [opcode, machineOp, swaps] of masmaskLogicTable) {
  maskOf[opcode.index] = machineOp;
  swapsMask[opcode.index] = swaps ? 1 : 0;
}

/** By comparison: the branch on it, and whether the operands change places. */
export const branchOf: Int16Array = new Int16Array(opcodes.length).fill(-1);
export const swapsBranch: Uint8Array = new Uint8Array(opcodes.length);
const branchTable: readonly (readonly [Opcode, number, boolean])[] = [
  [op.feq, MachineOp.BranchFloatEq, false],
  [op.fne, MachineOp.BranchFloatNe, false],
  [op.flt, MachineOp.BranchFloatGt, true],
  [op.fle, MachineOp.BranchFloatGe, true],
  [op.fgt, MachineOp.BranchFloatGt, false],
  [op.fge, MachineOp.BranchFloatGe, false],
  [op.ieq, MachineOp.BranchEq, false],
  [op.ine, MachineOp.BranchNe, false],
  [op.ilt, MachineOp.BranchLt, false],
  [op.ile, MachineOp.BranchLe, false],
  [op.igt, MachineOp.BranchGt, false],
  [op.ige, MachineOp.BranchGe, false],
  [op.iult, MachineOp.BranchB, false],
  [op.iule, MachineOp.BranchBe, false],
  [op.any, MachineOp.BranchAny, false],
];
for (const [opcode, machineOp, swaps] of branchTable) {
  branchOf[opcode.index] = machineOp;
  swapsBranch[opcode.index] = swaps ? 1 : 0;
}

/** By operation on bits of doubles. */
export const bitwiseOf: Int16Array = new Int16Array(opcodes.length).fill(-1);
const bitwiseTable: readonly (readonly [Opcode, number])[] = [
  [op.fbitand, MachineOp.And],
  [op.fbitandnot, MachineOp.AndNot],
  [op.fbitor, MachineOp.Or],
  [op.fbitxor, MachineOp.Xor],
];
for (const [opcode, machineOp] of bitwiseTable) bitwiseOf[opcode.index] = machineOp;

/** By division: its machine operation; -1 for others. */
export const divisionOpOf: Int16Array = new Int16Array(opcodes.length).fill(-1);
/** The same in pairs. */
export const divisionTable: readonly (readonly [Opcode, number])[] = [
  [op.idiv, MachineOp.IDiv],
  [op.irem, MachineOp.IRem],
  [op.iudiv, MachineOp.IUDiv],
  [op.iurem, MachineOp.IURem],
  [op.idiv32, MachineOp.IDiv32],
  [op.irem32, MachineOp.IRem32],
];
for (const [opcode, machineOp] of divisionTable) divisionOpOf[opcode.index] = machineOp;

/** With masks in registers of their own. */
export const maskComparisonOf: Int16Array = new Int16Array(opcodes.length).fill(-1);
export const maskLogicOf: Int16Array = new Int16Array(opcodes.length).fill(-1);
const maskComparisonTable: readonly (readonly [Opcode, number])[] = [
  [op.feq, MachineOp.KEq],
  [op.fne, MachineOp.KNe],
  [op.flt, MachineOp.KLt],
  [op.fle, MachineOp.KLe],
  [op.fgt, MachineOp.KLt],
  [op.fge, MachineOp.KLe],
  [op.funordered, MachineOp.KUnordered],
];
for (const [opcode, machineOp] of maskComparisonTable) maskComparisonOf[opcode.index] = machineOp;
const maskLogicTable: readonly (readonly [Opcode, number])[] = [
  [op.band, MachineOp.KAnd],
  [op.bandnot, MachineOp.KAndNot],
  [op.bor, MachineOp.KOr],
  [op.bxor, MachineOp.KXor],
  [op.bnot, MachineOp.KNot],
];
for (const [opcode, machineOp] of maskLogicTable) maskLogicOf[opcode.index] = machineOp;

/** By operation: what does it in lanes, where scalar code has it in general registers. */
export const packedOf: Int16Array = new Int16Array(opcodes.length).fill(-1);
const packedTable: readonly (readonly [Opcode, number])[] = [
  [op.iadd, MachineOp.LaneAdd],
  [op.isub, MachineOp.LaneSub],
  [op.imulu32, MachineOp.LaneMulU32],
  [op.fevens, MachineOp.LaneEvens],
  [op.fodds, MachineOp.LaneOdds],
  [op.iand, MachineOp.And],
  [op.ior, MachineOp.Or],
  [op.ixor, MachineOp.Xor],
  [op.band, MachineOp.And],
  [op.bandnot, MachineOp.AndNot],
  [op.bor, MachineOp.Or],
  [op.bxor, MachineOp.Xor],
];
for (const [opcode, machineOp] of packedTable) packedOf[opcode.index] = machineOp;

/** By operation of three operands, on one lane and on several. */
export const fusedOf: Int16Array = new Int16Array(opcodes.length).fill(-1);
const fusedTable: readonly (readonly [Opcode, number])[] = [
  [op.ffma, MachineOp.Fma],
  [op.ffms, MachineOp.Fms],
  [op.ffnma, MachineOp.Fnma],
];
for (const [opcode, machineOp] of fusedTable) fusedOf[opcode.index] = machineOp;

/** By operation: the same with an element of memory for its second operand. */
export const withLoad: Int16Array = new Int16Array(opcodes.length).fill(-1);
const loadTable: readonly (readonly [Opcode, number])[] = [
  [op.fadd, MachineOp.FAddLoad],
  [op.fsub, MachineOp.FSubLoad],
  [op.fmul, MachineOp.FMulLoad],
  [op.fdiv, MachineOp.FDivLoad],
  [op.fless, MachineOp.FMinLoad],
  [op.fmore, MachineOp.FMaxLoad],
];
for (const [opcode, machineOp] of loadTable) withLoad[opcode.index] = machineOp;
