/** Machine code as text, before and after register allocation; for dumps and test failures. */
import { elementAt } from '../../support/element.ts';
import { AllocatedWord, type Allocation, allocatedWords } from './allocation.ts';
import { locationName, memoryIndexOf } from './location.ts';
import {
  ConstantKind,
  extraWords,
  instructionWords,
  type MachineFunction,
  Word,
} from './machine-function.ts';
import { MachineOp, operations, RegisterClass } from './operations.ts';

const bits = new DataView(new ArrayBuffer(8));

export function printMachineFunction(fn: MachineFunction): string {
  const lines = [`${fn.name}(${fn.parameters.map((vreg) => vregName(fn, vreg)).join(', ')})`];
  for (let block = 0; block < fn.blockCount; block++) {
    const parameters = entries(
      fn,
      fn.blockParameters[block] as number,
      fn.blockParameterCount[block] as number,
    );
    lines.push(`m${block}${parameters === '' ? '' : `(${parameters})`}:`);
    for (let i = fn.blockStart[block] as number; i < (fn.blockStart[block + 1] as number); i++) {
      lines.push(`  ${printInstruction(fn, i)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

export function printAllocation(fn: MachineFunction, allocation: Allocation): string {
  const lines = [`${fn.name}: ${allocation.slotCount} spill slots`];
  const { code, blockStart } = allocation;
  for (let block = 0; block < fn.blockCount; block++) {
    lines.push(`m${block}:`);
    for (let i = blockStart[block] as number; i < (blockStart[block + 1] as number); i++) {
      const at = i * allocatedWords;
      const source = code[at + AllocatedWord.Source] as number;
      const { name, operands } = elementAt(operations, code[at + AllocatedWord.Operation] as number);
      const result = code[at + AllocatedWord.Result] as number;
      const places: string[] = [];
      const count = source < 0 ? 1 : operands.length;
      for (let k = 0; k < count; k++) places.push(locationName(code[at + AllocatedWord.A + k] as number));
      const text = `${result < 0 ? '' : `${locationName(result)} = `}${name} ${places.join(', ')}`.trimEnd();
      lines.push(source < 0 ? `  ${text}` : `  ${text.padEnd(44)} ; ${printInstruction(fn, source)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

export function printInstruction(fn: MachineFunction, index: number): string {
  const { code } = fn;
  const at = index * instructionWords;
  const operation = elementAt(operations, code[at] as number);
  const result = code[at + Word.Result] as number;
  const prefix = result < 0 ? '' : `${vregName(fn, result)} = `;
  const third = code[at + Word.C] as number;
  if (operation.kind === 'call' || operation.kind === 'jump') {
    const list = entries(fn, code[at + Word.A] as number, code[at + Word.B] as number);
    return `${prefix}${operation.name} ${operation.kind === 'jump' ? 'm' : '#'}${third}(${list})`;
  }
  const operands = operation.operands.map((_, k) => vregName(fn, code[at + Word.A + k] as number));
  if (operation.kind === 'branch') operands.push(`m${third}`, `m${code[at + Word.NextC]}`);
  else if (immediateOperations.has(operation.index)) operands.push(String(third));
  return `${prefix}${operation.name} ${operands.join(', ')}`.trimEnd();
}

const immediateOperations: ReadonlySet<number> = new Set([
  MachineOp.Shl32By,
  MachineOp.Sar32By,
  MachineOp.Shr32By,
  MachineOp.Fuel,
]);

function entries(fn: MachineFunction, start: number, count: number): string {
  const names: string[] = [];
  for (let i = start; i < start + count; i++) names.push(vregName(fn, fn.extra[i * extraWords] as number));
  return names.join(', ');
}

/** Constants by their value, other values by class and number. */
export function vregName(fn: MachineFunction, vreg: number): string {
  if (!fn.isConstant(vreg)) return `${fn.classes[vreg] === RegisterClass.Vector ? 'v' : 'g'}${vreg}`;
  const index = memoryIndexOf(fn.homes[vreg] as number);
  bits.setInt32(0, fn.constantHigh[index] as number);
  bits.setInt32(4, fn.constantLow[index] as number);
  switch (fn.constantKinds[index]) {
    case ConstantKind.Lane:
      return `${bits.getFloat64(0)}`;
    case ConstantKind.Wide:
      return `0x${bits.getBigUint64(0).toString(16)}`;
    default:
      return `${bits.getBigInt64(0)}`;
  }
}
