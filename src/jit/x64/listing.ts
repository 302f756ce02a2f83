import type { Address } from '../../native/address.ts';
import type { CodeHolder } from '../code/code-holder.ts';
import type { Section } from '../code/section.ts';
import type { Form } from './form.ts';
import { Mem } from './memory.ts';
import type { Operand } from './mnemonics.ts';
import { anyBroadcast, anyMemory, memoryKind } from './operand-kind.ts';
import { Register } from './register.ts';

/** What the assembler notes of an instruction, when it is asked to: position and length in its section, and text. */
export interface LoggedInstruction {
  readonly section: Section;
  readonly offset: number;
  readonly length: number;
  readonly text: string;
  /** Code elsewhere that it calls or jumps to by its address, if that has a name. */
  readonly target?: { readonly address: Address; readonly name: string } | undefined;
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
    if (operand instanceof Mem) return formatMemory(form, operand);
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

/**
 * The code as text: each line an offset, bytes and what they mean, with labels where they are bound; the constants
 * follow the instructions. Calls to fixed addresses show what stands there before relocation, and names where they have
 * any: the address, and the bytes of the constant that holds it, would differ from process to process.
 */
export function formatListing(code: CodeHolder, log: readonly LoggedInstruction[]): string {
  return listingLines(code, log)
    .map(({ text }) => text)
    .join('\n');
}

/** A line of a listing, and the instruction that it shows; undefined for labels and data. */
export interface ListingLine {
  readonly text: string;
  readonly instruction: LoggedInstruction | undefined;
}

/** As {@link formatListing}, line by line. */
export function listingLines(code: CodeHolder, log: readonly LoggedInstruction[]): ListingLine[] {
  code.flatten();
  const lines: ListingLine[] = [];
  const targets = targetNames(log);
  for (const section of code.sections) {
    // The code begins with `.text`, and `.rodata` shows by itself.
    if (section !== code.text && section !== code.rodata) lines.push(plain(`${section.name}:`));
    formatSection(code, section, log, targets, lines);
  }
  return lines;
}

function plain(text: string): ListingLine {
  return { text, instruction: undefined };
}

/** Appends what stands in a section: instructions, and data where none was noted. */
function formatSection(
  code: CodeHolder,
  section: Section,
  log: readonly LoggedInstruction[],
  targets: ReadonlyMap<bigint, string>,
  lines: ListingLine[],
): void {
  const printLabels = labelPrinter(code, section, lines);
  // The image has distances filled in.
  const image = code.text.bytes.subarray(section.offset, section.offset + section.size);
  const printData = (start: number, end: number): void => {
    for (let offset = start; offset < end; ) {
      printLabels(offset);
      const length = offset % 8 === 0 && end - offset >= 8 ? 8 : Math.min(4, end - offset);
      const bytes = image.subarray(offset, offset + length);
      const name = length === 8 ? targets.get(quadword(bytes)) : undefined;
      const shown = name === undefined ? bytes : new Uint8Array(8);
      const text = name === undefined ? formatData(bytes) : `dq ${name}`;
      lines.push(plain(formatLine(section.offset + offset, shown, text)));
      offset += length;
    }
  };
  let end = 0;
  for (const instruction of log) {
    const { section: own, offset, length, text } = instruction;
    if (own !== section) continue;
    printData(end, offset);
    printLabels(offset);
    end = offset + length;
    const shown = formatLine(section.offset + offset, image.subarray(offset, end), text);
    lines.push({ text: shown, instruction });
  }
  printData(end, section.size);
  printLabels(section.size);
}

/** Names of code elsewhere, by its address. */
function targetNames(log: readonly LoggedInstruction[]): ReadonlyMap<bigint, string> {
  const names = new Map<bigint, string>();
  for (const { target } of log) if (target !== undefined) names.set(BigInt(target.address), target.name);
  return names;
}

function quadword(bytes: Uint8Array): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getBigUint64(0, true);
}

function formatLine(offset: number, bytes: Uint8Array, text: string): string {
  const hex = Buffer.from(bytes).toString('hex');
  return `  ${offset.toString(16).padStart(4, '0')}  ${hex.padEnd(20)}  ${text}`.trimEnd();
}

/** A function that prints those labels of a section that it has not printed yet and that stand up to an offset. */
function labelPrinter(code: CodeHolder, section: Section, lines: ListingLine[]): (offset: number) => void {
  const labels = code.labels.filter((label) => label.section === section);
  labels.sort((left, right) => left.offset - right.offset);
  let next = 0;
  return (offset) => {
    for (
      let label = labels.at(next);
      label !== undefined && label.offset <= offset;
      label = labels.at(++next)
    ) {
      lines.push(plain(`${label}:`));
    }
  };
}

/** Constants as words, and as the double they may be. */
function formatData(bytes: Uint8Array): string {
  if (bytes.length < 4) return `db ${bytes.join(', ')}`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length === 4) return `dd 0x${view.getUint32(0, true).toString(16).padStart(8, '0')}`;
  const bits = quadword(bytes);
  const value = view.getFloat64(0, true);
  const isPlausible =
    Number.isFinite(value) && (value === 0 || (Math.abs(value) > 1e-300 && Math.abs(value) < 1e300));
  return `dq 0x${bits.toString(16).padStart(16, '0')}${isPlausible ? `  ; ${Object.is(value, -0) ? '-0' : value}` : ''}`;
}
