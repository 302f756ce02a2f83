/**
 * Loads that their only user does itself, as an operand in memory: no instruction of their own, and no register.
 *
 * Between the two nothing may be stored. Plain SSE wants such operands aligned, which elements of columns are not.
 */
import { elementAt } from '../../support/element.ts';
import type { Block, IrFunction, Value } from '../ir/function.ts';
import { type Opcode, op } from '../ir/opcode.ts';
import { addressOf } from './memory-access.ts';
import { withLoad } from './selection-tables.ts';

export function foldedLoads(fn: IrFunction): ReadonlySet<Value> {
  const uses = useCounts(fn);
  const folded = new Set<Value>();
  for (const block of fn.blocks) foldIn(block, uses, folded);
  return folded;
}

function foldIn({ instructions }: Block, uses: Uint32Array, folded: Set<Value>): void {
  /** Loads since the last effect of any other kind. */
  let open = new Set<Value>();
  for (const value of instructions) {
    const opcode = value.op as Opcode;
    if (opcode === op.load) {
      if (isSimple(value) && uses[value.id] === 1) open.add(value);
    } else if (!opcode.pure) {
      open = new Set();
    } else if (open.size > 0 && (withLoad[opcode.index] as number) >= 0) {
      const [first, second] = value.operands as [Value, Value];
      if (open.has(second)) folded.add(second);
      else if (opcode.commutative && open.has(first)) folded.add(first);
    }
  }
}

/** Doubles as they are, at an index, all of them. */
function isSimple(load: Value): boolean {
  return load.immediate === 'f64' && load.operands.length === 2 && addressOf(load).index !== undefined;
}

/** By value id; what leaves a block counts as used more than once. */
function useCounts(fn: IrFunction): Uint32Array {
  const uses = new Uint32Array(fn.valueCount);
  const count = (value: Value, times: number): void => {
    uses[value.id] = (uses[value.id] as number) + times;
  };
  for (const block of fn.blocks) {
    for (const { operands } of block.instructions) for (const operand of operands) count(operand, 1);
    const { terminator } = block;
    if (terminator?.kind === 'return') count(terminator.value, 2);
    if (terminator?.kind === 'jump') for (const value of terminator.edge.args) count(value, 2);
    if (terminator?.kind !== 'branch') continue;
    for (const { args } of [terminator.whenTrue, terminator.whenFalse]) {
      for (const value of args) count(value, 2);
    }
  }
  return uses;
}

/** The operands of an operation with a folded load: what is in a register, and the load. */
export function foldedOperands(value: Value, folded: ReadonlySet<Value>): [Value, Value] | undefined {
  if (value.operands.length !== 2) return undefined;
  const [first, second] = [elementAt(value.operands, 0), elementAt(value.operands, 1)];
  if (folded.has(second)) return [first, second];
  return folded.has(first) ? [second, first] : undefined;
}
