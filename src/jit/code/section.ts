import { byteCount } from '../../support/byte-array.ts';
import { describeValue } from '../../support/describe-value.ts';
import { grown } from '../../support/growable.ts';

const initialCapacity = 256;
/** Bytes; a larger buffer, which an unusual function needed, is not kept for the next one. */
const maxKeptCapacity = 1 << 20;

/** Bytes that grow at their end. The buffer outlives `clear`, so that a warm compiler allocates nothing. */
export class Section {
  readonly name: string;
  /** Unique among the sections of a CodeHolder at a time. */
  readonly id: number;
  /** The buffer; only its first `size` bytes are content. Replaced when it grows. */
  bytes: Uint8Array = new Uint8Array(initialCapacity);
  size = 0;
  /** Position in the code as `CodeHolder.flatten` last laid it out, in bytes. */
  offset = 0;
  /** Alignment in bytes that the content asks of its first byte. */
  alignment: number;
  readonly #minimumAlignment: number;
  #isRetired = false;

  /** @internal Made by a CodeHolder. */
  constructor(name: string, alignment: number, id: number) {
    this.name = name;
    this.id = id;
    this.alignment = alignment;
    this.#minimumAlignment = alignment;
  }

  /** Makes room for `count` more bytes in the buffer, and returns it. Throws a `RangeError` if that is no number of bytes. */
  reserve(count: number): Uint8Array {
    const needed = this.size + count;
    if (needed <= this.bytes.length) return this.bytes;
    if (this.#isRetired) throw new RangeError(`section ${this.name} ended with the reset of its CodeHolder`);
    // NaN comes here too.
    if (!Number.isSafeInteger(needed))
      throw new RangeError(`count must be a number of bytes, not ${describeValue(count)}`);
    this.bytes = grown(this.bytes, needed);
    return this.bytes;
  }

  /** Adds a copy of `content` at the end. */
  append(content: Uint8Array): void {
    const count = byteCount(content);
    this.reserve(count).set(content, this.size);
    this.size += count;
  }

  /** Fills up to the next multiple of `alignment`, a power of two, and makes the section itself that aligned. */
  align(alignment: number, filler: number): void {
    if (alignment > this.alignment) this.alignment = alignment;
    const padding = -this.size & (alignment - 1);
    if (padding === 0) return;
    this.reserve(padding).fill(filler, this.size, this.size + padding);
    this.size += padding;
  }

  /** @internal Makes it take nothing from now on. */
  retire(): void {
    this.#isRetired = true;
    this.size = 0;
    this.bytes = new Uint8Array(0);
  }

  /** Empties the section. */
  clear(): void {
    this.size = 0;
    this.alignment = this.#minimumAlignment;
    if (this.bytes.length > maxKeptCapacity) this.bytes = new Uint8Array(initialCapacity);
  }
}
