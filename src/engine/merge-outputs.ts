/** Modules of several outputs as one: functions get names that no other output has. */
import { hostNumber, IrFunction, type IrModule } from '../jit/ir/function.ts';
import { op } from '../jit/ir/opcode.ts';
import { elementAt } from '../support/element.ts';
import { functionName } from './front/merged-plan.ts';

/** Moves the functions of a module that nobody else has into `merged`, under the names that they have there. */
export function addOutput(merged: IrModule, output: string, module: IrModule): void {
  const hosts = module.hosts.map((host) => hostNumber(merged, host));
  for (const fn of module.functions) merged.functions.push(moved(fn, output, hosts));
}

/** The function under its name in the merged module, with its calls adapted; the blocks are the same. */
function moved(fn: IrFunction, output: string, hosts: readonly number[]): IrFunction {
  const result = new IrFunction(functionName(output, fn.name), fn.result);
  result.blocks = fn.blocks;
  result.valueCount = fn.valueCount;
  result.blockCount = fn.blockCount;
  for (const { instructions } of fn.blocks) {
    for (const value of instructions) {
      if (value.op === op.call) value.immediate = functionName(output, String(value.immediate));
      else if (value.op === op.callhost) value.immediate = elementAt(hosts, Number(value.immediate));
    }
  }
  return result;
}
