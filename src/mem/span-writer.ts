import { byteCount } from '../support/byte-array.ts';
import { grown } from '../support/growable.ts';

/**
 * Builds the content of a span from its start, in memory of its own; the allocator copies it when the
 * writer's function has returned. So code under construction is never executable, and a function that throws
 * leaves the span as it was. Numbers are little endian. Writing beyond the span throws a `RangeError`.
 *
 * ```ts
 * allocator.write(span, (w) => w.u8(0xb8).u32(42).u8(0xc3));  // mov eax, 42; ret
 * ```
 */
export class SpanWriter {
  readonly #spanSize: number;
  #kept: number | undefined;
  #buffer: Uint8Array;
  #view: DataView;
  #offset = 0;

  /** @internal Made by `JitAllocator.write`. */
  constructor(size: number) {
    this.#spanSize = size;
    this.#buffer = new Uint8Array(Math.min(size, 256));
    this.#view = new DataView(this.#buffer.buffer);
  }

  /** Bytes that fit. */
  get size(): number {
    return this.#kept ?? this.#spanSize;
  }

  /** Bytes written so far, hence where the next one goes. */
  get offset(): number {
    return this.#offset;
  }

  /** Appends a copy of `bytes`. */
  bytes(bytes: Uint8Array): this {
    const at = this.#advance(byteCount(bytes));
    this.#buffer.set(bytes, at);
    return this;
  }

  /** Appends the low eight bits of `value`. */
  u8(value: number): this {
    const at = this.#advance(1);
    this.#view.setUint8(at, value);
    return this;
  }

  /** Appends the low 16 bits of `value`. */
  u16(value: number): this {
    const at = this.#advance(2);
    this.#view.setUint16(at, value, true);
    return this;
  }

  /** Takes a negative number as its two's complement. */
  u32(value: number): this {
    const at = this.#advance(4);
    this.#view.setUint32(at, value, true);
    return this;
  }

  /** Takes a negative number as its two's complement. */
  u64(value: bigint): this {
    const bits = BigInt.asUintN(64, value);
    const at = this.#advance(8);
    this.#view.setBigUint64(at, bits, true);
    return this;
  }

  /** Appends a double. */
  f64(value: number): this {
    const at = this.#advance(8);
    this.#view.setFloat64(at, value, true);
    return this;
  }

  /** Writes `value` up to the next multiple of `alignment` bytes from the span's start. */
  align(alignment: number, value = 0xcc): this {
    if (!Number.isSafeInteger(alignment) || alignment < 1) {
      throw new RangeError(`alignment must be a positive integer, not ${alignment}`);
    }
    const length = (alignment - (this.#offset % alignment)) % alignment;
    const at = this.#advance(length);
    this.#buffer.fill(value, at, at + length);
    return this;
  }

  /** Replaces bytes that were written before. */
  patch(offset: number, bytes: Uint8Array): this {
    const length = byteCount(bytes);
    if (!Number.isSafeInteger(offset) || offset < 0 || offset + length > this.#offset) {
      throw new RangeError(
        `offset must be such that ${length} bytes are within the ${this.#offset} written, not ${offset}`,
      );
    }
    this.#buffer.set(bytes, offset);
    return this;
  }

  /**
   * When the function has returned, `size` bytes of the span remain, rounded up to its granularity, by default those
   * written so far; of 0 bytes, the span is released. What was written beyond them is dropped, and no more than them fits.
   */
  shrink(size = this.#offset): this {
    if (!Number.isSafeInteger(size) || size < 0 || size > this.size) {
      throw new RangeError(`size must be an integer from 0 to ${this.size}, not ${size}`);
    }
    this.#kept = size;
    this.#offset = Math.min(this.#offset, size);
    return this;
  }

  /** @internal What {@link shrink} was told, undefined if it was not called. */
  get kept(): number | undefined {
    return this.#kept;
  }

  /** @internal What was written; a view, valid until more is. */
  get written(): Uint8Array {
    return this.#buffer.subarray(0, this.#offset);
  }

  /** Makes room for `length` more bytes and gives where they go. */
  #advance(length: number): number {
    const at = this.#offset;
    const end = at + length;
    if (end > this.size) {
      throw new RangeError(`${length} bytes at offset ${at} do not fit into a span of ${this.size}`);
    }
    if (end > this.#buffer.length) {
      this.#buffer = grown(this.#buffer, end, this.size);
      this.#view = new DataView(this.#buffer.buffer);
    }
    this.#offset = end;
    return at;
  }
}
