import { elementAt } from '../../support/element.ts';
import type { Label } from './label.ts';
import type { Section } from './section.ts';

const initialSlots = 64;
const maxKeptSlots = 1024;
/** Constants are not worth a scan for ever: the bytes of one fit the widest vector register. */
export const maxConstantSize = 64;

/**
 * Constants at the end of a section, each once per size and aligned to its size.
 *
 * A hash table with open addressing finds the equal one; it holds positions in `#labels`, plus one. Nothing is
 * allocated for a constant but its label, and `clear` keeps the table.
 */
export class ConstantPool {
  readonly #section: Section;
  readonly #createLabel: (offset: number) => Label;
  readonly #scratch = new ArrayBuffer(maxConstantSize);
  /** The constant to be looked up, in the three shapes it comes in. */
  readonly bytes = new Uint8Array(this.#scratch);
  readonly doubles = new Float64Array(this.#scratch);
  readonly quads = new BigInt64Array(this.#scratch);
  readonly #words = new Uint32Array(this.#scratch);
  #slots = new Int32Array(initialSlots);
  /** How many slots there are. Not read from their length: a probe without an end follows from one that lies. */
  #capacity = initialSlots;
  /** The constants in order of arrival; entries from `#count` on are of an earlier use. */
  readonly #labels: Label[] = [];
  readonly #sizes: number[] = [];
  #count = 0;

  /** `createLabel` makes a label that is bound at an offset of `section`. */
  constructor(section: Section, createLabel: (offset: number) => Label) {
    this.#section = section;
    this.#createLabel = createLabel;
  }

  /** The constant in the first `size` bytes of the scratch memory; `size` is 4, 8, 16, 32 or 64. */
  intern(size: number): Label {
    let slot = this.#hash(size) & (this.#capacity - 1);
    for (;;) {
      const entry = this.#slots[slot] as number;
      if (entry === 0) break;
      if (this.#equals(entry - 1, size)) return elementAt(this.#labels, entry - 1);
      slot = (slot + 1) & (this.#capacity - 1);
    }
    this.#section.align(size, 0);
    const label = this.#createLabel(this.#section.size);
    const content = this.#section.reserve(size);
    for (let i = 0; i < size; i++) content[this.#section.size + i] = this.bytes[i] as number;
    this.#section.size += size;
    this.#labels[this.#count] = label;
    this.#sizes[this.#count] = size;
    this.#slots[slot] = ++this.#count;
    if (this.#count * 2 > this.#capacity) this.#grow();
    return label;
  }

  clear(): void {
    if (this.#count === 0) return;
    this.#count = 0;
    if (this.#capacity <= maxKeptSlots) {
      this.#slots.fill(0);
      return;
    }
    // A table that one large function needed would cost every small one after it.
    this.#slots = new Int32Array(initialSlots);
    this.#capacity = initialSlots;
    this.#labels.length = 0;
    this.#sizes.length = 0;
  }

  #equals(index: number, size: number): boolean {
    if (this.#sizes[index] !== size) return false;
    const content = this.#section.bytes;
    const offset = elementAt(this.#labels, index).offset;
    for (let i = 0; i < size; i++) {
      if (content[offset + i] !== this.bytes[i]) return false;
    }
    return true;
  }

  /** FNV-1a over words, with the high bits folded down: doubles differ mostly there. */
  #hash(size: number): number {
    let hash = size;
    for (let i = 0; i < size / 4; i++) hash = Math.imul(hash ^ (this.#words[i] as number), 0x01000193);
    return hash ^ (hash >>> 15) ^ (hash >>> 23);
  }

  #grow(): void {
    const capacity = this.#capacity * 2;
    const slots = new Int32Array(capacity);
    this.#slots = slots;
    this.#capacity = capacity;
    for (let index = 0; index < this.#count; index++) {
      const label = elementAt(this.#labels, index);
      const size = this.#sizes[index] as number;
      this.bytes.set(this.#section.bytes.subarray(label.offset, label.offset + size));
      let slot = this.#hash(size) & (capacity - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (capacity - 1);
      slots[slot] = index + 1;
    }
  }
}
