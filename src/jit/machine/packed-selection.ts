/**
 * Selection of operations on several lanes. Most are those of scalar code; what differs: a truth value is a mask always, a constant
 * has full width, and operations on bits take either.
 */
import type { Value } from '../ir/function.ts';
import { type Opcode, op } from '../ir/opcode.ts';
import type { MachineFunction } from './machine-function.ts';
import { MachineOp } from './operations.ts';
import { bitwiseOf, maskOf, swapsMask } from './selection-tables.ts';

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
  const comparison = maskOf[opcode.index] as number;
  if (comparison >= 0) return swapsMask[opcode.index] === 1 ? make(comparison, y, x) : make(comparison, x, y);
  const bitwise = bitwiseOf[opcode.index] as number;
  if (bitwise >= 0) return make(bitwise, x, y);
  switch (opcode) {
    case op.fconst:
      bits.setFloat64(0, value.immediate as number);
      return machine.laneConstant(bits.getInt32(0), bits.getInt32(4));
    case op.fbits:
      bits.setBigInt64(0, value.immediate as bigint);
      return machine.laneConstant(bits.getInt32(0), bits.getInt32(4));
    case op.bconst: {
      const all = value.immediate === true ? -1 : 0;
      return machine.laneConstant(all, all);
    }
    case op.splat:
      return make(MachineOp.Splat, x);
    case op.bbits:
      return x;
    case op.band:
      return make(MachineOp.And, x, y);
    case op.bandnot:
      return make(MachineOp.AndNot, x, y);
    case op.bor:
      return make(MachineOp.Or, x, y);
    case op.bxor:
      return make(MachineOp.Xor, x, y);
    case op.bnot:
      return make(MachineOp.Xor, x, machine.laneConstant(-1, -1));
    case op.btof:
      return make(MachineOp.And, x, machine.laneConstant(oneHigh, 0));
    case op.ffma:
      return make(MachineOp.Fma, x, y, z);
    case op.select:
      if (hasBlend) return make(MachineOp.Blend, z, y, x);
      return make(MachineOp.Or, make(MachineOp.AndNot, x, z), make(MachineOp.And, x, y));
    default:
      return -1;
  }
}
