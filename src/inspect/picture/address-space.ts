import type { BlockSnapshot } from '../snapshot.ts';

/**
 * Blocks one behind the other, as one line of bytes: what lies between them in the process is not the engine's. A *position* is a
 * byte of that line. The order is that of addresses.
 */
export class AddressSpace {
  readonly blocks: readonly BlockSnapshot[];
  /** Bytes. */
  readonly size: number;
  /** By block: the position where it starts. */
  readonly starts: readonly number[];

  constructor(blocks: readonly BlockSnapshot[]) {
    this.blocks = blocks;
    const starts: number[] = [];
    let size = 0;
    for (const block of blocks) {
      starts.push(size);
      size += block.size;
    }
    this.starts = starts;
    this.size = size;
  }

  /** Of an address; undefined if it is in no block. */
  positionOf(address: number): number | undefined {
    const index = lastAtMost(this.blocks, address, ({ address }) => address);
    const block = this.blocks[index];
    if (block === undefined || address >= block.address + block.size) return undefined;
    return (this.starts[index] as number) + address - block.address;
  }

  /** The address at a position; that of the last byte beyond the end. */
  addressAt(position: number): number {
    const index = this.blockIndexAt(position);
    const block = this.blocks[index];
    return block === undefined ? 0 : block.address + position - (this.starts[index] as number);
  }

  /** The number of the block at a position; -1 if there are none. */
  blockIndexAt(position: number): number {
    return lastAtMost(this.starts, position, (start) => start);
  }
}

/** The index of the last element of an ascending list whose key is `most` at the most; -1 if there is none. */
export function lastAtMost<Element>(
  list: readonly Element[],
  most: number,
  keyOf: (element: Element) => number,
): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keyOf(list[middle] as Element) <= most) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
