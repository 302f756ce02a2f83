/**
 * The work of a kernel as its code sees it, in one memory: rows go in chunks that stay in the cache.
 *
 *     [kernel frame | the kernel's own memory | pointers | uniforms | partial results | chunks of columns and outputs]
 *
 * This lies where the memory is free, since a kernel may run within a host function of another. Pointers name whole arrays, as in
 * `native/kernel-frame.ts`: that of a chunk lies as far in front of it as its rows are behind the first, modulo 2^32.
 */
import { KernelFrameSlot, kernelFrameLength, reductionBlock } from '../../native/kernel-frame.ts';
import { alignUp } from '../../support/alignment.ts';
import { elementAt } from '../../support/element.ts';
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
  readonly reductionCount: number;
  /** Bytes of memory of the kernel's own. */
  readonly stackBytes: number;
}

/** Bytes of all chunks together, about: they are to stay in the second level of caches. */
const chunkBytes = 128 * 1024;
/** Rows of a chunk are a multiple of this. */
const chunkUnit = 64;
/** Rows at a time where nothing is copied. */
const uncopiedRows = 4 * reductionBlock;

export class KernelChunks {
  readonly space: WasmSpace;
  /** Rows of a chunk. */
  readonly rows: number;
  /** Bytes of memory of all together. */
  readonly bytes: number;
  readonly #shape: KernelShape;
  readonly #work: KernelWork;
  /** Of columns, then of outputs: whether they lie in the memory, and where, or where their chunk is, from the kernel frame. */
  readonly #isInPlace: boolean[] = [];
  readonly #places: number[] = [];
  readonly #pointers: number;
  readonly #uniforms: number;
  readonly #partials: number;
  #address = 0;

  constructor(space: WasmSpace, shape: KernelShape, work: KernelWork, rowCount: number) {
    const { sizes, reductionCount, stackBytes } = shape;
    const { columns, outputs, uniforms } = work;
    this.space = space;
    this.#shape = shape;
    this.#work = work;
    const arrayCount = columns.length + outputs.length;
    let rowBytes = 0;
    for (let i = 0; i < arrayCount; i++) {
      const isInPlace = typedArrayBuffer(this.#array(i)) === space.buffer;
      this.#isInPlace.push(isInPlace);
      if (!isInPlace) rowBytes += elementAt(sizes, i);
    }
    this.rows = Math.min(rowsOf(rowBytes, reductionCount), alignUp(Math.max(rowCount, 1), chunkUnit));
    this.#pointers = alignUp(kernelFrameLength * 8 + stackBytes, 8);
    this.#uniforms = this.#pointers + arrayCount * 8;
    this.#partials = this.#uniforms + uniforms.length * 8;
    const blocks = reductionCount === 0 ? 0 : Math.ceil(this.rows / reductionBlock);
    let next = this.#partials + blocks * reductionCount * 8;
    for (let i = 0; i < arrayCount; i++) {
      if (elementAt(this.#isInPlace, i)) {
        this.#places.push(typedArrayOffset(this.#array(i)));
        continue;
      }
      next = alignUp(next, 16);
      this.#places.push(next);
      next += this.rows * elementAt(sizes, i);
    }
    this.bytes = next;
  }

  /** Throws RangeError if there is not so much memory. */
  enter(): void {
    this.#address = this.space.claim(this.bytes);
  }

  leave(): void {
    this.space.giveBack(this.#address);
  }

  /** Copies rows in, and says where they are; gives the address of the kernel frame. */
  fill(row: number, rows: number): number {
    const address = this.#address;
    const { columns, outputs, uniforms, length } = this.#work;
    const { sizes, reductionCount } = this.#shape;
    for (let i = 0; i < columns.length; i++) {
      if (!elementAt(this.#isInPlace, i)) setTypedArray(this.#chunk(i, rows), this.#part(i, row, rows));
    }
    const { halves, doubles } = this.space;
    const pointers = (address + this.#pointers) / 4;
    for (let i = 0; i < columns.length + outputs.length; i++) {
      const place = elementAt(this.#places, i);
      const isInPlace = elementAt(this.#isInPlace, i);
      halves[pointers + i * 2] = isInPlace ? place : address + place - row * elementAt(sizes, i);
    }
    const firstUniform = (address + this.#uniforms) / 8;
    for (let i = 0; i < uniforms.length; i++) doubles[firstUniform + i] = uniforms[i] as number;
    this.#word('FirstRow', row);
    this.#word('RowCount', rows);
    this.#word('Length', length);
    this.#word('Frame', 0);
    this.#word('Columns', address + this.#pointers);
    this.#word('Outputs', address + this.#pointers + columns.length * 8);
    this.#word('Uniforms', address + this.#uniforms);
    this.#word('Partials', address + this.#partials - Math.floor(row / reductionBlock) * reductionCount * 8);
    return address;
  }

  /** Copies results out. */
  deliver(row: number, rows: number): void {
    const { columns, outputs, partials } = this.#work;
    const { reductionCount } = this.#shape;
    for (let i = columns.length; i < columns.length + outputs.length; i++) {
      if (!elementAt(this.#isInPlace, i)) setTypedArray(this.#part(i, row, rows), this.#chunk(i, rows));
    }
    if (partials === undefined) return;
    const { doubles } = this.space;
    const from = (this.#address + this.#partials) / 8;
    const first = Math.floor(row / reductionBlock) * reductionCount;
    const count = Math.ceil(rows / reductionBlock) * reductionCount;
    for (let i = 0; i < count; i++) partials[first + i] = doubles[from + i] as number;
  }

  #array(index: number): NumericArray {
    const { columns, outputs } = this.#work;
    return index < columns.length ? elementAt(columns, index) : elementAt(outputs, index - columns.length);
  }

  /** An array's rows in the memory. */
  #chunk(index: number, rows: number): NumericArray {
    const code = elementCode(this.#array(index));
    return viewOf(code, this.space.buffer, this.#address + elementAt(this.#places, index), rows);
  }

  /** An array's rows where they are. */
  #part(index: number, row: number, rows: number): NumericArray {
    const array = this.#array(index);
    if (row === 0 && rows === typedArrayLength(array)) return array;
    const offset = typedArrayOffset(array) + row * elementAt(this.#shape.sizes, index);
    return viewOf(elementCode(array), typedArrayBuffer(array), offset, rows);
  }

  #word(slot: keyof typeof KernelFrameSlot, value: number): void {
    const { halves } = this.space;
    const at = this.#address / 4 + KernelFrameSlot[slot] * 2;
    halves[at] = value;
    halves[at + 1] = Math.floor(value / 2 ** 32);
  }
}

/** Rows of a chunk of which each takes so many bytes. */
function rowsOf(rowBytes: number, reductionCount: number): number {
  if (reductionCount > 0) return reductionBlock;
  if (rowBytes === 0) return uncopiedRows;
  return Math.max(chunkUnit, Math.floor(chunkBytes / rowBytes / chunkUnit) * chunkUnit);
}
