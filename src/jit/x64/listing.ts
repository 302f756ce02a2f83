import { invariant } from '../../support/invariant.ts';
import type { CodeHolder } from '../code-holder.ts';
import type { Form } from './form.ts';
import type { Mem } from './memory.ts';
import type { Operand } from './mnemonics.ts';
import { anyBroadcast, anyMemory, memoryKind } from './operand-kind.ts';
import { Register } from './register.ts';

/** What the assembler notes of an instruction, when it is asked to: position and length in `.text`, and text. */
export interface LoggedInstruction {
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

const sizeNames: ReadonlyMap<number, string> = new Map([
  [memoryKind(1), 'byte ptr '],
  [memoryKind(2), 'word ptr '],
  [memoryKind(4), 'dword ptr '],
  [memoryKind(8), 'qword ptr '],
  [memoryKind(16), 'xmmword ptr '],
  [memoryKind(32), 'ymmword ptr '],
  [memoryKind(64), 'zmmword ptr '],
]);

/** An instruction in Intel syntax. */
export function formatInstruction(
  form: Form,
  operands: readonly (Operand | undefined)[],
  mask: number,
  zeroing: boolean,
): string {
  const texts: string[] = [];
  operands.forEach((operand, position) => {
    if (operand === undefined) return;
    const decoration = position === 0 && mask !== 0 ? `{k${mask}}${zeroing ? '{z}' : ''}` : '';
    texts.push(formatOperand(form, operand) + decoration);
  });
  return texts.length === 0 ? form.mnemonic : `${form.mnemonic} ${texts.join(', ')}`;
}

function formatOperand(form: Form, operand: Operand): string {
  if (typeof operand === 'object') {
    if ('displacement' in operand) return formatMemory(form, operand);
    return operand instanceof Register ? operand.name : operand.toString();
  }
  const value = BigInt(operand);
  const magnitude = value < 0n ? -value : value;
  const digits = magnitude < 10n ? `${magnitude}` : `0x${magnitude.toString(16)}`;
  return value < 0n ? `-${digits}` : digits;
}

function formatMemory(form: Form, mem: Mem): string {
  const terms: string[] = [];
  if (mem.label !== undefined) terms.push('rip', mem.label.toString());
  if (mem.base !== undefined) terms.push(mem.base.name);
  if (mem.index !== undefined)
    terms.push(mem.scale === 1 ? mem.index.name : `${mem.index.name}*${mem.scale}`);
  let inner = terms.join('+');
  if (mem.displacement !== 0 || terms.length === 0) {
    const magnitude = Math.abs(mem.displacement);
    const digits = magnitude < 10 ? `${magnitude}` : `0x${magnitude.toString(16)}`;
    inner += mem.displacement < 0 ? `-${digits}` : terms.length === 0 ? digits : `+${digits}`;
  }
  const isBroadcast = (mem.kinds & anyBroadcast) !== 0;
  if (isBroadcast) {
    const lanes = form.memorySize / form.broadcastSize;
    return `${sizeNames.get(memoryKind(form.broadcastSize)) ?? ''}[${inner}]{1to${lanes}}`;
  }
  const size = mem.kinds === anyMemory && form.memorySize > 0 ? memoryKind(form.memorySize) : mem.kinds;
  return `${sizeNames.get(size) ?? ''}[${inner}]`;
}

/** Offsets, bytes and text of everything in the log, with the labels where they are bound. */
export function formatListing(code: CodeHolder, log: readonly LoggedInstruction[]): string {
  code.flatten();
  const labels = code.labels.filter((label) => label.section === code.text);
  labels.sort((left, right) => left.offset - right.offset);
  const lines: string[] = [];
  let next = 0;
  const printLabels = (limit: number): void => {
    for (; next < labels.length; next++) {
      const label = labels[next];
      invariant(label !== undefined, 'labels are dense');
      if (label.offset > limit) return;
      lines.push(`${label}:`);
    }
  };
  for (const { offset, length, text } of log) {
    printLabels(offset);
    const bytes = Buffer.from(code.text.bytes.subarray(offset, offset + length)).toString('hex');
    lines.push(`  ${offset.toString(16).padStart(4, '0')}  ${bytes.padEnd(20)}  ${text}`.trimEnd());
  }
  printLabels(code.text.size);
  return lines.join('\n');
}
