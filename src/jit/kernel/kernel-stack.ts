/**
 * The stack frame of a kernel. Its parts are as wide as a vector register and aligned to it, so that instructions can take
 * operands from them:
 *
 *     rsp → arguments of calls | arguments and results of the row | accumulators | results of several rows
 *         | hoisted values | spills | saved registers
 */
import { alignUp } from '../../support/alignment.ts';
import { reductionLanes } from './reductions.ts';

/** Alignment of the frame, and of the widest vector. */
export const stackAlignment = 64;

export interface KernelStackSizes {
  /** Bytes for the arguments of calls that go over the stack. */
  readonly outgoing: number;
  /** Words for what a row passes to functions and gets from them. */
  readonly words: number;
  /** Vectors of results that functions on lanes gave. */
  readonly laneResults: number;
  readonly reductions: number;
  readonly hoisted: number;
  readonly spills: number;
  /** Bytes. */
  readonly vectorSize: number;
  readonly savedVectors: number;
}

/** Offsets are in bytes from `rsp`. */
export class KernelStack {
  readonly #words: number;
  readonly #accumulators: number;
  readonly #laneResults: number;
  readonly #hoisted: number;
  readonly #spills: number;
  readonly #savedVectors: number;
  readonly #vectorSize: number;
  readonly size: number;

  constructor(sizes: KernelStackSizes) {
    this.#vectorSize = sizes.vectorSize;
    this.#words = sizes.outgoing;
    this.#accumulators = alignUp(this.#words + sizes.words * 8, stackAlignment);
    this.#laneResults = this.#accumulators + sizes.reductions * reductionLanes * 8;
    this.#hoisted = this.#laneResults + sizes.laneResults * sizes.vectorSize;
    this.#spills = this.#hoisted + sizes.hoisted * sizes.vectorSize;
    this.#savedVectors = alignUp(this.#spills + sizes.spills * sizes.vectorSize, 16);
    this.size = alignUp(this.#savedVectors + sizes.savedVectors * 16, stackAlignment);
  }

  word(index: number): number {
    return this.#words + index * 8;
  }

  accumulator(reduction: number, lane: number): number {
    return this.#accumulators + (reduction * reductionLanes + lane) * 8;
  }

  laneResult(index: number): number {
    return this.#laneResults + index * this.#vectorSize;
  }

  hoisted(slot: number): number {
    return this.#hoisted + slot * this.#vectorSize;
  }

  spill(slot: number): number {
    return this.#spills + slot * this.#vectorSize;
  }

  savedVector(index: number): number {
    return this.#savedVectors + index * 16;
  }
}
