/** All instructions that the simulator knows. One more is one line in the table of its kind. */
import { controlFlow } from './control-flow.ts';
import { conversions } from './conversions.ts';
import type { DecodedInstruction } from './decoded-instruction.ts';
import { bitwise, doubleOperations } from './double-operations.ts';
import { generalInstructions } from './general-instructions.ts';
import { integerLanes } from './integer-lanes.ts';
import { maskOperations } from './mask-operations.ts';
import { type Semantics, type SemanticsTable, UnknownInstructionError } from './semantics.ts';
import { transfers } from './transfers.ts';

const table: SemanticsTable = {
  ...generalInstructions,
  ...controlFlow,
  ...transfers,
  ...doubleOperations,
  ...bitwise,
  ...integerLanes,
  ...conversions,
  ...maskOperations,
};

/** The mnemonics of the table. */
export const simulatedMnemonics: readonly string[] = Object.keys(table);

/** VEX and EVEX encodings may stand in the table by the name that they share with SSE. */
export function semanticsOf(instruction: DecodedInstruction): Semantics {
  const { mnemonic, isLegacy } = instruction;
  const found = own(mnemonic) ?? (isLegacy ? undefined : own(mnemonic.replace(/^v/, '')));
  if (found === undefined) throw new UnknownInstructionError(instruction);
  return found;
}

function own(mnemonic: string): Semantics | undefined {
  return Object.hasOwn(table, mnemonic) ? table[mnemonic] : undefined;
}
