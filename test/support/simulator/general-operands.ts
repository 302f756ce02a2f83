/** Operands of instructions on general registers, as unsigned integers of their size. */
import { elementAt } from '../../../src/support/element.ts';
import type { DecodedInstruction, DecodedOperand } from './decoded-instruction.ts';
import type { Machine } from './machine.ts';
import { addressOf, UnknownInstructionError } from './semantics.ts';

/** Bytes of an operand in a register or in memory. */
export function sizeOf(instruction: DecodedInstruction, operand: DecodedOperand | undefined): number {
  if (operand?.kind === 'general' || operand?.kind === 'memory') return operand.size;
  throw new UnknownInstructionError(instruction);
}

/** Reads an operand. Immediates are those of 64 bits that they are extended to. */
export function readerOf(
  machine: Machine,
  instruction: DecodedInstruction,
  operand: DecodedOperand | undefined,
): () => bigint {
  const { general, memory } = machine;
  switch (operand?.kind) {
    case 'general': {
      const { id, size } = operand;
      if (size === 8) return () => elementAt(general, id);
      const mask = (1n << BigInt(size * 8)) - 1n;
      return () => elementAt(general, id) & mask;
    }
    case 'memory': {
      const address = addressOf(machine, operand);
      return () => memory.read(address(), operand.size);
    }
    case 'immediate': {
      const value = BigInt.asUintN(64, operand.value);
      return () => value;
    }
    case 'branch': {
      const target = BigInt(operand.target);
      return () => target;
    }
    default:
      throw new UnknownInstructionError(instruction);
  }
}

/** Writes an operand. 32 bits clear the upper half of their register, 8 and 16 leave the rest alone. */
export function writerTo(
  machine: Machine,
  instruction: DecodedInstruction,
  operand: DecodedOperand | undefined,
): (value: bigint) => void {
  const { general, memory } = machine;
  if (operand?.kind === 'memory') {
    const address = addressOf(machine, operand);
    return (value) => memory.write(address(), operand.size, value);
  }
  if (operand?.kind !== 'general') throw new UnknownInstructionError(instruction);
  const { id, size } = operand;
  if (size >= 4) {
    return (value) => {
      general[id] = BigInt.asUintN(size * 8, value);
    };
  }
  const mask = (1n << BigInt(size * 8)) - 1n;
  return (value) => {
    general[id] = (elementAt(general, id) & ~mask) | (value & mask);
  };
}
