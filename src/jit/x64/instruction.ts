import { invariant } from '../../support/invariant.ts';
import { avx } from './encodings/avx.ts';
import { avx512 } from './encodings/avx512.ts';
import { general } from './encodings/general.ts';
import type { EncodingTable, Line } from './encodings/line.ts';
import { sse } from './encodings/sse.ts';
import { expandForms, type Form } from './form.ts';
import type { Mnemonic } from './mnemonics.ts';

/** A mnemonic with its encodings. */
export class Instruction {
  readonly mnemonic: string;
  readonly #lines: readonly Line[];
  /** What is known of {@link forms}: none before their first use, since the notation is read only then. */
  cachedForms: readonly Form[] | undefined = undefined;

  constructor(mnemonic: string, lines: readonly Line[]) {
    this.mnemonic = mnemonic;
    this.#lines = lines;
  }

  /** The encodings, in the order in which they are tried. */
  get forms(): readonly Form[] {
    this.cachedForms ??= expandForms(this.mnemonic, this.#lines);
    return this.cachedForms;
  }
}

/** All instructions. VEX lines stand before EVEX lines, so the shorter encoding is tried first. */
export const instructions: ReadonlyMap<Mnemonic, Instruction> = collect(general, sse, avx, avx512);

export function instructionOf(mnemonic: Mnemonic): Instruction {
  const instruction = instructions.get(mnemonic);
  invariant(instruction !== undefined, `no instruction ${mnemonic}`);
  return instruction;
}

function collect(...tables: EncodingTable[]): ReadonlyMap<Mnemonic, Instruction> {
  const lines = new Map<string, Line[]>();
  for (const table of tables) {
    for (const [mnemonic, more] of Object.entries(table)) {
      const known = lines.get(mnemonic);
      if (known === undefined) lines.set(mnemonic, [...more]);
      else known.push(...more);
    }
  }
  const all = [...lines].map(([mnemonic, list]) => [mnemonic, new Instruction(mnemonic, list)] as const);
  return new Map(all as [Mnemonic, Instruction][]);
}
