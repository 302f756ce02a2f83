/**
 * The memory that code of other languages accesses in a call: bytes that nothing can detach, at an address that never changes,
 * as many as there are at the moment.
 */

import { FrameSlot } from '../../native/frame.ts';
import { sharedByteLength } from '../../support/intrinsics.ts';
import type { WasmSpace } from './wasm-space.ts';

/** A place of bytes, and how many of them count. */
export class CallMemory {
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
    writeMemorySlots(words, FrameSlot.MemoryBase, this.byteOffset, this.byteLength);
  }
}

/** Writes the slots from `MemoryBase` on, as halves, from the place of the first on. */
export function writeMemorySlots(words: Int32Array, slot: number, base: number, byteLength: number): void {
  write(words, slot, base);
  for (let size = 1, at = slot + 1; size <= 8; size *= 2, at++) {
    write(words, at, Math.max(byteLength - size + 1, 0));
  }
}

function write(words: Int32Array, slot: number, value: number): void {
  words[slot * 2] = value | 0;
  words[slot * 2 + 1] = Math.floor(value / 2 ** 32);
}
