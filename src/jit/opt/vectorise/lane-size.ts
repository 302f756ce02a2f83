import { type IrFunction, Value } from '../../ir/function.ts';
import { constantOpcodes, op } from '../../ir/opcode.ts';
import { mathFunctions } from '../../math/library.ts';
import { irAlgebra } from '../legalise/ir-algebra.ts';

/** See `remainder.ts`. */
const remainderSize = 40;
/** Operations on integers in lanes are made of several. */
const integerSize = 4;
/** Of a lookup in four lanes, which shares its rows with the next column. */
const lookupSize = 6;

/** Of an element at any row, in four lanes. */
const elementSize = 16;

/** About how many instructions an operation becomes in lanes. */
export function laneSize({ op: opcode, type, operands, immediate }: Value): number {
  if (opcode === op.callmath) return mathSize(String(immediate));
  if (opcode === op.frem) return remainderSize;
  if (opcode === op.element) return elementSize;
  return type === 'i64' || operands.some((operand) => operand.type === 'i64') ? integerSize : 1;
}

/** The same of all operations of a function. */
export function sizeInLanes({ blocks }: IrFunction): number {
  let size = 0;
  for (const { instructions } of blocks) for (const value of instructions) size += laneSize(value);
  return size;
}

const mathSizes = new Map<string, number>();

/** Of the usual range of a function of the math library: what its body comes to, counted once. */
function mathSize(name: string): number {
  const known = mathSizes.get(name);
  if (known !== undefined) return known;
  let size = 0;
  const algebra = irAlgebra(4, (type, opcode, operands, immediate) => {
    if (opcode === op.ftable) size += lookupSize;
    else if (!constantOpcodes.has(opcode)) size++;
    return new Value(0, type, opcode, operands, immediate);
  });
  const x = new Value(0, 'f64x4', undefined, []);
  mathFunctions.get(name)?.usual(algebra, x, x);
  mathSizes.set(name, size);
  return size;
}
