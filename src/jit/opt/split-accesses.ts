/**
 * Accesses of memory in two: a check that traps, and a load or store that cannot fail. So value numbering leaves one check
 * of those on the same offset, hoisting takes it out of loops, and the address of memory is found once.
 */
import type { IrFunction, Value } from '../ir/function.ts';
import { type AccessType, sizeOf } from '../ir/memory-type.ts';
import { op } from '../ir/opcode.ts';
import { Substitution } from './substitution.ts';

/** Rewrites the function in place; says whether it changed anything. What stores pass on is what they were given from now on. */
export function splitAccesses(fn: IrFunction): boolean {
  const substitution = new Substitution(fn);
  let changed = false;
  for (const block of fn.blocks) {
    if (!block.instructions.some(isSplit)) continue;
    changed = true;
    block.instructions = block.instructions.flatMap((value) => split(fn, value, substitution));
  }
  if (substitution.size > 0) substitution.apply(fn);
  return changed;
}

function isSplit({ op: opcode }: Value): boolean {
  return opcode === op.mload || opcode === op.mstore || opcode === op.setglobal;
}

function split(fn: IrFunction, value: Value, substitution: Substitution): Value[] {
  const { op: opcode, operands } = value;
  if (!isSplit(value)) return [value];
  const [first, second] = operands as [Value, Value];
  if (opcode === op.setglobal) {
    substitution.replace(value, first);
    return [value];
  }
  const bound = fn.newValue('i64', op.bound, [first], sizeOf(value.immediate as AccessType));
  const base = fn.newValue('i64', op.membase);
  if (opcode === op.mstore) {
    substitution.replace(value, second);
    value.op = op.mwrite;
    value.operands = [base, bound, second];
  } else {
    value.op = op.mread;
    value.operands = [base, bound];
  }
  return [bound, base, value];
}
