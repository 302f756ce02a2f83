/** How many vectors are alive at once in the loops of a function: whether they will find registers. */

import { DominatorTree } from '../../ir/dominators.ts';
import { type Block, type IrFunction, successors, type Value } from '../../ir/function.ts';
import { findLoops } from '../../ir/loops.ts';
import { op } from '../../ir/opcode.ts';
import { lanesOf } from '../../ir/type.ts';

export function pressure(fn: IrFunction): number {
  const nest = findLoops(new DominatorTree(fn));
  const liveIn = new Map<Block, ReadonlySet<Value>>();
  // Constants and parameters of the function are in memory, where instructions can take them.
  const inMemory = new Set<Value>(fn.blocks[0]?.parameters);
  const counts = (value: Value): boolean =>
    lanesOf(value.type) > 1 &&
    value.op !== op.fconst &&
    value.op !== op.bconst &&
    value.op !== op.fbits &&
    !inMemory.has(value);
  const sizes = new Map<Block, number>();
  let most = 0;
  for (let changed = true; changed; ) {
    changed = false;
    most = 0;
    for (const block of [...fn.blocks].reverse()) {
      const live = new Set<Value>();
      for (const { target, args } of successors(block)) {
        for (const value of liveIn.get(target) ?? []) live.add(value);
        for (const value of args) if (counts(value)) live.add(value);
      }
      let peak = live.size;
      for (const value of [...block.instructions].reverse()) {
        live.delete(value);
        for (const operand of value.operands) if (counts(operand)) live.add(operand);
        peak = Math.max(peak, live.size);
      }
      for (const parameter of block.parameters) live.delete(parameter);
      if (nest.of(block) !== undefined) most = Math.max(most, peak);
      if (live.size === sizes.get(block)) continue;
      sizes.set(block, live.size);
      liveIn.set(block, live);
      changed = true;
    }
  }
  return most;
}
