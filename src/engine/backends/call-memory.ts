/**
 * The memory that code of other languages accesses in a call: bytes that nothing can detach, at an address that never changes,
 * as many as there are at the moment.
 */

import { FrameSlot, memoryEndFor } from '../../native/frame.ts';
import { sharedByteLength } from '../../support/intrinsics.ts';
import type { WasmSpace } from './wasm-space.ts';

let lastNumber = 0;

/** A place of bytes, and how many of them count. */
export class CallMemory {
  /** No other has it. */
  readonly number: number = ++lastNumber;
  readonly buffer: ArrayBufferLike;
  /** Where its first byte is in the buffer. */
  readonly byteOffset: number;
  /** Bytes that it can have. */
  readonly maxByteLength: number;
  /** The memory of WebAssembly that it lies in. */
  readonly space: WasmSpace | undefined;
  #byteLength: number | undefined;
  #view: DataView | undefined;

  /** `byteLength` is undefined where the buffer says for itself how long it is; a `space` is for one of these alone. */
  constructor(
    buffer: ArrayBufferLike,
    byteOffset: number,
    maxByteLength: number,
    byteLength: number | undefined,
    space: WasmSpace | undefined,
  ) {
    this.buffer = buffer;
    this.byteOffset = byteOffset;
    this.maxByteLength = maxByteLength;
    this.space = space;
    this.#byteLength = byteLength;
    if (space !== undefined) this.#tell(space);
  }

  get byteLength(): number {
    return this.#byteLength ?? sharedByteLength(this.buffer);
  }

  /** All bytes, as they are at the moment. */
  get view(): DataView {
    const { byteLength } = this;
    if (this.#view?.byteLength !== byteLength)
      this.#view = new DataView(this.buffer, this.byteOffset, byteLength);
    return this.#view;
  }

  grow(byteLength: number): void {
    this.#byteLength = byteLength;
    if (this.space !== undefined) this.#tell(this.space);
  }

  /** One memory of WebAssembly is for one of these, so code finds all it needs in the frame. */
  #tell({ words }: WasmSpace): void {
    writeMemorySlots(words, this.byteOffset, this.byteLength);
  }
}

/** Of an access, in bytes. */
const sizes = [1, 2, 4, 8] as const;

/**
 * Tells code where memory is and how long, in the frame whose halves of slots these are. At any moment on the way, what stands there
 * is a part of one memory, or none.
 */
export function writeMemorySlots(words: Int32Array, base: number, byteLength: number): void {
  for (const size of sizes) write(words, FrameSlot[memoryEndFor(size)], 0);
  write(words, FrameSlot.MemoryBase, base);
  for (const size of sizes) {
    write(words, FrameSlot[memoryEndFor(size)], Math.max(byteLength - size + 1, 0));
  }
}

function write(words: Int32Array, slot: number, value: number): void {
  // The lower half last: without it a value is no larger than it should be.
  words[slot * 2] = 0;
  words[slot * 2 + 1] = Math.floor(value / 2 ** 32);
  words[slot * 2] = value | 0;
}
