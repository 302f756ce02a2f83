import type { Address } from '../native/address.ts';
import { maybeAt, slots } from '../support/element.ts';
import { invariant } from '../support/invariant.ts';
import type { Block } from './block.ts';

/**
 * The blocks of an allocator by address.
 *
 * They are kept sorted, and changes are rare (the number of blocks grows with the logarithm of what is
 * reserved). A binary search among them mispredicts most of its branches, though, and would be half the cost
 * of a release. So a direct-mapped cache stands in front of it: for the 64 KiB unit of an address, the block
 * where such an address was last found. What it says is a guess that the block's bounds confirm. With two
 * entries for each unit that is reserved, hardly a guess is wrong.
 *
 * The way from an address to its granule's bits is a chain of loads, each of which waits for the one before. So it goes by
 * the lowest 32 bits of both addresses, which are small integers; that the whole addresses agree is looked at beside it.
 */
export class BlockDirectory {
  private readonly blocks: Block[] = [];
  private cache = slots<Block>(8);
  private reserved = 0;

  get size(): number {
    return this.blocks.length;
  }

  /** Bytes of bookkeeping. */
  get bytes(): number {
    return (this.cache.length + this.blocks.length) * 8;
  }

  /** The block that holds the address in its executable mapping. */
  find(address: number): Block | undefined {
    const low = address | 0;
    const cached = this.cache[(low >>> 16) & (this.cache.length - 1)];
    if (cached !== undefined) {
      const offset = (low - cached.low) >>> 0;
      if (offset < cached.size && address - cached.rx === offset) return cached;
    }
    return this.search(address);
  }

  add(block: Block): void {
    const blocks = this.blocks;
    blocks.splice(this.countUpTo(block.rx), 0, block);
    this.reserved += block.size;
    let length = this.cache.length;
    while (length * 0x10000 < this.reserved * 2 && length < 0x10000) length *= 2;
    if (length > this.cache.length) this.cache = slots(length);
  }

  remove(block: Block): void {
    this.blocks.splice(this.blocks.indexOf(block), 1);
    this.reserved -= block.size;
    const cache = this.cache;
    for (let unit = 0; unit < cache.length; unit++) if (cache[unit] === block) cache[unit] = undefined;
  }

  /** In the order of their addresses. */
  [Symbol.iterator](): Iterator<Block> {
    return this.blocks[Symbol.iterator]();
  }

  /** Walks everything; throws an `InvariantError` that names the first contradiction. */
  verify(): void {
    let end = 0;
    for (const block of this.blocks) {
      invariant(block.rx >= end, `the block at ${block.rx} overlaps the one before or is out of order`);
      end = block.rx + block.size;
    }
    for (const cached of this.cache) {
      invariant(cached === undefined || this.blocks.includes(cached), 'the cache holds a block that is gone');
    }
  }

  private search(address: number): Block | undefined {
    const count = this.countUpTo(address as Address);
    const block = maybeAt(this.blocks, count - 1);
    if (block === undefined || !(address - block.rx < block.size)) return undefined;
    this.cache[((address | 0) >>> 16) & (this.cache.length - 1)] = block;
    return block;
  }

  /** How many blocks start at or below the address. */
  private countUpTo(address: Address): number {
    let low = 0;
    let high = this.blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.blocks[middle] as Block).rx <= address) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
