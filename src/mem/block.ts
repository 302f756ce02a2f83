import type { Address } from '../native/address.ts';
import { GranuleMap } from './granule-map.ts';
import { Span, SpanFlags } from './span.ts';

/** What the backend gave for one block. */
export interface BlockMapping {
  readonly rx: Address;
  /** Equals `rx` unless the memory is mapped twice. */
  readonly rw: Address;
  /** Bytes. */
  readonly size: number;
  readonly dual: boolean;
  readonly largePages: boolean;
}

/** What a block asks of the pool that it belongs to, and others through it. */
export interface BlockPool {
  /** Bytes, a power of two. */
  readonly granularity: number;
  /** log2 of the granularity. */
  readonly shift: number;
  has(block: Block): boolean;
  freed(block: Block): void;
  remove(block: Block): void;
  restore(block: Block): void;
  surplusWhenEmptied(block: Block, length: number): Block | undefined;
}

let serials = 0;

/** A mapping and which of its granules are free. */
export class Block {
  declare readonly mapping: BlockMapping;
  declare readonly pool: BlockPool;
  declare readonly rx: Address;
  declare readonly rw: Address;
  /** The lowest 32 bits of `rx`, signed. */
  declare readonly low: number;
  /** Bytes. */
  declare readonly size: number;
  declare readonly map: GranuleMap;
  /** Bytes. */
  declare readonly granularity: number;
  /** log2 of the granularity. */
  declare readonly shift: number;
  declare readonly spanFlags: number;
  /** Number of this block in its pool's index of blocks; kept while the block lives, then given to another. */
  cell = -1;
  /** What the pool's index holds for this block: a copy, since it is compared far more often than it changes. */
  offered = 0;
  /** Bytes that were moved onto huge pages. */
  collapsedSize = 0;
  /** Its pool has noted that spans were released into it. */
  listed = false;
  /** Never the same for two blocks, of whatever allocator, nor for one block before and after a reset. */
  declare serial: number;

  constructor(mapping: BlockMapping, pool: BlockPool, padding: number) {
    this.mapping = mapping;
    this.pool = pool;
    this.granularity = pool.granularity;
    this.shift = pool.shift;
    this.rx = mapping.rx;
    this.rw = mapping.rw;
    this.low = mapping.rx | 0;
    this.size = mapping.size;
    this.map = new GranuleMap(mapping.size / pool.granularity, padding);
    this.spanFlags =
      (mapping.dual ? SpanFlags.DualMapped : 0) | (mapping.largePages ? SpanFlags.LargePages : 0);
    this.serial = serials++;
  }

  /** Forgets all spans. */
  reset(): void {
    this.map.reset();
    this.serial = serials++;
  }

  /** The span of `length` granules at `start`: the present one, or that of so many generations later. */
  spanAt(start: number, length: number, later = 0): Span {
    const granularity = this.granularity;
    const offset = start * granularity;
    return new Span(
      (this.rx + offset) as Address,
      (this.rw + offset) as Address,
      length * granularity,
      this.spanFlags,
      this.ticketAt(start, later),
      start,
    );
  }

  /** Identifies the span that starts at `granule` among all that ever did. */
  ticketAt(granule: number, later = 0): number {
    return this.serial * 16 + ((this.map.generationAt(granule) + later) & 15);
  }
}
