/**
 * Constants that a loop uses in each round, in registers: as many as the loop leaves free, those first that save most.
 *
 * Machine code takes constants from memory wherever it needs them, mostly as an operand of an instruction that is there anyway. What
 * cannot be such an operand has to be loaded each time, and even what can costs a little. So they are kept from the entry of the
 * function on; what finds no register stays as it is.
 */
import { elementAt } from '../../support/element.ts';
import { bitsOf } from '../../support/float.ts';
import type { Block, IrFunction, Value } from '../ir/function.ts';
import type { LoopNest } from '../ir/loops.ts';
import { constantOpcodes, type Opcode, op } from '../ir/opcode.ts';
import { elementOf, lanesOf } from '../ir/type.ts';

/** What it saves to have an operand in a register if it could be in memory, and if it would have to be loaded. */
const foldedBenefit = 1;
const loadedBenefit = 4;

/** Numbers of the function's vectors; `registers` is how many are free in all of its loops. */
export function keepConstants(fn: IrFunction, nest: LoopNest, registers: number): void {
  if (registers <= 0) return;
  const candidates = new Map<string, Candidate>();
  for (const block of fn.blocks) {
    const loop = nest.of(block);
    if (loop === undefined || nest.loops.some(({ parent }) => parent === loop)) continue;
    for (const value of block.instructions) noteUses(value, candidates);
  }
  const sorted = [...candidates].sort(([, first], [, second]) => second.benefit - first.benefit);
  const entry = elementAt(fn.blocks, 0);
  const kept = new Map(
    sorted.slice(0, registers).map(([key, { constant }]) => [key, keep(fn, entry, constant)]),
  );
  if (kept.size === 0) return;
  for (const block of fn.blocks) {
    if (nest.of(block) !== undefined) replaceIn(block, kept);
  }
}

/** Equal constants of several loops are one. */
interface Candidate {
  readonly constant: Value;
  benefit: number;
}

function noteUses({ op: opcode, operands }: Value, candidates: Map<string, Candidate>): void {
  operands.forEach((operand, position) => {
    if (!isKept(operand)) return;
    const benefit = isFolded(opcode, operands, position) ? foldedBenefit : loadedBenefit;
    const known = candidates.get(keyOf(operand));
    if (known === undefined) candidates.set(keyOf(operand), { constant: operand, benefit });
    else known.benefit += benefit;
  });
}

function keyOf({ type, immediate }: Value): string {
  return `${type} ${typeof immediate === 'number' ? bitsOf(immediate) : String(immediate)}`;
}

function isKept({ op: opcode, type }: Value): boolean {
  return lanesOf(type) > 1 && constantOpcodes.has(opcode) && elementOf(type) === 'f64';
}

/** Could an instruction take the operand from memory? One operand may be there, and only some. */
function isFolded(opcode: Opcode | undefined, operands: readonly Value[], position: number): boolean {
  if (opcode === op.select) return position === 1;
  if (operands.length === 2) return position === 1 || opcode?.commutative === true;
  return opcode === op.ffma && position > 0;
}

function keep(fn: IrFunction, entry: Block, constant: Value): Value {
  const copy = fn.newValue(constant.type, constant.op, [], constant.immediate);
  const kept = fn.newValue(constant.type, op.keep, [copy]);
  entry.instructions.push(copy, kept);
  return kept;
}

function replaceIn(block: Block, kept: ReadonlyMap<string, Value>): void {
  const inRegister = (operand: Value): Value =>
    isKept(operand) ? (kept.get(keyOf(operand)) ?? operand) : operand;
  for (const value of block.instructions) {
    if (value.operands.some(isKept)) value.operands = value.operands.map(inRegister);
  }
}
