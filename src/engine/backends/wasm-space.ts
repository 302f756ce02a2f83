/** A memory of WebAssembly as its users see it: frame, views, and room that activations take and give back. */
import { firstFreeAddress, pageSize } from '../../jit/wasm/memory-layout.ts';
import { type RuntimeLinks, WasmRuntime } from '../../jit/wasm/wasm-runtime.ts';
import { FrameSlot } from '../../native/frame.ts';
import { alignUp } from '../../support/alignment.ts';

/** Nothing that is claimed shares a line of the cache with its neighbour. */
const alignment = 64;

/** No memory of WebAssembly is larger. */
const mostBytes = 2 ** 32 - pageSize;

export class WasmSpace {
  readonly runtime: WasmRuntime;
  /** Is it one that never grows, for columns that lie in it? */
  readonly isArena: boolean;
  /** All of the memory. New where it has grown, and so are the views. */
  buffer: ArrayBuffer;
  /** The slots of the frame, and their halves. */
  frame: Float64Array;
  words: Int32Array;
  doubles: Float64Array;
  halves: Int32Array;
  #top = alignUp(firstFreeAddress, alignment);
  /** Where room ends that can be claimed. */
  readonly end: number;

  /**
   * With `fixed` the memory has so many bytes to claim and so many behind them, and never grows. Throws RangeError if there is not
   * so much memory.
   */
  constructor(
    links: (space: WasmSpace) => RuntimeLinks,
    fixed?: { readonly room: number; readonly behind: number },
  ) {
    this.end = fixed === undefined ? mostBytes : alignUp(this.#top + fixed.room, alignment);
    this.runtime = new WasmRuntime(links(this), fixed === undefined ? 0 : this.end + fixed.behind);
    this.isArena = fixed !== undefined;
    this.buffer = this.runtime.memory.buffer;
    this.frame = this.runtime.frame();
    this.words = wordsOf(this.frame);
    this.doubles = new Float64Array(this.buffer);
    this.halves = new Int32Array(this.buffer);
  }

  /** Is there so much room? */
  has(bytes: number): boolean {
    return this.#top + bytes <= this.end;
  }

  /** The address of room that is the caller's until it gives it back, in the reverse order. Throws RangeError if there is none. */
  claim(bytes: number): number {
    const address = this.#top;
    const end = address + bytes;
    if (end > this.buffer.byteLength) this.#grow(end);
    this.#top = alignUp(end, alignment);
    return address;
  }

  giveBack(address: number): void {
    this.#top = address;
  }

  #grow(end: number): void {
    if (end > mostBytes) throw new RangeError(`WebAssembly has no ${end} bytes of memory`);
    const { memory } = this.runtime;
    // More than needed, since each time all views are made anew.
    const wanted = Math.min(Math.max(end, this.buffer.byteLength * 2), mostBytes);
    const pages = Math.ceil((wanted - this.buffer.byteLength) / pageSize);
    memory.grow(pages);
    this.buffer = memory.buffer;
    this.frame = this.runtime.frame();
    this.words = wordsOf(this.frame);
    this.doubles = new Float64Array(this.buffer);
    this.halves = new Int32Array(this.buffer);
  }
}

function wordsOf(frame: Float64Array): Int32Array {
  return new Int32Array(frame.buffer, frame.byteOffset, FrameSlot.Arguments * 2);
}
