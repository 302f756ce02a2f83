/** Jumps, calls, the stack, and what saves and restores the state of the processor. */
import { conditionNames } from './flags.ts';
import { readerOf, writerTo } from './general-operands.ts';
import type { Machine } from './machine.ts';
import { addressOf, type Semantics, type SemanticsTable, UnknownInstructionError } from './semantics.ts';
import { MemoryFault } from './simulated-memory.ts';
import { registerOffset, vectorBytes } from './vector-file.ts';

const jump: Semantics = (machine, instruction) => {
  const target = readerOf(machine, instruction, instruction.operands.at(0));
  return () => {
    machine.next = Number(target());
  };
};

const conditionalJump =
  (condition: string): Semantics =>
  (machine, instruction) => {
    const target = Number(readerOf(machine, instruction, instruction.operands.at(0))());
    return () => {
      if (machine.flags.holds(condition)) machine.next = target;
    };
  };

const call: Semantics = (machine, instruction) => {
  const target = readerOf(machine, instruction, instruction.operands.at(0));
  return () => {
    const address = Number(target());
    machine.push(BigInt(instruction.end));
    machine.next = address;
  };
};

const ret: Semantics = (machine) => () => {
  machine.next = Number(machine.pop());
};

const push: Semantics = (machine, instruction) => {
  const value = readerOf(machine, instruction, instruction.operands.at(0));
  return () => machine.push(value());
};

const pop: Semantics = (machine, instruction) => {
  const assign = writerTo(machine, instruction, instruction.operands.at(0));
  return () => assign(machine.pop());
};

/** Where the vector registers stand in what `fxsave` writes, 16 bytes for each of the low sixteen. */
const savedVectors = 160;
const stateSize = 512;

const state =
  (transfer: (machine: Machine, address: number, id: number) => void): Semantics =>
  (machine, instruction) => {
    const [operand] = instruction.operands;
    if (operand?.kind !== 'memory') throw new UnknownInstructionError(instruction);
    const address = addressOf(machine, operand);
    return () => {
      const start = address();
      if (start % 16 !== 0) throw new MemoryFault('needs an address aligned to 16 bytes');
      // All of it must be there.
      machine.memory.read(start, 8);
      machine.memory.read(start + stateSize - 8, 8);
      for (let id = 0; id < 16; id++) transfer(machine, start + savedVectors + id * 16, id);
    };
  };

const zeroUpper: Semantics = (machine) => () => {
  for (let id = 0; id < 16; id++) {
    machine.vectors.clear(registerOffset(id) + 16, registerOffset(id) + vectorBytes);
  }
  machine.isUpperDirty = false;
};

export const controlFlow: SemanticsTable = {
  jmp: jump,
  call,
  ret,
  push,
  pop,
  nop: () => () => {},
  vzeroupper: zeroUpper,
  fxsave64: state(({ memory, vectors }, address, id) =>
    memory.store(address, 16, vectors.bytes, registerOffset(id)),
  ),
  fxrstor64: state(({ memory, vectors }, address, id) =>
    memory.load(address, 16, vectors.bytes, registerOffset(id)),
  ),
  ...Object.fromEntries(conditionNames.map((condition) => [`j${condition}`, conditionalJump(condition)])),
};
