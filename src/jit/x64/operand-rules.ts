/** What instructions ask of their operands beyond kinds and ranges. Each function throws a `TypeError`; nothing is written then. */
import { Space } from './encoding-notation.ts';
import type { Form } from './form.ts';
import type { Instruction } from './instruction.ts';
import { Mem } from './memory.ts';
import type { Operand } from './mnemonics.ts';
import { anyMemory, kindsOf, openBroadcast } from './operand-kind.ts';
import { describeCall, fits } from './operand-mismatch.ts';
import { Masking } from './operand-notation.ts';
import { Register } from './register.ts';

type Operands = readonly (Operand | undefined)[];

/** By the logarithm of the bytes. */
const sizedPointers = 'bytePtr wordPtr dwordPtr qwordPtr xmmwordPtr ymmwordPtr zmmwordPtr'.split(' ');

/**
 * Refuses memory that leaves open which of several sizes is meant. The error names those that can be written instead: of forms that take
 * the other operands, too, numbers and masks included.
 */
export function requireSize(
  instruction: Instruction,
  operands: Operands,
  masking: number,
  missingFeatures: number,
): void {
  const fitting = instruction.forms.filter((form) => fits(form, operands));
  if (new Set(fitting.map((form) => form.memorySize)).size < 2) return;
  const isBroadcast = operands.some((operand) => (kindsOf(operand) & openBroadcast) !== 0);
  const names = fitting
    .filter(
      (form) =>
        (form.masking & masking) === masking &&
        (form.features & missingFeatures) === 0 &&
        (form.immediate < 0 || form.takesImmediate(operands[form.immediate])),
    )
    .map((form) =>
      isBroadcast
        ? `broadcast1to${form.memorySize / form.broadcastSize}`
        : `${sizedPointers[Math.log2(form.memorySize)]}`,
    );
  const what = isBroadcast ? 'a broadcast of known lanes' : 'a sized memory operand';
  throw new TypeError(`${instruction.mnemonic} needs ${what} here: ${[...new Set(names)].join(' or ')}`);
}

/** Gathers and scatters trap unless they are masked, and gathers unless all their registers differ. */
export function requireGather(form: Form, operands: Operands, masking: number): void {
  if (form.needsMask && masking === Masking.None) {
    throw new TypeError(`${form.mnemonic} needs a mask, for example k(k1)`);
  }
  const { index } = operands[form.rm] as Mem;
  if (form.space === Space.Vex && index !== undefined && index.id >= 16) {
    throw new TypeError(`no form of ${describeCall(form.mnemonic, operands)} takes ${index} as its index`);
  }
  if (form.rm === 0) return;
  const ids = operands.flatMap((operand) =>
    operand instanceof Register ? operand.id : operand instanceof Mem ? (index?.id ?? []) : [],
  );
  if (new Set(ids).size === ids.length) return;
  const which = form.space === Space.Vex ? 'destination, index and mask' : 'destination and index';
  throw new TypeError(`${describeCall(form.mnemonic, operands)}: ${which} must be different registers`);
}

/** Prefixes that can be asked for, by the byte that they are. */
export const Prefix = Object.freeze({ Lock: 0xf0, Repne: 0xf2, Rep: 0xf3 } as const);

/** What can change memory as one. */
const lockable =
  'add adc and btc btr bts cmpxchg cmpxchg8b cmpxchg16b dec inc neg not or sbb sub xadd xchg xor';
const locked: ReadonlySet<string> = new Set(lockable.split(' '));

/** What can be repeated: `search` ends where it finds something. */
const fill = /^(movs|stos|lods)[bwdq]$/;
const search = /^(cmps|scas)[bwdq]$/;

/** What listings call a prefix. */
export function prefixName(form: Form, prefix: number): string {
  if (prefix === Prefix.Lock) return 'lock';
  if (prefix === Prefix.Repne) return 'repne';
  return search.test(form.mnemonic) ? 'repe' : 'rep';
}

/** Refuses a prefix that the CPU would refuse, or ignore, or take for a part of another instruction. */
export function requirePrefix(form: Form, operands: Operands, prefix: number): void {
  const call = describeCall(form.mnemonic, operands);
  if (prefix === Prefix.Lock) {
    if (locked.has(form.mnemonic) && (kindsOf(operands[0]) & anyMemory) !== 0) return;
    throw new TypeError(`${call} cannot be locked; lock is for ${lockable} with memory in front`);
  }
  const isString = search.test(form.mnemonic) || (prefix === Prefix.Rep && fill.test(form.mnemonic));
  // `movsd` and `cmpsd` are others, too.
  if (!isString || operands[0] !== undefined) {
    const which = prefix === Prefix.Rep ? 'movs stos lods cmps scas' : 'cmps scas';
    throw new TypeError(
      `${call} cannot be repeated; ${prefixName(form, prefix)} is for ${which} with one of b w d q`,
    );
  }
}
