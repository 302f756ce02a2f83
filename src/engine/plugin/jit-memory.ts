import { describeValue } from '../../support/describe-value.ts';
import { isSharedBuffer } from '../../support/intrinsics.ts';
import { readOptions } from '../../support/options.ts';
import { isObject } from '../../support/own.ts';
import type { CallMemory } from '../backends/call-memory.ts';
import { createMemory, sharedMemory } from '../backends/create-memory.ts';

/** Of a {@link JitMemory}. */
export interface JitMemoryOptions {
  /** Bytes that it can grow to; as many as it has if left out. */
  readonly maxByteLength?: number | undefined;
}

/** Addresses of WebAssembly have 32 bits, and code needs something in front. */
const mostBytes = 2 ** 32 - 2 ** 20;

/** What stands behind a memory, for {@link callMemory}. */
const own = new WeakMap<object, CallMemory>();

/**
 * Bytes for code to work on, all zero at first. Nothing can detach them, and they never move, so code of every back end accesses
 * them where they are. They live as long as anybody refers to them.
 *
 * A `SharedArrayBuffer` can be passed instead where code is machine code or interpreted; that is how threads share bytes.
 *
 * @example
 * const memory = new JitMemory(65_536);
 * memory.bytes.set([1, 2, 3]);
 * code.functions.sum(memory, 3);
 */
export class JitMemory {
  readonly #memory: CallMemory;
  #bytes: Uint8Array | undefined;

  /**
   * @throws RangeError for a length that is none or beyond 4 GiB, and where there is not so much memory; TypeError for options that are
   * none.
   */
  constructor(byteLength: number, options?: JitMemoryOptions) {
    const { maxByteLength = byteLength } = readOptions<JitMemoryOptions>(options, ['maxByteLength']);
    requireLength('byteLength', byteLength, mostBytes);
    requireLength('maxByteLength', maxByteLength, mostBytes);
    if (byteLength > maxByteLength)
      throw new RangeError(`byteLength is ${byteLength}, beyond a maxByteLength of ${maxByteLength}`);
    this.#memory = createMemory(byteLength, maxByteLength);
    own.set(this, this.#memory);
  }

  /** How many bytes there are now. */
  get byteLength(): number {
    return this.#memory.byteLength;
  }

  /** How many bytes there can be. */
  get maxByteLength(): number {
    return this.#memory.maxByteLength;
  }

  /**
   * All bytes that there are now; those that come with {@link grow} are not among them. Their `buffer` may have more in it than these:
   * nothing but the array itself is to be written.
   */
  get bytes(): Uint8Array {
    const { buffer, byteOffset, byteLength } = this.#memory;
    if (this.#bytes?.length !== byteLength) this.#bytes = new Uint8Array(buffer, byteOffset, byteLength);
    return this.#bytes;
  }

  /** The same, for values of all types. */
  get view(): DataView {
    return this.#memory.view;
  }

  /** Code that runs sees the new length when the host function that calls this returns. Throws RangeError for less than there is, or more than can be. */
  grow(byteLength: number): void {
    requireLength('byteLength', byteLength, this.#memory.maxByteLength);
    if (byteLength < this.#memory.byteLength)
      throw new RangeError(`memory of ${this.#memory.byteLength} bytes does not shrink to ${byteLength}`);
    this.#memory.grow(byteLength);
  }
}

function requireLength(name: string, value: unknown, most: number): void {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most) return;
  throw new RangeError(`${name} must be an integer from 0 to ${most}, not ${describeValue(value)}`);
}

/** By shared memory of somebody: the one object that stands for it. */
const shared = new WeakMap<SharedArrayBuffer, CallMemory>();

/** What code accesses that is given `value`. Throws TypeError for what is no memory. */
export function callMemory(value: unknown): CallMemory {
  const known = isObject(value) ? own.get(value) : undefined;
  if (known !== undefined) return known;
  if (!isShared(value)) {
    throw new TypeError(`memory must be a JitMemory or a SharedArrayBuffer, not ${describeValue(value)}`);
  }
  let memory = shared.get(value);
  if (memory === undefined) {
    memory = sharedMemory(value);
    shared.set(value, memory);
  }
  return memory;
}

function isShared(value: unknown): value is SharedArrayBuffer {
  return isObject(value) && isSharedBuffer(value as ArrayBufferLike);
}
