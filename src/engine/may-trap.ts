import { reachableFrom } from '../jit/ir/call-graph.ts';
import { successorAt, successorCount } from '../jit/ir/control-flow.ts';
import type { Block, IrFunction, IrModule } from '../jit/ir/function.ts';
import { op } from '../jit/ir/opcode.ts';

/** Functions with more values than this may need so much stack that they check it. */
const fewValues = 256;

/** Whether a run of these functions may end at a limit, or by a host function's exception. Says yes too often rather than too seldom. */
export function mayTrap(module: IrModule, roots: readonly string[]): boolean {
  for (const fn of reachableFrom(module, roots)) {
    if (fn.valueCount > fewValues || fn.blocks.some(callsFunctions) || hasLoop(fn)) return true;
  }
  return false;
}

function callsFunctions({ instructions }: Block): boolean {
  return instructions.some((value) => value.op === op.call || value.op === op.callhost);
}

/** Blocks stand in reverse postorder after optimisation, so only loops lead back. */
function hasLoop({ blocks, blockCount }: IrFunction): boolean {
  const position = new Int32Array(blockCount);
  for (const [index, block] of blocks.entries()) position[block.id] = index;
  return blocks.some((block, index) => {
    for (let i = 0; i < successorCount(block); i++) {
      const target = successorAt(block, i)?.target;
      if (target !== undefined && (position[target.id] as number) <= index) return true;
    }
    return false;
  });
}
