/**
 * Machine code before it has an address: sections, labels, and what is still to be filled in.
 *
 * `.text` holds instructions and `.rodata` the constants they use; between them lie the sections that the caller makes, in the order in
 * which he does. Where an instruction names a label whose distance is not known yet, it leaves a *fixup*; `flatten` puts the other
 * sections behind `.text`, in the same buffer, and resolves them all, since within the code distances are final. What depends on the final address (absolute addresses, calls to code elsewhere)
 * is a *relocation*, resolved by `relocate`, which can be asked again for another one.
 *
 * `reset` empties it and keeps the buffers, so that a compiler that reuses one allocates next to nothing.
 */

import type { Address } from '../../native/address.ts';
import { alignUp, isPowerOfTwo } from '../../support/alignment.ts';
import { byteCount } from '../../support/byte-array.ts';
import { describeKind, describeValue } from '../../support/describe-value.ts';
import { maybeAt } from '../../support/element.ts';
import { ConstantPool, maxConstantSize } from './constant-pool.ts';
import { FixupList } from './fixup-list.ts';
import { Label } from './label.ts';
import { type DifferenceSize, type LabelDifference, writeDifference } from './label-difference.ts';
import { writeInt32, writeInt64 } from './little-endian.ts';
import { Section } from './section.ts';

/** What stands between the sections: `int3`, so that running off the end of the code is noticed. */
const filler = 0xcc;

/** Bytes: a page. */
const maxAlignment = 4096;

/** Labels that an emptied CodeHolder may still refer to, so that their places are used again. */
const maxKeptLabels = 1 << 14;

const emptyRex = 0x40;
const nearCall = 0xe8;
const nearJump = 0xe9;

/** 64 bits at `offset` of `section` that become the address of `label`. */
interface AddressRelocation {
  readonly section: Section;
  readonly offset: number;
  readonly label: Label;
}

/** A call or jump of six bytes at `offset` of `section` to `target`; `slot` holds the target in `.rodata`. */
interface TransferRelocation {
  readonly section: Section;
  readonly offset: number;
  readonly target: Address;
  readonly isCall: boolean;
  readonly slot: Label;
}

/** Machine code in the making; {@link JitRuntime.add} puts it into memory. It can be reset and used again. */
export class CodeHolder {
  readonly text = new Section('.text', 16, 0);
  readonly rodata = new Section('.rodata', 8, 1);
  /** By their ids. */
  readonly #sections = [this.text, this.rodata];
  /** Labels by id; those from `#labelCount` on are of an earlier use. */
  readonly #labels: Label[] = [];
  #labelCount = 0;
  readonly #symbols = new Map<string, Label>();
  readonly #constants = new ConstantPool(this.rodata, (offset) => this.#bound(this.rodata, offset));

  readonly #fixups = new FixupList();
  readonly #addresses: AddressRelocation[] = [];
  readonly #transfers: TransferRelocation[] = [];
  readonly #differences: LabelDifference[] = [];

  /** What the last `flatten` saw. */
  #flatExtent = -1;
  #flatFixupCount = -1;

  /**
   * A section between `.text` and `.rodata`, for code that seldom runs or for data of the caller's: `Assembler.section` writes
   * into it, and so do `append` and {@link embedDifference}. It lasts until `reset`.
   *
   * @param alignment Bytes, a power of two up to 4096.
   */
  newSection(name: string, alignment = 16): Section {
    if (typeof name !== 'string') {
      throw new TypeError(`the name of a section must be a string, not ${describeKind(name)}`);
    }
    if (this.#sections.some((section) => section.name === name)) {
      throw new RangeError(`the code already has a section ${name}`);
    }
    if (!isPowerOfTwo(alignment) || alignment > maxAlignment) {
      throw new RangeError(
        `alignment must be a power of two from 1 to ${maxAlignment}, not ${describeValue(alignment)}`,
      );
    }
    const section = new Section(name, alignment, this.#sections.length);
    this.#sections.push(section);
    return section;
  }

  /** All sections, in the order in which they lie in the code. */
  get sections(): readonly Section[] {
    return [this.text, ...this.#sections.slice(2), this.rodata];
  }

  /** A new label, to be bound later; with a name it is a symbol of the code. */
  newLabel(name?: string): Label {
    if (name !== undefined && typeof name !== 'string') {
      throw new TypeError(`the name of a label must be a string, not ${describeKind(name)}`);
    }
    if (name !== undefined && this.#symbols.has(name)) {
      throw new RangeError(`the code already has a symbol ${name}`);
    }
    const label = new Label(this.#labelCount, name);
    this.#labels[this.#labelCount++] = label;
    if (name !== undefined) this.#symbols.set(name, label);
    return label;
  }

  /** Binds `label` to the end of a section. */
  bind(label: Label, section: Section = this.text): void {
    this.checkOwner(label);
    this.checkSection(section);
    if (label.isBound) throw new RangeError(`label ${label} is already bound`);
    label.section = section;
    label.offset = section.size;
  }

  /** All labels that have been made, in that order; constants have one each. */
  get labels(): readonly Label[] {
    return this.#labels.slice(0, this.#labelCount);
  }

  /** The named labels. */
  get symbols(): ReadonlyMap<string, Label> {
    return this.#symbols;
  }

  /** Throws unless `label` was made here since the last `reset`. */
  checkOwner(label: Label): void {
    if (!(label instanceof Label)) throw new TypeError(`a label is needed, not ${describeKind(label)}`);
    if (label.id >= this.#labelCount || this.#labels[label.id] !== label) {
      throw new RangeError(`label ${label} belongs to another CodeHolder, or to this one before its reset`);
    }
  }

  /** Throws unless `section` is one of the code's. */
  checkSection(section: Section): void {
    if (!(section instanceof Section))
      throw new TypeError(`a section is needed, not ${describeKind(section)}`);
    if (maybeAt(this.#sections, section.id) === section) return;
    throw new RangeError(
      `section ${section.name} belongs to another CodeHolder, or to this one before its reset`,
    );
  }

  /** A double in `.rodata`, in each of `lanes` lanes: 1, 2, 4 or 8. */
  float64(value: number, lanes = 1): Label {
    const size = constantSize(lanes * 8);
    for (let lane = 0; lane < lanes; lane++) this.#constants.doubles[lane] = value;
    return this.#constants.intern(size);
  }

  /** 64 bits in `.rodata`, taken modulo 2^64, in each of `lanes` lanes. */
  int64(value: bigint, lanes = 1): Label {
    const size = constantSize(lanes * 8);
    for (let lane = 0; lane < lanes; lane++) this.#constants.quads[lane] = value;
    return this.#constants.intern(size);
  }

  /** 4, 8, 16, 32 or 64 bytes in `.rodata`, aligned to their size. Equal constants share their place. */
  constant(bytes: Uint8Array): Label {
    const length = byteCount(bytes);
    const size = constantSize(length);
    const scratch = this.#constants.bytes;
    for (let i = 0; i < length; i++) scratch[i] = bytes[i] as number;
    return this.#constants.intern(size);
  }

  /** The address of `label`, 64 bits and aligned to them, at the end of a section: an entry of a jump table. */
  embedAddress(label: Label, section: Section = this.rodata): void {
    this.checkOwner(label);
    const offset = this.#embedZeros(8, section);
    this.#addresses.push({ section, offset, label });
  }

  /**
   * The bytes from `base` to `label`, as a little-endian number of `size` bytes and aligned to them, at the end of a section: an entry
   * of a jump table that takes half of an address or less, and is the same wherever the code is placed. Both labels may be bound later,
   * in any section.
   *
   * `flatten` throws a `RangeError` if the number fits `size` bytes neither with a sign nor without.
   */
  embedDifference(label: Label, base: Label, size: DifferenceSize = 4, section: Section = this.rodata): void {
    this.checkOwner(label);
    this.checkOwner(base);
    if (![1, 2, 4, 8].includes(size)) {
      throw new RangeError(`a difference has 1, 2, 4 or 8 bytes, not ${describeValue(size)}`);
    }
    const offset = this.#embedZeros(size, section);
    this.#differences.push({ section, offset, size, label, base });
  }

  /**
   * Notes that the `size` bytes at `offset` of a section, `.text` if none is given, are to become the distance from there to `label`, plus `addend`.
   * Distances are taken from the field itself; an instruction that counts from its end says so in `addend`, a number of 32
   * bits. Throws a `RangeError` for what is none, and for a field that the section has no room for.
   */
  addFixup(offset: number, size: 1 | 4, label: Label, addend: number, section: Section = this.text): void {
    this.checkOwner(label);
    this.checkSection(section);
    const isField =
      offset === offset >>> 0 && (size === 1 || size === 4) && offset + size <= section.bytes.length;
    if (!isField || addend !== (addend | 0)) {
      throw new RangeError(`no field to fix up: ${size} bytes at ${offset}, with ${addend} added`);
    }
    this.#fixups.add(offset, size, label, addend, section.id);
  }

  /**
   * Notes a six-byte near call or jump at `offset` of a section, `.text` if none is given (`40 E8` or `40 E9` with a distance of 32 bits) to code at a
   * fixed address. Where that is out of reach, `relocate` makes it indirect through a slot in `.rodata`.
   */
  addTransfer(offset: number, target: Address, section: Section = this.text): void {
    this.checkSection(section);
    const isCall = section.bytes[offset + 1] === nearCall;
    this.#transfers.push({ section, offset, target, isCall, slot: this.int64(BigInt(target)) });
  }

  /** Alignment in bytes that the first byte needs. */
  get alignment(): number {
    let most = 1;
    for (const { alignment } of this.#sections) if (alignment > most) most = alignment;
    return most;
  }

  /** Bytes of the whole code. */
  get codeSize(): number {
    const sections = this.#sections;
    let end = this.text.size;
    for (let id = 2; id < sections.length; id++) end = endOf(sections[id] as Section, end);
    return endOf(this.rodata, end);
  }

  /** Lays out the sections and resolves all fixups; every label that is used must be bound by now. */
  flatten(): void {
    const extent = this.#extent();
    if (extent === this.#flatExtent && this.#fixups.count === this.#flatFixupCount) return;
    const sections = this.#sections;
    let end = this.text.size;
    for (let id = 2; id < sections.length; id++) end = this.#place(sections[id] as Section, end);
    this.#place(this.rodata, end);
    const bytes = this.text.bytes;
    const fixups = this.#fixups;
    for (let i = 0; i < fixups.count; i++) {
      const offset = (sections[fixups.section(i)] as Section).offset + fixups.offset(i);
      const label = fixups.label(i);
      const distance = this.#layoutOffset(label) - offset + fixups.addend(i);
      if (fixups.size(i) === 4) {
        if (distance !== (distance | 0))
          throw new RangeError(`label ${label} is ${distance} bytes away, too far`);
        writeInt32(bytes, offset, distance);
      } else {
        if (distance !== (distance << 24) >> 24) {
          throw new RangeError(`label ${label} is ${distance} bytes away, too far for a short jump`);
        }
        bytes[offset] = distance;
      }
    }
    for (const field of this.#differences) {
      writeDifference(bytes, field, this.#layoutOffset(field.label) - this.#layoutOffset(field.base));
    }
    this.#flatExtent = extent;
    this.#flatFixupCount = fixups.count;
  }

  /** Position of a bound label from the start of the flattened code, in bytes. */
  offsetOf(label: Label): number {
    this.flatten();
    return this.#layoutOffset(label);
  }

  /**
   * The code as it has to stand at `base`. The array is this object's own memory: it is valid until the next change of the
   * code and must not be written to.
   */
  relocate(base: Address): Uint8Array {
    this.flatten();
    const image = this.text.bytes;
    for (const { section, offset, label } of this.#addresses) {
      writeInt64(image, section.offset + offset, base + this.#layoutOffset(label));
    }
    for (const { section, offset: inSection, target, isCall, slot } of this.#transfers) {
      const offset = section.offset + inSection;
      const end = offset + 6;
      const distance = target - (base + end);
      const isNear = distance === (distance | 0);
      // Near: an empty REX prefix and the opcode. Far: call [rip + slot] is FF /2, jmp [rip + slot] is FF /4.
      image[offset] = isNear ? emptyRex : 0xff;
      image[offset + 1] = isNear ? (isCall ? nearCall : nearJump) : isCall ? 0x15 : 0x25;
      writeInt32(image, offset + 2, isNear ? distance : this.#layoutOffset(slot) - end);
    }
    return image.subarray(0, this.codeSize);
  }

  /** Empties the code and keeps its buffers. Labels made before are no longer of this code. */
  reset(): void {
    this.text.clear();
    this.rodata.clear();
    while (this.#sections.length > 2) this.#sections.pop()?.retire();
    this.#constants.clear();
    if (this.#labelCount > maxKeptLabels) this.#labels.length = 0;
    this.#labelCount = 0;
    this.#fixups.clear();
    // Shortening an array or clearing a map costs more than the check.
    if (this.#symbols.size > 0) this.#symbols.clear();
    if (this.#addresses.length > 0) this.#addresses.length = 0;
    if (this.#transfers.length > 0) this.#transfers.length = 0;
    if (this.#differences.length > 0) this.#differences.length = 0;
    this.#flatExtent = -1;
  }

  /** Changes when the layout does: sections only grow, in size and in alignment. */
  #extent(): number {
    let extent = 0;
    for (const { size, alignment } of this.#sections) extent += size + alignment;
    return extent;
  }

  /** Puts a section behind the first `end` bytes of the code, and returns where the code ends then. */
  #place(section: Section, end: number): number {
    section.offset = end;
    const { size } = section;
    if (size === 0) return end;
    const start = alignUp(end, section.alignment);
    const bytes = this.text.reserve(start + size - this.text.size);
    for (let i = end; i < start; i++) bytes[i] = filler;
    copyBytes(section.bytes, size, bytes, start);
    section.offset = start;
    return start + size;
  }

  /** `size` zeros at the end of a section, aligned to themselves; returns their offset. */
  #embedZeros(size: number, section: Section): number {
    this.checkSection(section);
    section.align(size, section === this.rodata ? 0 : filler);
    const offset = section.size;
    section.reserve(size).fill(0, offset, offset + size);
    section.size += size;
    return offset;
  }

  #bound(section: Section, offset: number): Label {
    const label = this.newLabel();
    label.section = section;
    label.offset = offset;
    return label;
  }

  #layoutOffset(label: Label): number {
    this.checkOwner(label);
    if (label.section === undefined) throw new RangeError(`label ${label} is used but not bound`);
    return label.section.offset + label.offset;
  }
}

/** Where the code ends with `section`, if it ended at `end` before. */
function endOf({ size, alignment }: Section, end: number): number {
  return size === 0 ? end : alignUp(end, alignment) + size;
}

function constantSize(size: number): number {
  const isAllowed = size === 4 || size === 8 || size === 16 || size === 32 || size === maxConstantSize;
  if (!isAllowed) throw new RangeError(`a constant has 4, 8, 16, 32 or 64 bytes, not ${size}`);
  return size;
}

/** Copies a few bytes faster than `set` with a subarray, and many as fast. */
function copyBytes(source: Uint8Array, size: number, target: Uint8Array, offset: number): void {
  if (size > 256) target.set(source.subarray(0, size), offset);
  else for (let i = 0; i < size; i++) target[offset + i] = source[i] as number;
}
