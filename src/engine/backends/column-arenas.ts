/**
 * Columns that lie in the memory of WebAssembly code, so that kernels need not copy them.
 *
 * A memory that grows takes its arrays away from their owners. So columns lie in memories of a fixed size, *arenas*, one after
 * the other; they take no more than what is touched. Each array keeps its arena alive, and nothing else does but the engine the last
 * one: what is forgotten is collected, and no place is given to two.
 */
import type { RuntimeLinks } from '../../jit/wasm/wasm-runtime.ts';
import { alignUp } from '../../support/alignment.ts';
import { typedArrayBuffer } from '../../support/intrinsics.ts';
import { type NumericArray, sizeOf, viewOf } from './column-types.ts';
import type { KernelWork } from './kernel-chunks.ts';
import { WasmSpace } from './wasm-space.ts';

/** Of each arena, for what kernels need besides columns. */
const roomBytes = 1 << 20;
/** Columns of one run mostly have the same size, and should share an arena. */
const columnsTogether = 16;
const [leastBytes, mostBytes] = [16 << 20, 2 ** 31];
/** No memory of WebAssembly has more than 4 GiB. */
const mostOfOne = 2 ** 32 - 2 * roomBytes;
/** Columns share no line of the cache, and vectors cross none. */
const alignment = 64;

export class ColumnArenas {
  readonly #links: (space: WasmSpace) => RuntimeLinks;
  readonly #spaces = new WeakMap<ArrayBufferLike, WasmSpace>();
  #last: WasmSpace | undefined;
  #next = 0;

  constructor(links: (space: WasmSpace) => RuntimeLinks) {
    this.#links = links;
  }

  /** A new array of zeros. Throws RangeError if there is not so much memory. */
  create(code: number, length: number): NumericArray {
    const bytes = alignUp(length * sizeOf(code), alignment);
    if (bytes > mostOfOne)
      throw new RangeError(`${length} elements are more than WebAssembly has memory for`);
    let space = this.#last;
    if (space === undefined || this.#next + bytes > space.buffer.byteLength) {
      space = this.#open(bytes);
      this.#last = space;
      this.#next = space.end;
    }
    const array = viewOf(code, space.buffer, this.#next, length);
    this.#next += bytes;
    return array;
  }

  /** An arena in which an array of the work lies. */
  spaceOf({ columns, outputs }: KernelWork): WasmSpace | undefined {
    if (this.#last === undefined) return undefined;
    for (const array of columns) {
      const space = this.#spaces.get(typedArrayBuffer(array));
      if (space !== undefined) return space;
    }
    for (const array of outputs) {
      const space = this.#spaces.get(typedArrayBuffer(array));
      if (space !== undefined) return space;
    }
    return undefined;
  }

  #open(bytes: number): WasmSpace {
    const wanted = Math.min(Math.max(bytes * columnsTogether, leastBytes), mostBytes);
    const space = new WasmSpace(this.#links, { room: roomBytes, behind: Math.max(wanted, bytes) });
    this.#spaces.set(space.buffer, space);
    return space;
  }
}
