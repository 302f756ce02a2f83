/**
 * Typed arrays that are views inside larger memory full of canaries, and know what they may hold.
 *
 * Whatever becomes of such an array (detached, shrunk, changed) its memory is looked at afterwards, wherever that is
 * then: nobody may have written to it but in the rows of a result.
 */
import type { NumericArray } from '../../src/engine/backends/column-types.ts';
import { detach } from './real-slots.ts';

export type Memory = 'private' | 'shared' | 'resizable' | 'growable';

export const memories: readonly Memory[] = ['private', 'shared', 'resizable', 'growable'];

export type Elements = 'f64' | 'f32' | 'i32' | 'i16';

const constructors = { f64: Float64Array, f32: Float32Array, i32: Int32Array, i16: Int16Array } as const;

/** Bytes before and behind the elements. */
const guardSize = 64;
const canary = 0x7b;

interface Resizable {
  resize(size: number): void;
  grow(size: number): void;
}

export class GuardedArray {
  /** What is handed out. */
  readonly array: NumericArray;
  readonly memory: Memory;
  readonly elements: Elements;
  readonly length: number;
  /** All that the elements have been made, in order; undefined for an output. */
  readonly contents: ((row: number) => number)[] = [];
  /** Whether the number of elements has changed, so that zeros and other lengths are right too. */
  resized = false;
  readonly #size: number;
  #buffer: ArrayBufferLike;
  /** Of an output: what it held when its memory was taken away. */
  #frozen: Uint8Array | undefined;

  constructor(elements: Elements, length: number, memory: Memory, Subclass?: typeof Float64Array) {
    const Constructor = (Subclass ?? constructors[elements]) as Float64ArrayConstructor;
    this.elements = elements;
    this.memory = memory;
    this.length = length;
    this.#size = length * Constructor.BYTES_PER_ELEMENT;
    const total = this.#size + 2 * guardSize;
    const options = memory === 'resizable' || memory === 'growable' ? [{ maxByteLength: 2 * total }] : [];
    const isShared = memory === 'shared' || memory === 'growable';
    this.#buffer = Reflect.construct(isShared ? SharedArrayBuffer : ArrayBuffer, [total, ...options]);
    new Uint8Array(this.#buffer).fill(canary);
    this.array = new Constructor(this.#buffer, guardSize, length) as NumericArray;
  }

  /** Makes it a column of these values. */
  fill(content: (row: number) => number): this {
    this.contents.push(content);
    const { array } = this;
    const rows = this.attached ? this.length : 0;
    for (let row = 0; row < rows; row++) array[row] = content(row);
    return this;
  }

  /** Whether all elements are there. */
  get attached(): boolean {
    return this.#buffer.byteLength >= guardSize + this.#size && this.#frozen === undefined;
  }

  /** Takes the memory away, where it can be: it is somewhere else then. */
  detach(): void {
    if (this.memory === 'shared' || this.memory === 'growable' || this.#frozen !== undefined) return;
    this.#frozen = new Uint8Array(this.#buffer as ArrayBuffer).slice();
    this.#buffer = detach(this.array);
  }

  /** As {@link detach}, and lets go of the memory, so that whoever still uses it meets others, or nothing. */
  free(): void {
    this.detach();
    if (this.#frozen === undefined) return;
    this.#buffer = this.#frozen.buffer as ArrayBuffer;
    globalThis.gc?.();
  }

  /** Makes memory that can be resized shorter or longer than it was. */
  resize(factor: number): void {
    if (this.#frozen !== undefined) return;
    const buffer = this.#buffer as unknown as Resizable & ArrayBufferLike;
    const size = Math.floor((this.#size + 2 * guardSize) * factor);
    if (this.memory === 'resizable') buffer.resize(size);
    else if (this.memory === 'growable' && size > buffer.byteLength) buffer.grow(size);
    else return;
    this.resized = true;
  }

  /** The values that a row may have, for those who read it at any moment. */
  valuesAt(row: number): readonly number[] {
    const values = this.contents.map((content) => content(row));
    return this.resized ? [...values, 0] : values;
  }

  /** What is wrong with the memory around the elements; undefined if nothing is. */
  damage(): string | undefined {
    const bytes = new Uint8Array(this.#buffer);
    if (this.#frozen !== undefined && bytes.some((byte, at) => byte !== this.#frozen?.[at])) {
      return 'memory was written to after it had been taken away';
    }
    const end = guardSize + this.#size;
    for (let at = 0; at < bytes.length; at++) {
      if (at === guardSize) at = end;
      // Memory that is grown, or was shrunk and grown again, begins with zeros.
      if (at < bytes.length && bytes[at] !== canary && !(this.resized && bytes[at] === 0)) {
        return `the canary ${at < guardSize ? `${guardSize - at} bytes before` : `${at - end} bytes behind`} is dead`;
      }
    }
    return undefined;
  }

  /** Whether elements from `row` on are as no call has ever touched them. */
  isUntouched(row: number): boolean {
    const bytes = new Uint8Array(this.#buffer);
    const end = Math.min(bytes.length, guardSize + this.#size);
    for (let at = guardSize + row * (this.#size / this.length); at < end; at++) {
      if (bytes[at] !== canary && !(this.resized && bytes[at] === 0)) return false;
    }
    return true;
  }
}
