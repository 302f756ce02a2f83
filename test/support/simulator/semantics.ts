/** What a decoded instruction becomes before it runs: its operands are looked at once, however often it runs. */
import type { DecodedInstruction, DecodedOperand, MemoryOperand } from './decoded-instruction.ts';
import type { Machine } from './machine.ts';

/** Runs one instruction. `machine.next` is the instruction behind it by then. */
export type Step = () => void;

/** Makes the step of an instruction for a machine; throws for forms that it does not know. */
export type Semantics = (machine: Machine, instruction: DecodedInstruction) => Step;

/** By mnemonic. Those of VEX and EVEX encodings may stand without their `v`. */
export type SemanticsTable = Readonly<Record<string, Semantics>>;

/** An instruction, or a form of one, that the simulator does not know. */
export class UnknownInstructionError extends Error {
  override readonly name = 'UnknownInstructionError';

  constructor(instruction: DecodedInstruction) {
    super(`no semantics for ${instruction.text}`);
  }
}

/** The address that a memory operand has at the moment. */
export function addressOf(machine: Machine, operand: MemoryOperand): () => number {
  const { base, index, scale, displacement } = operand;
  if (index >= 0) {
    if (base < 0) return () => machine.signed(index) * scale + displacement;
    return () => machine.signed(base) + machine.signed(index) * scale + displacement;
  }
  return base < 0 ? () => displacement : () => machine.signed(base) + displacement;
}

export function isImmediate(operand: DecodedOperand): boolean {
  return operand.kind === 'immediate';
}

/** The immediate, or 0. */
export function immediateOf({ operands }: DecodedInstruction): number {
  const last = operands.at(-1);
  return last?.kind === 'immediate' ? Number(last.value) : 0;
}

/** Picks semantics by the form. */
export function either(
  isFirst: (instruction: DecodedInstruction) => boolean,
  first: Semantics,
  second: Semantics,
): Semantics {
  return (machine, instruction) => (isFirst(instruction) ? first : second)(machine, instruction);
}
