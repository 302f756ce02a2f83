/**
 * Selection of operations on several lanes. Most are those of scalar code; what differs: a truth value is a mask always, a constant
 * has full width, operations on bits take either, and integers are in vector registers.
 */
import type { Value } from '../ir/function.ts';
import { type Opcode, op } from '../ir/opcode.ts';
import { elementOf } from '../ir/type.ts';
import type { MachineFunction } from './machine-function.ts';
import { MachineOp, RegisterClass } from './operations.ts';
import {
  bitwiseOf,
  fusedOf,
  maskComparisonOf,
  maskLogicOf,
  maskOf,
  packedOf,
  swapsMask,
} from './selection-tables.ts';

const oneHigh = 0x3ff00000;
const bits = new DataView(new ArrayBuffer(8));

/** Makes machine code of one operation of several lanes; `x`, `y` and `z` are its operands. Gives the result, or -1 if scalar code knows better. */
export function selectPacked(
  machine: MachineFunction,
  value: Value,
  hasBlend: boolean,
  x: number,
  y: number,
  z: number,
): number {
  const opcode = value.op as Opcode;
  const make = (operation: number, a: number, b = -1, c = -1): number => {
    const result = machine.newLanes();
    machine.append(operation, result, a, b, c);
    return result;
  };
  if (machine.hasMasks) {
    const made = selectMasked(machine, value, x, y, z);
    if (made >= 0) return made;
  }
  const comparison = maskOf[opcode.index] as number;
  if (comparison >= 0) return swapsMask[opcode.index] === 1 ? make(comparison, y, x) : make(comparison, x, y);
  const bitwise = bitwiseOf[opcode.index] as number;
  if (bitwise >= 0) return make(bitwise, x, y);
  const packed = packedOf[opcode.index] as number;
  if (packed >= 0) return make(packed, x, y);
  const fused = fusedOf[opcode.index] as number;
  if (fused >= 0) return make(fused, x, y, z);
  switch (opcode) {
    case op.fconst:
      bits.setFloat64(0, value.immediate as number);
      return machine.laneConstant(bits.getInt32(0), bits.getInt32(4));
    case op.fbits:
    case op.iconst:
      bits.setBigInt64(0, value.immediate as bigint);
      return machine.laneConstant(bits.getInt32(0), bits.getInt32(4));
    case op.bconst: {
      const all = value.immediate === true ? -1 : 0;
      return machine.laneConstant(all, all);
    }
    case op.iota:
      return machine.laneNumbers();
    case op.splat:
      return make(MachineOp.Splat, x);
    case op.keep:
      return make(MachineOp.Keep, x);
    case op.bbits:
    case op.fasi:
    case op.iasf:
      return x;
    case op.ishl:
      return make(MachineOp.LaneShl, x, -1, countOf(value, 63));
    case op.ishr:
      return make(MachineOp.LaneShr, x, -1, countOf(value, 63));
    case op.isar32:
      return make(MachineOp.LaneSar32, x, -1, countOf(value, 31));
    case op.isext32:
      return make(MachineOp.LaneSignExtend32, x);
    case op.bnot:
      return make(MachineOp.Xor, x, machine.laneConstant(-1, -1));
    case op.btof:
      return make(MachineOp.And, x, machine.laneConstant(oneHigh, 0));
    case op.select:
      return blend(machine, hasBlend, x, y, z);
    default:
      return -1;
  }
}

/** `y` in lanes where the mask `x` is set, `z` in the others. */
export function blend(machine: MachineFunction, hasBlend: boolean, x: number, y: number, z: number): number {
  const make = (operation: number, a: number, b: number, c = -1): number => {
    const result = machine.newLanes();
    machine.append(operation, result, a, b, c);
    return result;
  };
  if (machine.hasMasks)
    return machine.isZero(z) ? make(MachineOp.KKeep, y, x) : make(MachineOp.KBlend, z, y, x);
  if (hasBlend) return make(MachineOp.Blend, z, y, x);
  return make(MachineOp.Or, make(MachineOp.AndNot, x, z), make(MachineOp.And, x, y));
}

/** The count of a shift, a constant. */
function countOf({ operands }: Value, bits: number): number {
  return Number(operands[1]?.immediate) & bits;
}

/** Where masks are in registers of their own: what makes them, combines them and takes them. */
function selectMasked(machine: MachineFunction, value: Value, x: number, y: number, z: number): number {
  const opcode = value.op as Opcode;
  const mask = (operation: number, a = -1, b = -1): number => {
    const result = machine.newVreg(RegisterClass.Mask);
    machine.append(operation, result, a, b, -1);
    return result;
  };
  const lanes = (operation: number, a: number, b = -1, c = -1): number => {
    const result = machine.newLanes();
    machine.append(operation, result, a, b, c);
    return result;
  };
  const comparison = maskComparisonOf[opcode.index] as number;
  if (comparison >= 0) return swapsMask[opcode.index] === 1 ? mask(comparison, y, x) : mask(comparison, x, y);
  const logic = maskLogicOf[opcode.index] as number;
  if (logic >= 0) return mask(logic, x, y);
  switch (opcode) {
    case op.bconst:
      return mask(value.immediate === true ? MachineOp.KAll : MachineOp.KNone);
    case op.splat:
      return elementOf(value.type) === 'bool' ? mask(MachineOp.KSplat, x) : -1;
    case op.firstlanes:
      return mask(MachineOp.KFirst, x);
    case op.bbits:
      return lanes(MachineOp.KKeep, machine.laneConstant(-1, -1), x);
    case op.ibit: {
      const bit = 1n << BigInt(value.immediate as number);
      return mask(MachineOp.KTest, x, machine.laneConstant(Number(bit >> 32n), Number(bit & 0xffff_ffffn)));
    }
    case op.btof:
      return lanes(MachineOp.KKeep, machine.laneConstant(oneHigh, 0), x);
    case op.ftoi:
      return lanes(MachineOp.LaneFloatToInt, x);
    case op.itof:
      return lanes(MachineOp.LaneIntToFloat, x);
    case op.select:
      return elementOf(value.type) === 'bool'
        ? mask(MachineOp.KOr, mask(MachineOp.KAndNot, x, z), mask(MachineOp.KAnd, x, y))
        : -1;
    default:
      return -1;
  }
}
