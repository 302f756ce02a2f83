import { elementAt } from '../../support/element.ts';
import { grown } from '../../support/growable.ts';
import type { Label } from './label.ts';

const initialCapacity = 64;
/** Fixups; see `Section`. */
const maxKeptCapacity = 1 << 14;
/** Numbers per fixup: offset, size, addend, section. */
const stride = 4;

/** Fields of the code that wait for the distance to a label. Emptied and filled again without allocation. */
export class FixupList {
  #count = 0;
  #numbers = new Int32Array(initialCapacity * stride);
  readonly #labels: Label[] = [];

  get count(): number {
    return this.#count;
  }

  add(offset: number, size: number, label: Label, addend: number, section: number): void {
    const at = this.#count * stride;
    if (at === this.#numbers.length) this.#numbers = grown(this.#numbers, at + stride);
    this.#numbers[at] = offset;
    this.#numbers[at + 1] = size;
    this.#numbers[at + 2] = addend;
    this.#numbers[at + 3] = section;
    this.#labels[this.#count++] = label;
  }

  /** Position of the field in its section. */
  offset(index: number): number {
    return this.#numbers[index * stride] as number;
  }

  /** Bytes of the field: 1 or 4. */
  size(index: number): number {
    return this.#numbers[index * stride + 1] as number;
  }

  /** What is added to the distance from the field to the label. */
  addend(index: number): number {
    return this.#numbers[index * stride + 2] as number;
  }

  /** The `id` of the section. */
  section(index: number): number {
    return this.#numbers[index * stride + 3] as number;
  }

  label(index: number): Label {
    return elementAt(this.#labels, index);
  }

  clear(): void {
    this.#count = 0;
    if (this.#labels.length <= maxKeptCapacity) return;
    this.#numbers = new Int32Array(initialCapacity * stride);
    this.#labels.length = 0;
  }
}
