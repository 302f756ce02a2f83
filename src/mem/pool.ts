import { alignUp } from '../support/alignment.ts';
import { invariant } from '../support/invariant.ts';
import { BitSet } from './bit-set.ts';
import { Block, type BlockMapping, type BlockPool } from './block.ts';
import { MaxTree } from './max-tree.ts';

/** Blocks stop growing here, in bytes: beyond it a larger one saves nothing and drains too rarely. */
const largestGrownBlock = 64 * 1024 * 1024;

/**
 * A new block is this fraction of what its pool has reserved. So the reserve grows geometrically, hence the
 * number of blocks only logarithmically, while no more than a seventh of it is the unused end of the latest
 * block.
 */
const growthDivisor = 6;

/**
 * The blocks of one granularity, and where in them there is room.
 *
 * An index, a {@link MaxTree} over the blocks, holds for each the longest free run that an allocation may
 * take. Two blocks are set apart from it: of `current`, the block being filled, the index knows only the
 * holes, so that the common case moves the block's tail and nothing else; of `empty`, the block kept for
 * reuse, it knows nothing, so that partly filled blocks are used first. An allocation looks into the index,
 * then at `current`, then at `empty`, and only then is a block mapped.
 *
 * A block in which releases have put off to count is listed, and the index goes on offering what it had before. An
 * allocation counts the listed blocks up to the one that it takes from, so that this is the same block as if every
 * release had changed the index.
 */
export class Pool implements BlockPool {
  /** Bytes, a power of two. */
  declare readonly granularity: number;
  /** log2 of the granularity. */
  declare readonly shift: number;
  /** The block of the latest successful {@link Pool.take}. */
  block: Block | undefined = undefined;
  declare private readonly padding: number;
  declare private readonly blockSize: number;
  private readonly cells: (Block | undefined)[] = [];
  private readonly vacantCells: number[] = [];
  private index = indexOver(8);
  /** The cells of listed blocks. */
  private listed = bitSetBelow(8);
  /** False only if none is listed. */
  private someListed = false;
  private capacity = 8;
  private current: Block | undefined = undefined;
  private empty: Block | undefined = undefined;
  private reserved = 0;

  constructor(granularity: number, blockSize: number, padded: boolean) {
    this.granularity = granularity;
    this.shift = Math.log2(granularity);
    this.blockSize = blockSize;
    this.padding = padded ? 1 : 0;
  }

  /** Bytes of bookkeeping, that of the blocks excepted. */
  get bytes(): number {
    const words = MaxTree.wordCount(this.capacity) + BitSet.wordCount(this.capacity);
    return words * 4 + (this.cells.length + this.vacantCells.length) * 8;
  }

  /** Takes `n` granules in {@link Pool.block} and gives the first; -1 if no block has room. */
  take(n: number): number {
    const cell = this.someListed ? this.countFor(n) : this.offering(n);
    if (cell >= 0) {
      const block = this.cells[cell] as Block;
      this.block = block;
      const start = block.map.longestHole >= n ? block.map.takeHole(n) : block.map.takeTail(n);
      this.offer(block, this.available(block));
      return start;
    }
    const current = this.current;
    if (current !== undefined && current.map.tailLength >= n) {
      // Most often it is already, and to write a reference takes longer than to compare it.
      if (this.block !== current) this.block = current;
      return current.map.takeTail(n);
    }
    const empty = this.empty;
    if (empty !== undefined && empty.map.tailLength >= n) {
      this.empty = undefined;
      return this.takeFirst(empty, n);
    }
    return -1;
  }

  /** The size in bytes that a new block with room for `n` granules should have. */
  nextBlockSize(n: number): number {
    const doubled = Math.min(this.reserved, this.blockSize * 2);
    const grown = Math.min(Math.max(this.reserved / growthDivisor, doubled), largestGrownBlock);
    const needed = (n + this.padding) * this.granularity;
    return alignUp(Math.max(grown, needed), this.blockSize);
  }

  /** A block on a new mapping, not yet among this pool's, but there is room for it. */
  blockOn(mapping: BlockMapping): Block {
    if (this.vacantCells.length === 0 && this.cells.length >= this.capacity) this.widenIndex();
    return new Block(mapping, this, this.padding);
  }

  /** Adds a new block, takes `n` granules in it and gives the first. */
  takeInNew(block: Block, n: number): number {
    this.enter(block);
    return this.takeFirst(block, n);
  }

  /**
   * The block that is to be unmapped when the only span of `block`, of `n` granules, is released: the pool
   * keeps one empty block. Of two it keeps the smaller, unless that couldn't serve the span just released: so
   * a loop of allocate and release settles on a block that fits, and a workload that shrinks does not hold on
   * to its largest block.
   */
  surplusWhenEmptied(block: Block, n: number): Block | undefined {
    const other = this.empty;
    if (other === undefined) return undefined;
    return other.map.tailLength >= n && other.mapping.size <= block.mapping.size ? block : other;
  }

  /** Notes that granules of `block` were freed. */
  freed(block: Block): void {
    if (block.map.spanCount > 0) {
      if (!block.map.isUncounted) this.offer(block, this.available(block));
      else if (!block.listed) this.list(block);
      return;
    }
    invariant(this.empty === undefined, 'a pool keeps a single empty block');
    this.empty = block;
    this.offer(block, 0);
    if (this.current === block) this.current = undefined;
  }

  /** Takes a block out, to be unmapped. */
  remove(block: Block): void {
    if (this.current === block) this.current = undefined;
    if (this.empty === block) this.empty = undefined;
    if (this.block === block) this.block = undefined;
    this.offer(block, 0);
    this.unlist(block);
    this.cells[block.cell] = undefined;
    this.vacantCells.push(block.cell);
    this.reserved -= block.mapping.size;
  }

  /** Takes a block in again that could not be unmapped. */
  restore(block: Block): void {
    this.recountCells();
    this.enter(block);
    this.place(block);
  }

  /** Whether the block is one of this pool's. */
  has(block: Block): boolean {
    return this.cells[block.cell] === block;
  }

  /** Ends a change that was cut off, in whatever state it was, and derives anew what follows from the blocks. */
  rebuild(): void {
    this.recountCells();
    const blocks = this.blocks();
    for (const { map } of blocks) if (map.changingEnd !== 0) map.rebuild();
    const isEmpty = ({ map }: Block) => map.spanCount === 0;
    if (this.empty === undefined || !isEmpty(this.empty)) this.empty = blocks.find(isEmpty);
    if (this.current !== undefined && isEmpty(this.current)) this.current = undefined;
    this.index = indexOver(this.capacity);
    this.listed = bitSetBelow(this.capacity);
    for (const block of blocks) {
      block.listed = false;
      block.offered = 0;
      if (block !== this.empty) this.offer(block, this.available(block));
    }
  }

  /** The block that a reset should keep. */
  blockToKeep(): Block | undefined {
    if (this.empty !== undefined) return this.empty;
    return this.blocks().reduce<Block | undefined>(
      (smallest, block) => (smallest && smallest.mapping.size <= block.mapping.size ? smallest : block),
      undefined,
    );
  }

  /** Forgets the spans of a block that stays mapped, and offers the whole of it. */
  clear(block: Block): void {
    block.reset();
    if (this.current === block) this.current = undefined;
    this.place(block);
  }

  /** The pool's blocks, oldest cell first. */
  blocks(): Block[] {
    return this.cells.filter((block) => block !== undefined);
  }

  /** Walks everything; throws an `InvariantError` that names the first contradiction. */
  verify(): void {
    let reserved = 0;
    for (const [cell, block] of this.cells.entries()) {
      if (block === undefined) {
        invariant(this.vacantCells.includes(cell), `cell ${cell} is vacant and not listed`);
        invariant(this.index.get(cell) === 0, `the index offers the vacant cell ${cell}`);
        continue;
      }
      invariant(block.pool === this && block.cell === cell, `the block in cell ${cell} belongs elsewhere`);
      invariant(block.map.first === this.padding, `the block in cell ${cell} has the wrong padding`);
      invariant(
        block.map.granules * this.granularity === block.mapping.size,
        `the map of the block in cell ${cell} has another size than its mapping`,
      );
      invariant(block.map.changingEnd === 0, `a change of the block in cell ${cell} has not ended`);
      block.map.verify();
      reserved += block.mapping.size;
      const offered = this.index.get(cell);
      invariant(offered === block.offered, `the block in cell ${cell} is offered otherwise than it notes`);
      const isListed = this.listed.from(cell) === cell;
      invariant(isListed === block.listed, `the block in cell ${cell} is listed otherwise than it notes`);
      invariant(isListed || !block.map.isUncounted, `the block in cell ${cell} is uncounted and not listed`);
      if (!isListed) {
        const available = block === this.empty ? 0 : this.available(block);
        invariant(
          offered === available,
          `the index offers ${offered} granules of cell ${cell}, not ${available}`,
        );
      }
    }
    invariant(this.someListed || this.listed.from(0) < 0, 'a block is listed that no allocation looks for');
    invariant(
      reserved === this.reserved,
      `${this.reserved} reserved bytes are counted, ${reserved} are there`,
    );
    const fault = this.index.fault();
    invariant(fault === undefined, `the index of blocks is wrong: ${fault}`);
    for (const block of [this.current, this.empty]) {
      invariant(
        block === undefined || this.cells[block.cell] === block,
        'a block set apart is not in its pool',
      );
    }
    invariant(this.empty === undefined || this.empty !== this.current, 'the empty block is being filled');
    invariant(this.empty === undefined || this.empty.map.spanCount === 0, 'the empty block holds spans');
  }

  /** Gives a block a cell, of which there is one. */
  private enter(block: Block): void {
    const cell = this.vacantCells.pop() ?? this.cells.length;
    block.cell = cell;
    block.offered = 0;
    this.cells[cell] = block;
    this.reserved += block.mapping.size;
  }

  /** Derives anew which cells are vacant, and what is reserved, from the blocks: where one left, that may have been cut off. */
  private recountCells(): void {
    this.vacantCells.length = 0;
    this.reserved = 0;
    for (const [cell, block] of this.cells.entries()) {
      if (block === undefined) this.vacantCells.push(cell);
      else this.reserved += block.mapping.size;
    }
  }

  /** Sets a block that is not being filled apart, if it is empty and no other is; else offers it. */
  private place(block: Block): void {
    if (block.map.spanCount === 0 && (this.empty === undefined || this.empty === block)) {
      this.empty = block;
      this.offer(block, 0);
    } else {
      this.offer(block, this.available(block));
    }
  }

  /** Puts the block into the index with a longest free run of `n` granules. */
  private offer(block: Block, n: number): void {
    if (block.offered === n) return;
    block.offered = n;
    this.index.set(block.cell, n);
  }

  private list(block: Block): void {
    this.listed.add(block.cell);
    block.listed = true;
    this.someListed = true;
  }

  /** The oldest cell that the index offers for `n` granules, -1 if there is none. */
  private offering(n: number): number {
    return this.index.max >= n ? this.index.find(n) : -1;
  }

  /** The same, when listed blocks are counted as far as it takes to know: the oldest first. */
  private countFor(n: number): number {
    let offering = this.offering(n);
    for (let cell = this.listed.from(0); cell >= 0; cell = this.listed.from(cell + 1)) {
      if (offering >= 0 && offering < cell) return offering;
      const block = this.cells[cell] as Block;
      this.count(block);
      if (block.offered >= n) return cell;
      // It may have less than it offered: a hole of the block being filled has become part of its tail.
      if (offering === cell) offering = this.offering(n);
    }
    this.someListed = false;
    return offering;
  }

  /** Offers what is free indeed in a listed block. */
  private count(block: Block): void {
    this.place(block);
    this.unlist(block);
  }

  private unlist(block: Block): void {
    this.listed.remove(block.cell);
    block.listed = false;
  }

  /** The longest free run in a block that an allocation may take. */
  private available(block: Block): number {
    const hole = block.map.longestHole;
    return block === this.current ? hole : Math.max(hole, block.map.tailLength);
  }

  /** Takes the first span of an empty block that the index doesn't know, and finds the block its place. */
  private takeFirst(block: Block, n: number): number {
    const start = block.map.takeTail(n);
    const previous = this.current;
    if (previous?.listed) this.count(previous);
    // The longer tail is the better one to fill from.
    if (previous === undefined || previous.map.tailLength <= block.map.tailLength) {
      this.current = block;
      if (previous !== undefined) this.offer(previous, this.available(previous));
    }
    this.offer(block, this.available(block));
    this.block = block;
    return start;
  }

  private widenIndex(): void {
    const capacity = this.capacity * 8;
    const index = indexOver(capacity);
    const listed = bitSetBelow(capacity);
    for (const { cell, offered, listed: isListed } of this.blocks()) {
      index.set(cell, offered);
      if (isListed) listed.add(cell);
    }
    this.index = index;
    this.listed = listed;
    this.capacity = capacity;
  }
}

function indexOver(cells: number): MaxTree {
  return new MaxTree(new Int32Array(MaxTree.wordCount(cells)), 0, cells);
}

function bitSetBelow(bound: number): BitSet {
  return new BitSet(new Int32Array(BitSet.wordCount(bound)), 0, bound);
}
