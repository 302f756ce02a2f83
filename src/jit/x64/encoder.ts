/**
 * Writes one instruction: the chosen form with its operands, prefixes first (Intel manual volume 2, chapter 2).
 *
 * The caller has matched the operands against the form, so kinds and ranges are right here. Operands come as four
 * positional values and roles are positions among them, so that nothing is allocated for an instruction.
 */
import { invariant } from '../../support/invariant.ts';
import type { CodeHolder } from '../code/code-holder.ts';
import type { Label } from '../code/label.ts';
import type { Section } from '../code/section.ts';
import { OpcodeMap, Space } from './encoding-notation.ts';
import type { Form } from './form.ts';
import type { Mem } from './memory.ts';
import type { Operand } from './mnemonics.ts';
import { anyBroadcast, anyMemory, anyVectorIndex } from './operand-kind.ts';
import { Register } from './register.ts';

/** The architecture's limit on the length of an instruction. */
const maxInstructionLength = 15;

const legacyPrefixes = [0, 0x66, 0xf3, 0xf2] as const;

/** Appends to `text`, a section of `code`. `lead` is a prefix that is asked for besides those of the form, or 0. */
export function encode(
  code: CodeHolder,
  text: Section,
  form: Form,
  a: Operand | undefined,
  b: Operand | undefined,
  c: Operand | undefined,
  d: Operand | undefined,
  mask: number,
  zeroing: boolean,
  lead: number,
): void {
  const bytes = text.reserve(maxInstructionLength);
  let at = text.size;

  const rm = form.rm < 0 ? undefined : (pick(form.rm, a, b, c, d) as Register | Mem);
  const isMemory = rm !== undefined && (rm.kinds & (anyMemory | anyBroadcast | anyVectorIndex)) !== 0;
  const mem = isMemory ? (rm as Mem) : undefined;
  const reg = form.reg >= 0 ? registerId(pick(form.reg, a, b, c, d)) : Math.max(form.digit, 0);
  const plus = form.plus < 0 ? -1 : registerId(pick(form.plus, a, b, c, d));
  const low = mem !== undefined ? (mem.base?.id ?? 0) : rm !== undefined ? registerId(rm) : Math.max(plus, 0);
  const index = mem?.index?.id ?? 0;
  let unit = form.displacementUnit;

  if (form.space === Space.Legacy) {
    if (lead !== 0) bytes[at++] = lead;
    if (form.isWord) bytes[at++] = 0x66;
    if (form.prefix !== 0) bytes[at++] = legacyPrefixes[form.prefix] as number;
    const rex = (form.w << 3) | ((reg >> 3) << 2) | ((index >> 3) << 1) | (low >> 3);
    if (rex !== 0 || (form.hasByteRegister && namesHighByte(form, a, b))) bytes[at++] = 0x40 | rex;
    if (form.map !== OpcodeMap.Primary) {
      bytes[at++] = 0x0f;
      if (form.map !== OpcodeMap.Of) bytes[at++] = form.map === OpcodeMap.Of38 ? 0x38 : 0x3a;
    }
    bytes[at++] = plus < 0 ? form.opcode : form.opcode | (plus & 7);
    if (form.suffix >= 0) bytes[at++] = form.suffix;
  } else {
    const vvvv = form.vvvv < 0 ? 0 : registerId(pick(form.vvvv, a, b, c, d));
    // Register bits and vvvv are stored inverted.
    const invertedV = (~vvvv & 15) << 3;
    if (form.space === Space.Vex) {
      const tail = invertedV | (form.l << 2) | form.prefix;
      const invertedR = (~reg & 8) << 4;
      if (form.map === OpcodeMap.Of && form.w === 0 && index < 8 && low < 8) {
        bytes[at++] = 0xc5;
        bytes[at++] = invertedR | tail;
      } else {
        bytes[at++] = 0xc4;
        bytes[at++] = invertedR | ((~index & 8) << 3) | ((~low & 8) << 2) | form.map;
        bytes[at++] = (form.w << 7) | tail;
      }
    } else {
      // A register in r/m has its fifth bit where memory has the index's fourth, and an index of vectors has it where vvvv has its own.
      const x = isMemory ? (~index & 8) << 3 : (~low & 16) << 2;
      const isBroadcast = mem !== undefined && (mem.kinds & anyBroadcast) !== 0;
      if (isBroadcast) unit = form.broadcastSize;
      bytes[at++] = 0x62;
      bytes[at++] = ((~reg & 8) << 4) | x | ((~low & 8) << 2) | (~reg & 16) | form.map;
      bytes[at++] = (form.w << 7) | invertedV | 4 | form.prefix;
      bytes[at++] =
        (zeroing ? 0x80 : 0) |
        (form.l << 5) |
        (isBroadcast ? 0x10 : 0) |
        ((~(vvvv | index) & 16) >> 1) |
        mask;
    }
    bytes[at++] = form.opcode;
  }

  if (mem !== undefined) at = encodeMemory(code, text, bytes, at, reg, mem, form.immediateSize, unit);
  else if (rm !== undefined) bytes[at++] = 0xc0 | ((reg & 7) << 3) | (low & 7);

  if (form.immediateSize > 0) {
    at =
      form.is4 >= 0
        ? writeImmediate(bytes, at, 1, registerId(pick(form.is4, a, b, c, d)) << 4)
        : writeImmediate(bytes, at, form.immediateSize, pick(form.immediate, a, b, c, d));
  } else if (form.relativeSize > 0) {
    at = encodeDistance(
      code,
      text,
      bytes,
      at,
      form.relativeSize === 1 ? 1 : 4,
      pick(form.relative, a, b, c, d) as Label,
    );
  }
  text.size = at;
}

/** Whether `label` is bound behind us and near enough for the one-byte distance of a `length`-byte jump. */
export function reachesBackward(section: Section, label: Label, length: number): boolean {
  return label.section === section && label.offset - (section.size + length) >= -128;
}

function pick(
  position: number,
  a: Operand | undefined,
  b: Operand | undefined,
  c: Operand | undefined,
  d: Operand | undefined,
): Operand | undefined {
  return position === 0 ? a : position === 1 ? b : position === 2 ? c : d;
}

function registerId(operand: Operand | undefined): number {
  return (operand as Register).id;
}

/** `spl bpl sil dil` need a REX prefix, even an empty one; without it their numbers mean `ah ch dh bh`. */
function namesHighByte(form: Form, a: Operand | undefined, b: Operand | undefined): boolean {
  return isLateByte(a) || (form.accepts1 !== 0 && isLateByte(b));
}

function isLateByte(operand: Operand | undefined): boolean {
  return operand instanceof Register && operand.size === 1 && operand.id >= 4;
}

/** ModRM, SIB and displacement. `tail` bytes of immediate follow, which a rip-relative distance counts in. */
function encodeMemory(
  code: CodeHolder,
  text: Section,
  bytes: Uint8Array,
  start: number,
  reg: number,
  mem: Mem,
  tail: number,
  unit: number,
): number {
  let at = start;
  const field = (reg & 7) << 3;
  const displacement = mem.displacement;
  if (mem.label !== undefined) {
    bytes[at++] = field | 5;
    code.checkOwner(mem.label);
    code.addFixup(at, 4, mem.label, displacement - 4 - tail, text);
    return at + 4;
  }
  const base = mem.base;
  const index = mem.index;
  if (base === undefined) {
    bytes[at++] = field | 4;
    bytes[at++] = (scaleBits(mem.scale) << 6) | (((index?.id ?? 4) & 7) << 3) | 5;
    return writeInt32(bytes, at, displacement);
  }
  const low = base.id & 7;
  // A displacement of one byte counts units in EVEX; `rbp` and `r13` without one would mean no base at all.
  const short = displacement / unit;
  const isShort = short === (short << 24) >> 24;
  const mod = displacement === 0 && low !== 5 ? 0 : isShort ? 0x40 : 0x80;
  if (index !== undefined || low === 4) {
    bytes[at++] = mod | field | 4;
    bytes[at++] = (scaleBits(mem.scale) << 6) | (((index?.id ?? 4) & 7) << 3) | low;
  } else {
    bytes[at++] = mod | field | low;
  }
  if (mod === 0) return at;
  if (mod === 0x40) {
    bytes[at++] = short;
    return at;
  }
  return writeInt32(bytes, at, displacement);
}

function scaleBits(scale: number): number {
  return scale === 8 ? 3 : scale >> 1;
}

/** The distance of a jump or call: now if the label is bound in front of it, else by fixup. */
function encodeDistance(
  code: CodeHolder,
  text: Section,
  bytes: Uint8Array,
  at: number,
  size: 1 | 4,
  label: Label,
): number {
  code.checkOwner(label);
  if (label.section !== text) {
    code.addFixup(at, size, label, -size, text);
    return at + size;
  }
  const distance = label.offset - (at + size);
  if (size === 4) return writeInt32(bytes, at, distance);
  bytes[at] = distance;
  return at + 1;
}

function writeImmediate(bytes: Uint8Array, at: number, size: number, value: Operand | undefined): number {
  if (size === 8) return writeInt64(bytes, at, BigInt(value as number | bigint));
  const bits = typeof value === 'bigint' ? Number(BigInt.asIntN(32, value)) : (value as number);
  if (size === 4) return writeInt32(bytes, at, bits);
  bytes[at] = bits;
  if (size === 2) bytes[at + 1] = bits >> 8;
  return at + size;
}

function writeInt64(bytes: Uint8Array, at: number, value: bigint): number {
  writeInt32(bytes, at, Number(BigInt.asIntN(32, value)));
  return writeInt32(bytes, at + 4, Number(BigInt.asIntN(32, value >> 32n)));
}

function writeInt32(bytes: Uint8Array, at: number, value: number): number {
  invariant(at + 4 <= bytes.length, 'the section has no room left');
  bytes[at] = value;
  bytes[at + 1] = value >> 8;
  bytes[at + 2] = value >> 16;
  bytes[at + 3] = value >> 24;
  return at + 4;
}
