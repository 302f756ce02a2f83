import { reachableFrom } from '../../jit/ir/call-graph.ts';
import type { FuelCosts } from '../../jit/ir/cost.ts';
import type { Block, IrModule } from '../../jit/ir/function.ts';
import { op } from '../../jit/ir/opcode.ts';

/** Functions with more values than this may need so much stack that they check it. */
const fewValues = 256;

/** Whether a run of these functions may end at a limit, or by a host function's exception. Says yes too often rather than too seldom. */
export function mayTrap(module: IrModule, roots: readonly string[], costs: FuelCosts): boolean {
  for (const fn of reachableFrom(module, roots)) {
    if (fn.valueCount > fewValues || costs.of(fn).entry > 0 || fn.blocks.some(callsFunctions)) return true;
  }
  return false;
}

function callsFunctions({ instructions }: Block): boolean {
  return instructions.some((value) => value.op === op.call || value.op === op.callhost);
}
