import type { IrFunction, Value } from '../../ir/function.ts';
import { op } from '../../ir/opcode.ts';

/** See `remainder.ts`. */
const remainderSize = 40;
/** The usual range of a function of the math library, as most have it. */
const mathSize = 60;
/** Operations on integers in lanes are made of several. */
const integerSize = 4;

/** About how many instructions an operation becomes in lanes. */
export function laneSize({ op: opcode, type, operands }: Value): number {
  if (opcode === op.callmath) return mathSize;
  if (opcode === op.frem) return remainderSize;
  return type === 'i64' || operands.some((operand) => operand.type === 'i64') ? integerSize : 1;
}

/** The same of all operations of a function. */
export function sizeInLanes({ blocks }: IrFunction): number {
  let size = 0;
  for (const { instructions } of blocks) for (const value of instructions) size += laneSize(value);
  return size;
}
