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
  /** @internal As the table has them. */
  lines: readonly Line[];
  /** What is known of {@link forms}: none before their first use, since the notation is read only then. */
  cachedForms: readonly Form[] | undefined = undefined;

  /** @internal */
  constructor(mnemonic: string, lines: readonly Line[]) {
    this.mnemonic = mnemonic;
    this.lines = lines;
  }

  /** The encodings, in the order in which they are tried. */
  get forms(): readonly Form[] {
    this.cachedForms ??= expandForms(this.mnemonic, this.lines);
    return this.cachedForms;
  }
}

/** All instructions. VEX lines stand before EVEX lines, so the shorter encoding is tried first. */
export const instructions: ReadonlyMap<Mnemonic, Instruction> = collect([
  ...general,
  ...sse,
  ...avx,
  ...avx512,
]);

/** The forms of an instruction. */
export function instructionOf(mnemonic: Mnemonic): Instruction {
  const instruction = instructions.get(mnemonic);
  invariant(instruction !== undefined, `no instruction ${mnemonic}`);
  return instruction;
}

function collect(tables: readonly EncodingTable[]): ReadonlyMap<Mnemonic, Instruction> {
  const all = new Map<string, Instruction>();
  for (const table of tables) {
    // By iterators, spreading and `entries` this takes twice as long, and it is start-up time.
    const mnemonics = Object.keys(table);
    for (let i = 0; i < mnemonics.length; i++) {
      const mnemonic = mnemonics[i] as string;
      const lines = table[mnemonic] as readonly Line[];
      const known = all.get(mnemonic);
      if (known === undefined) all.set(mnemonic, new Instruction(mnemonic, lines));
      else known.lines = known.lines.concat(lines);
    }
  }
  return all as Map<Mnemonic, Instruction>;
}
