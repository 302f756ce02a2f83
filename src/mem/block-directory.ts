import type { Address } from '../native/address.ts';
import { invariant } from '../support/invariant.ts';
import type { Block } from './block.ts';

/**
 * The blocks of an allocator by address. Lookups are frequent and changes rare (blocks grow with what is reserved),
 * so the starts are kept sorted in a typed array.
 */
export class BlockDirectory {
  #starts = new Float64Array(16);
  readonly #blocks: Block[] = [];

  get size(): number {
    return this.#blocks.length;
  }

  /** Bytes of bookkeeping. */
  get bytes(): number {
    return this.#starts.byteLength + this.#blocks.length * 8;
  }

  /** The block that holds the address in its executable mapping. */
  find(address: number): Block | undefined {
    const starts = this.#starts;
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] as number) <= address) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return undefined;
    const block = this.#blocks[low - 1] as Block;
    return address - block.rx < block.mapping.size ? block : undefined;
  }

  add(block: Block): void {
    const count = this.#blocks.length;
    const at = this.#insertionPoint(block.rx);
    if (count === this.#starts.length) {
      const larger = new Float64Array(count * 2);
      larger.set(this.#starts);
      this.#starts = larger;
    }
    this.#starts.copyWithin(at + 1, at, count);
    this.#starts[at] = block.rx;
    this.#blocks.splice(at, 0, block);
  }

  remove(block: Block): void {
    const at = this.#blocks.indexOf(block);
    this.#starts.copyWithin(at, at + 1, this.#blocks.length);
    this.#blocks.splice(at, 1);
  }

  /** In the order of their addresses. */
  [Symbol.iterator](): Iterator<Block> {
    return this.#blocks[Symbol.iterator]();
  }

  /** Walks everything; throws an `InvariantError` that names the first contradiction. */
  verify(): void {
    let end = 0;
    for (const [at, block] of this.#blocks.entries()) {
      invariant(this.#starts[at] === block.rx, `the block at ${block.rx} is listed under another address`);
      invariant(block.rx >= end, `the block at ${block.rx} overlaps the one before or is out of order`);
      end = block.rx + block.mapping.size;
    }
  }

  #insertionPoint(address: Address): number {
    const at = this.#blocks.findIndex((block) => block.rx > address);
    return at < 0 ? this.#blocks.length : at;
  }
}
