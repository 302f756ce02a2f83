import { cpuFeatureNames } from './cpu-feature.ts';
import type { Form } from './form.ts';
import type { Instruction } from './instruction.ts';
import type { Mem } from './memory.ts';
import type { Operand } from './mnemonics.ts';
import { anyBroadcast, anyMemory, anyVectorIndex, kindsOf, OperandKind } from './operand-kind.ts';
import { Masking } from './operand-notation.ts';

/**
 * Why no form of `instruction` takes these operands: the error to be thrown. A number that is out of range or a
 * missing CPU feature is named; otherwise the forms are listed.
 */
export function describeMismatch(
  instruction: Instruction,
  operands: readonly (Operand | undefined)[],
  masking: number,
  missingFeatures: number,
): Error {
  const call = describeCall(instruction.mnemonic, operands);
  const fitting = instruction.forms.filter((form) => fits(form, operands));
  const unmasked = fitting.filter((form) => (form.masking & masking) === masking);
  if (fitting.length > 0 && unmasked.length === 0) {
    return new TypeError(`${call} cannot be masked${masking === Masking.Zero ? ' with zeroing' : ''}`);
  }
  if (masking === Masking.Zero && unmasked.length > 0 && isMemory(operands[0])) {
    return new TypeError(`${call} cannot be masked with zeroing, since it stores to memory`);
  }
  const withImmediate = unmasked.filter((form) => form.immediate >= 0);
  const outOfRange = withImmediate.filter((form) => !form.takesImmediate(operands[form.immediate]));
  if (withImmediate.length > 0 && outOfRange.length === withImmediate.length) {
    const form = withImmediate.reduce((widest, next) =>
      next.immediateSize > widest.immediateSize ? next : widest,
    );
    return new RangeError(
      `${call}: the immediate must be an integer from ${bound(form.immediateMin)} to ${bound(form.immediateMax)}${
        form.immediateSize === 8 ? ', beyond 2^53 as a bigint' : ''
      }`,
    );
  }
  const short = unmasked.at(0);
  if (short !== undefined) {
    const lacking = cpuFeatureNames(short.features & missingFeatures).join(' and ');
    return new TypeError(`${call} needs ${lacking}, which the target CPU lacks`);
  }
  const known = instruction.forms.map((form) => form.operands.join(', ') || 'no operands');
  return new TypeError(
    `no form of ${call}; ${instruction.mnemonic} takes ${[...new Set(known)].join('; or ')}`,
  );
}

/** The instruction as messages write it. */
export function describeCall(mnemonic: string, operands: readonly (Operand | undefined)[]): string {
  const texts = operands.filter((operand) => operand !== undefined).map(describe);
  return `${mnemonic} ${texts.join(', ')}`.trimEnd();
}

/** Whether the operands are of the kinds that `form` takes. */
export function fits(form: Form, operands: readonly (Operand | undefined)[]): boolean {
  return [0, 1, 2, 3].every((position) => (form.accepts(position) & kindsOf(operands[position])) !== 0);
}

function describe(operand: Operand): string {
  if (typeof operand !== 'object') return `${operand}`;
  const kinds = kindsOf(operand);
  if ((kinds & anyBroadcast) !== 0) return 'broadcast memory';
  if ((kinds & anyVectorIndex) !== 0) return `[${(operand as Mem).index?.kind}]`;
  if (!isMemory(operand)) return operand.toString();
  return kinds === anyMemory ? 'memory' : `m${8 << Math.log2(kinds / OperandKind.Memory8)}`;
}

function isMemory(operand: Operand | undefined): boolean {
  return (kindsOf(operand) & anyMemory) !== 0;
}

/** Bounds are 0, 1, a byte's, or powers of two and their neighbours. */
function bound(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude < 2 ** 15) return `${value}`;
  const exponent = Math.round(Math.log2(magnitude));
  const rest = magnitude === 2 ** exponent && exponent !== 64 ? '' : '-1';
  return `${value < 0 ? '-' : ''}2^${exponent}${rest}`;
}
