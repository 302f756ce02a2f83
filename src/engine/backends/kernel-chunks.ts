/**
 * The work of a kernel as its code sees it, in one memory: rows go in chunks that stay in the cache.
 *
 *     [kernel frame | the kernel's own memory | pointers | uniforms | partial results | chunks of columns and outputs]
 *
 * This lies where the memory is free, since a kernel may run within a host function of another. Pointers name whole arrays, as in
 * `native/kernel-frame.ts`: that of a chunk lies as far in front of it as its rows are behind the first, modulo 2^32.
 */
import { frameAddress } from '../../jit/wasm/memory-layout.ts';
import { KernelFrameSlot, kernelFrameLength, reductionBlock } from '../../native/kernel-frame.ts';
import { alignUp } from '../../support/alignment.ts';
import { elementAt, slots } from '../../support/element.ts';
import {
  setTypedArray,
  typedArrayBuffer,
  typedArrayLength,
  typedArrayOffset,
} from '../../support/intrinsics.ts';
import { elementCode, type NumericArray, viewOf } from './column-types.ts';
import type { WasmSpace } from './wasm-space.ts';

/** What a run works on. */
export interface KernelWork {
  readonly columns: readonly NumericArray[];
  readonly outputs: readonly NumericArray[];
  readonly uniforms: readonly number[];
  readonly partials: Float64Array | undefined;
  /** How many rows the whole run has. */
  readonly length: number;
}

export interface KernelShape {
  /** Bytes of an element, of columns and then of outputs. */
  readonly sizes: readonly number[];
  /** By column and then output: whether rows take elements of others, so that all of it has to be there. */
  readonly wholes: readonly boolean[];
  /** Partial results that reductions have for each block of rows. */
  readonly partialsPerBlock: number;
  /** Bytes of memory of the kernel's own. */
  readonly stackBytes: number;
}

/** Bytes of all chunks together, about: they are to stay in the second level of caches. */
const chunkBytes = 64 * 1024;
/** Rows of a chunk are a multiple of this, if there are more of them. */
const chunkUnit = 64;
/** Rows at a time where nothing is copied. */
const uncopiedRows = 4 * reductionBlock;

/** Positions that a set of bits in a number has room for. */
const mostBits = 30;

/** Which arrays lie in a memory: a bit for each, by position; of those that are further behind none is said to. */
function inPlaceBits({ columns, outputs }: KernelWork, buffer: ArrayBuffer): number {
  let bits = 0;
  for (let i = 0; i < columns.length && i < mostBits; i++) {
    if (typedArrayBuffer(columns[i] as NumericArray) === buffer) bits |= 1 << i;
  }
  for (let i = 0; i < outputs.length && columns.length + i < mostBits; i++) {
    if (typedArrayBuffer(outputs[i] as NumericArray) === buffer) bits |= 1 << (columns.length + i);
  }
  return bits;
}

/** Where everything lies for runs of so many rows, of which these arrays lie in the memory. Runs that are alike use it again. */
export class KernelChunks {
  readonly space: WasmSpace;
  /** Rows of a chunk. */
  readonly rows: number;
  /** Bytes of memory of all together. */
  readonly bytes: number;
  readonly #shape: KernelShape;
  readonly #rowCount: number;
  readonly #inPlace: number;
  readonly #columnCount: number;
  readonly #arrayCount: number;
  /** By array that is copied: where its chunk is, from the kernel frame. */
  readonly #places: number[] = [];
  /** By array that is copied: the chunk; for the address and the buffer that were last. */
  #views: (NumericArray | undefined)[] = [];
  #viewed: ArrayBuffer | undefined;
  readonly #pointers: number;
  readonly #uniforms: number;
  readonly #partials: number;
  #address = -1;
  /** Is a run at work? Another one, within a host function, needs others. */
  #isActive = false;

  constructor(space: WasmSpace, shape: KernelShape, work: KernelWork, rowCount: number) {
    const { sizes, partialsPerBlock, stackBytes } = shape;
    const { columns, outputs, uniforms } = work;
    const arrayCount = columns.length + outputs.length;
    const inPlace = space.isArena ? inPlaceBits(work, space.buffer) : 0;
    this.space = space;
    this.#shape = shape;
    this.#rowCount = rowCount;
    this.#inPlace = inPlace;
    this.#columnCount = columns.length;
    this.#arrayCount = arrayCount;
    let rowBytes = 0;
    for (let i = 0; i < arrayCount; i++) {
      const isChunked = !this.#isInPlace(i) && shape.wholes[i] !== true;
      if (isChunked) rowBytes += elementAt(sizes, i);
    }
    this.rows = Math.min(rowsOf(rowBytes, partialsPerBlock), Math.max(rowCount, 1));
    this.#pointers = alignUp(kernelFrameLength * 8 + stackBytes, 8);
    this.#uniforms = this.#pointers + arrayCount * 8;
    this.#partials = this.#uniforms + uniforms.length * 8;
    const blocks = partialsPerBlock === 0 ? 0 : Math.ceil(this.rows / reductionBlock);
    let next = this.#partials + blocks * partialsPerBlock * 8;
    for (let i = 0; i < arrayCount; i++) {
      next = alignUp(next, 16);
      this.#places.push(next);
      if (!this.#isInPlace(i)) next += this.#lengthOf(i, work) * elementAt(sizes, i);
    }
    this.bytes = next;
  }

  /** Do they do for such a run? */
  suit(space: WasmSpace, work: KernelWork, rowCount: number): boolean {
    return (
      !this.#isActive &&
      space === this.space &&
      // Columns of which all is there are as long as they are.
      !this.#shape.wholes.includes(true) &&
      rowCount === this.#rowCount &&
      (!space.isArena || inPlaceBits(work, space.buffer) === this.#inPlace)
    );
  }

  /** Throws RangeError if there is not so much memory. */
  enter(): void {
    const address = this.space.claim(this.bytes);
    this.#isActive = true;
    if (address !== this.#address) this.#viewed = undefined;
    this.#address = address;
  }

  leave(): void {
    this.#isActive = false;
    this.space.giveBack(this.#address);
  }

  /** Copies rows in, of which `firstRow` is the first, and says where they are; gives the address of the kernel frame. */
  fill(work: KernelWork, firstRow: number, row: number, rows: number): number {
    const address = this.#address;
    const { uniforms, length } = work;
    const { sizes, wholes, partialsPerBlock } = this.#shape;
    this.#dropStaleViews();
    const columnCount = this.#columnCount;
    for (let i = 0; i < columnCount; i++) {
      if (this.#isInPlace(i)) continue;
      const array = work.columns[i] as NumericArray;
      if (this.#shape.wholes[i] === true) {
        if (row === firstRow) setTypedArray(this.#chunk(array, i, typedArrayLength(array)), array);
      } else setTypedArray(this.#chunk(array, i, rows), this.#part(array, i, row, rows));
    }
    const { halves, doubles } = this.space;
    const pointers = (address + this.#pointers) / 4;
    for (let i = 0; i < this.#arrayCount; i++) {
      halves[pointers + i * 2] = this.#isInPlace(i)
        ? typedArrayOffset(i < columnCount ? work.columns[i] : work.outputs[i - columnCount])
        : address + (this.#places[i] as number) - (wholes[i] === true ? 0 : row * (sizes[i] as number));
    }
    const firstUniform = (address + this.#uniforms) / 8;
    for (let i = 0; i < uniforms.length; i++) doubles[firstUniform + i] = uniforms[i] as number;
    const at = address / 4;
    setWord(halves, at + KernelFrameSlot.FirstRow * 2, row);
    setWord(halves, at + KernelFrameSlot.RowCount * 2, rows);
    setWord(halves, at + KernelFrameSlot.Length * 2, length);
    halves[at + KernelFrameSlot.Frame * 2] = frameAddress;
    halves[at + KernelFrameSlot.Columns * 2] = address + this.#pointers;
    halves[at + KernelFrameSlot.Outputs * 2] = address + this.#pointers + columnCount * 8;
    halves[at + KernelFrameSlot.Uniforms * 2] = address + this.#uniforms;
    halves[at + KernelFrameSlot.Partials * 2] =
      address + this.#partials - Math.floor(row / reductionBlock) * partialsPerBlock * 8;
    return address;
  }

  /** Copies results out. */
  deliver({ outputs, partials }: KernelWork, row: number, rows: number): void {
    const { partialsPerBlock } = this.#shape;
    this.#dropStaleViews();
    for (let i = 0; i < outputs.length; i++) {
      const position = this.#columnCount + i;
      if (this.#isInPlace(position)) continue;
      const array = outputs[i] as NumericArray;
      setTypedArray(this.#part(array, position, row, rows), this.#chunk(array, position, rows));
    }
    if (partials === undefined) return;
    const { doubles } = this.space;
    const from = (this.#address + this.#partials) / 8;
    const first = Math.floor(row / reductionBlock) * partialsPerBlock;
    const count = Math.ceil(rows / reductionBlock) * partialsPerBlock;
    for (let i = 0; i < count; i++) partials[first + i] = doubles[from + i] as number;
  }

  /** Chunks may lie elsewhere than those of the last run, and memory may have grown, also within a host function. */
  #dropStaleViews(): void {
    if (this.#viewed === this.space.buffer) return;
    this.#viewed = this.space.buffer;
    this.#views = slots(this.#arrayCount);
  }

  /** Elements of an array that are here at a time. */
  #lengthOf(index: number, { columns }: KernelWork): number {
    return this.#shape.wholes[index] === true ? typedArrayLength(columns[index]) : this.rows;
  }

  #isInPlace(index: number): boolean {
    return index < mostBits && (this.#inPlace & (1 << index)) !== 0;
  }

  /** An array's rows in the memory. */
  #chunk(array: NumericArray, index: number, rows: number): NumericArray {
    const place = this.#address + (this.#places[index] as number);
    if (rows !== this.rows) return viewOf(elementCode(array), this.space.buffer, place, rows);
    let view = this.#views[index];
    if (view === undefined) {
      view = viewOf(elementCode(array), this.space.buffer, place, rows);
      this.#views[index] = view;
    }
    return view;
  }

  /** An array's rows where they are. */
  #part(array: NumericArray, index: number, row: number, rows: number): NumericArray {
    if (row === 0 && rows === typedArrayLength(array)) return array;
    const offset = typedArrayOffset(array) + row * (this.#shape.sizes[index] as number);
    return viewOf(elementCode(array), typedArrayBuffer(array), offset, rows);
  }
}

function setWord(halves: Int32Array, at: number, value: number): void {
  halves[at] = value;
  halves[at + 1] = value / 2 ** 32;
}

/** Rows of a chunk of which each takes so many bytes. */
function rowsOf(rowBytes: number, partialsPerBlock: number): number {
  if (partialsPerBlock > 0) return reductionBlock;
  if (rowBytes === 0) return uncopiedRows;
  return Math.max(chunkUnit, Math.floor(chunkBytes / rowBytes / chunkUnit) * chunkUnit);
}
