/**
 * Machine code before it has an address: two sections, labels, and what is still to be filled in.
 *
 * `.text` holds instructions and `.rodata` the constants they use. Where an instruction names a label whose distance is
 * not known yet, it leaves a *fixup*; `flatten` puts `.rodata` behind `.text` and resolves them all, since within the
 * code distances are final. What depends on the final address (absolute addresses, calls to code elsewhere)
 * is a *relocation*, resolved by `relocate` in a copy, so one CodeHolder can be placed any number of times.
 *
 * `reset` empties it and keeps the buffers, so that a compiler that reuses one allocates next to nothing.
 */

import type { Address } from '../native/address.ts';
import { alignUp } from '../support/alignment.ts';
import { elementAt } from '../support/element.ts';
import { invariant } from '../support/invariant.ts';
import { ConstantPool, maxConstantSize } from './constant-pool.ts';
import { Label } from './label.ts';
import { Section } from './section.ts';

/** What stands between the sections: `int3`, so that running off the end of the code is noticed. */
const filler = 0xcc;

export class CodeHolder {
  readonly text = new Section('.text', 16);
  readonly rodata = new Section('.rodata', 8);
  readonly #labels: Label[] = [];
  readonly #symbols = new Map<string, Label>();
  readonly #constants = new ConstantPool(this.rodata, (offset) => this.#bound(this.rodata, offset));

  /** Fixups in `.text`, as parallel lists: position and width of the field, the label, what to add to its distance. */
  readonly #fixupOffsets: number[] = [];
  readonly #fixupSizes: number[] = [];
  readonly #fixupLabels: Label[] = [];
  readonly #fixupAddends: number[] = [];

  readonly #addresses: { section: Section; offset: number; label: Label }[] = [];
  readonly #transfers: { offset: number; target: Address; slot: Label }[] = [];

  #rodataOffset = 0;
  #isFlat = false;
  #image = new Uint8Array(0);

  /** A new label, to be bound later; with a name it is a symbol of the code. */
  newLabel(name?: string): Label {
    if (name !== undefined && this.#symbols.has(name)) {
      throw new RangeError(`the code already has a symbol ${name}`);
    }
    const label = new Label(this.#labels.length, name);
    this.#labels.push(label);
    if (name !== undefined) this.#symbols.set(name, label);
    return label;
  }

  /** Binds `label` to the end of a section. */
  bind(label: Label, section: Section = this.text): void {
    this.checkOwner(label);
    if (label.isBound) throw new RangeError(`label ${label} is already bound`);
    label.section = section;
    label.offset = section.size;
  }

  /** All labels that have been made, in that order; constants have one each. */
  get labels(): readonly Label[] {
    return this.#labels;
  }

  /** The named labels. */
  get symbols(): ReadonlyMap<string, Label> {
    return this.#symbols;
  }

  /** Throws unless `label` was made here since the last `reset`. */
  checkOwner(label: Label): void {
    if (this.#labels[label.id] !== label) {
      throw new RangeError(`label ${label} belongs to another CodeHolder, or to this one before its reset`);
    }
  }

  /** A double in `.rodata`, in each of `lanes` lanes: 1, 2, 4 or 8. */
  float64(value: number, lanes = 1): Label {
    const size = constantSize(lanes * 8);
    this.#constants.doubles.fill(value, 0, lanes);
    return this.#constants.intern(size);
  }

  /** 64 bits in `.rodata`, taken modulo 2^64, in each of `lanes` lanes. */
  int64(value: bigint, lanes = 1): Label {
    const size = constantSize(lanes * 8);
    this.#constants.quads.fill(value, 0, lanes);
    return this.#constants.intern(size);
  }

  /** 4, 8, 16, 32 or 64 bytes in `.rodata`, aligned to their size. Equal constants share their place. */
  constant(bytes: Uint8Array): Label {
    const size = constantSize(bytes.length);
    this.#constants.bytes.set(bytes);
    return this.#constants.intern(size);
  }

  /** The address of `label`, 64 bits, at the end of a section: an entry of a jump table. */
  embedAddress(label: Label, section: Section = this.rodata): void {
    this.checkOwner(label);
    section.align(8, section === this.text ? filler : 0);
    this.#addresses.push({ section, offset: section.size, label });
    section.reserve(8).fill(0, section.size, section.size + 8);
    section.size += 8;
    this.#isFlat = false;
  }

  /**
   * Notes that the `size` bytes at `offset` of `.text` are to become the distance from there to `label`, plus `addend`.
   * Distances are taken from the field itself; an instruction that counts from its end says so in `addend`.
   */
  addFixup(offset: number, size: 1 | 4, label: Label, addend: number): void {
    this.#fixupOffsets.push(offset);
    this.#fixupSizes.push(size);
    this.#fixupLabels.push(label);
    this.#fixupAddends.push(addend);
    this.#isFlat = false;
  }

  /**
   * Notes a six-byte near call or jump at `offset` of `.text` (`40 E8` or `40 E9` with a distance of 32 bits) to code at a
   * fixed address. Where that is out of reach, `relocate` makes it indirect through a slot in `.rodata`.
   */
  addTransfer(offset: number, target: Address): void {
    this.#transfers.push({ offset, target, slot: this.int64(BigInt(target)) });
    this.#isFlat = false;
  }

  /** Alignment in bytes that the first byte needs. */
  get alignment(): number {
    return Math.max(this.text.alignment, this.rodata.alignment);
  }

  /** Bytes of the whole code. */
  get codeSize(): number {
    if (this.rodata.size === 0) return this.text.size;
    return alignUp(this.text.size, this.rodata.alignment) + this.rodata.size;
  }

  /** Lays out the sections and resolves all fixups; every label that is used must be bound by now. */
  flatten(): void {
    if (this.#isFlat) return;
    this.#rodataOffset =
      this.rodata.size === 0 ? this.text.size : alignUp(this.text.size, this.rodata.alignment);
    const bytes = this.text.bytes;
    for (let i = 0; i < this.#fixupOffsets.length; i++) {
      const offset = this.#fixupOffsets[i] as number;
      const label = elementAt(this.#fixupLabels, i);
      const distance = this.#layoutOffset(label) - offset + (this.#fixupAddends[i] as number);
      if (this.#fixupSizes[i] === 4) {
        writeInt32(bytes, offset, distance);
      } else {
        if (distance !== (distance << 24) >> 24) {
          throw new RangeError(`label ${label} is ${distance} bytes away, too far for a short jump`);
        }
        bytes[offset] = distance;
      }
    }
    this.#isFlat = true;
  }

  /** Position of a bound label from the start of the flattened code, in bytes. */
  offsetOf(label: Label): number {
    this.flatten();
    return this.#layoutOffset(label);
  }

  /** The code as it has to stand at `base`. The array is valid until the next call and must not be changed. */
  relocate(base: Address): Uint8Array {
    this.flatten();
    const size = this.codeSize;
    if (this.#image.length < size) this.#image = new Uint8Array(Math.max(size, 2 * this.#image.length, 1024));
    const image = this.#image;
    image.set(this.text.bytes.subarray(0, this.text.size));
    if (this.rodata.size > 0) {
      image.fill(filler, this.text.size, this.#rodataOffset);
      image.set(this.rodata.bytes.subarray(0, this.rodata.size), this.#rodataOffset);
    }
    for (const { section, offset, label } of this.#addresses) {
      const at = offset + (section === this.text ? 0 : this.#rodataOffset);
      writeInt64(image, at, base + this.#layoutOffset(label));
    }
    for (const { offset, target, slot } of this.#transfers) {
      const end = offset + 6;
      const distance = target - (base + end);
      if (distance === (distance | 0)) {
        writeInt32(image, offset + 2, distance);
      } else {
        // call [rip + slot] is FF /2, jmp [rip + slot] is FF /4; both as long as their prefixed near forms.
        const isCall = image[offset + 1] === 0xe8;
        image[offset] = 0xff;
        image[offset + 1] = isCall ? 0x15 : 0x25;
        writeInt32(image, offset + 2, this.#layoutOffset(slot) - end);
      }
    }
    return image.subarray(0, size);
  }

  /** Empties the code and keeps its buffers. Labels made before are no longer of this code. */
  reset(): void {
    this.text.clear();
    this.rodata.clear();
    this.#constants.clear();
    this.#labels.length = 0;
    this.#symbols.clear();
    this.#fixupOffsets.length = 0;
    this.#fixupSizes.length = 0;
    this.#fixupLabels.length = 0;
    this.#fixupAddends.length = 0;
    this.#addresses.length = 0;
    this.#transfers.length = 0;
    this.#isFlat = false;
  }

  #bound(section: Section, offset: number): Label {
    const label = this.newLabel();
    label.section = section;
    label.offset = offset;
    return label;
  }

  #layoutOffset(label: Label): number {
    this.checkOwner(label);
    if (label.section === this.text) return label.offset;
    if (label.section !== this.rodata) throw new RangeError(`label ${label} is used but not bound`);
    return this.#rodataOffset + label.offset;
  }
}

function constantSize(size: number): number {
  const isAllowed = size === 4 || size === 8 || size === 16 || size === 32 || size === maxConstantSize;
  if (!isAllowed) throw new RangeError(`a constant has 4, 8, 16, 32 or 64 bytes, not ${size}`);
  return size;
}

function writeInt32(bytes: Uint8Array, offset: number, value: number): void {
  invariant(value === (value | 0), `distance ${value} exceeds 32 bits`);
  bytes[offset] = value;
  bytes[offset + 1] = value >> 8;
  bytes[offset + 2] = value >> 16;
  bytes[offset + 3] = value >> 24;
}

function writeInt64(bytes: Uint8Array, offset: number, value: number): void {
  const low = value % 2 ** 32;
  writeInt32(bytes, offset, low | 0);
  writeInt32(bytes, offset + 4, ((value - low) / 2 ** 32) | 0);
}
