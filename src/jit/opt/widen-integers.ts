/**
 * Leaves out extensions of 32 bits to 64 of which nobody sees the upper half, and makes operations of 64 bits of those of 32, which
 * would extend their results.
 *
 * Upper halves are seen by comparisons, conversions, calls and the like, and through sums, products and bits of what they are seen of.
 * So all values are taken for narrow until that is spread: also those that go around a loop.
 */
import { elementAt } from '../../support/element.ts';
import type { IrFunction, Value } from '../ir/function.ts';
import { IncomingArguments } from '../ir/incoming-arguments.ts';
import { type AccessType, sizeOf } from '../ir/memory-type.ts';
import { type Opcode, op } from '../ir/opcode.ts';
import { Substitution } from './substitution.ts';

/** What sees low halves only. */
const narrow: ReadonlySet<Opcode | undefined> = new Set([
  ...[op.isext8, op.isext16, op.isext32, op.izext32],
  ...[op.iadd32, op.isub32, op.imul32, op.idiv32, op.irem32, op.imulu32],
  ...[op.ishl32, op.isar32, op.ishr32, op.iclz32],
]);

/** The low half of the result comes from low halves of the operands, of `select` from the second on. */
const carrying: ReadonlySet<Opcode | undefined> = new Set([
  ...[op.iadd, op.isub, op.imul, op.iand, op.ior, op.ixor, op.select],
]);

/** With the same low half. */
const widened: ReadonlyMap<Opcode | undefined, Opcode> = new Map([
  [op.iadd32, op.iadd],
  [op.isub32, op.isub],
  [op.imul32, op.imul],
  [op.ishl32, op.ishl],
]);

/** Rewrites the function in place; says whether it changed anything. */
export function widenIntegers(fn: IrFunction): boolean {
  if (!fn.blocks.some(({ instructions }) => instructions.some(({ op: opcode }) => narrow.has(opcode))))
    return false;
  const seen = seenWhole(fn);
  const substitution = new Substitution(fn);
  let changed = false;
  for (const { instructions } of fn.blocks) {
    for (const value of instructions) {
      if (seen[value.id] === 1) continue;
      const wide = widened.get(value.op);
      if (value.op === op.isext32 || value.op === op.izext32) {
        substitution.replace(value, elementAt(value.operands, 0));
      } else if (wide !== undefined && (wide !== op.ishl || isSmallCount(elementAt(value.operands, 1)))) {
        value.op = wide;
        changed = true;
      }
    }
  }
  substitution.apply(fn);
  return changed || substitution.size > 0;
}

/** The operations of 32 bits take their counts modulo 32. */
function isSmallCount({ op: opcode, immediate }: Value): boolean {
  return opcode === op.iconst && (immediate as bigint) >= 0n && (immediate as bigint) < 32n;
}

/** By value id: 1 if something sees more than the low half. */
function seenWhole(fn: IrFunction): Uint8Array {
  const seen = new Uint8Array(fn.valueCount);
  const work: Value[] = [];
  const see = (value: Value): void => {
    if (seen[value.id] === 1) return;
    seen[value.id] = 1;
    work.push(value);
  };
  for (const block of fn.blocks) {
    for (const value of block.instructions) seeOperands(value, see);
    if (block.terminator?.kind === 'return') see(block.terminator.value);
  }
  const incoming = new IncomingArguments(fn);
  for (let value = work.pop(); value !== undefined; value = work.pop()) {
    if (carrying.has(value.op)) value.operands.forEach(see);
    else if (value.op === op.ishl) see(elementAt(value.operands, 0));
    incoming.visit(value, see);
  }
  return seen;
}

/** The operands that the operation sees whole, whoever sees its result. */
function seeOperands({ op: opcode, operands, immediate }: Value, see: (value: Value) => void): void {
  if (narrow.has(opcode) || carrying.has(opcode) || opcode === op.ishl) return;
  const last = opcode === op.mwrite && sizeOf(immediate as AccessType) <= 4 ? operands.length - 1 : -1;
  operands.forEach((operand, index) => {
    if (index !== last) see(operand);
  });
}
