import type { Address } from '../native/address.ts';
import { GranuleMap } from './granule-map.ts';
import type { Pool } from './pool.ts';
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

/** A mapping and which of its granules are free. */
export class Block {
  readonly mapping: BlockMapping;
  readonly pool: Pool;
  readonly rx: Address;
  readonly rw: Address;
  readonly map: GranuleMap;
  readonly spanFlags: number;
  /** Number of this block in its pool's index of blocks; kept while the block lives, then given to another. */
  readonly cell: number;
  /** Never the same for two blocks, nor for one block before and after a reset. */
  serial: number;

  constructor(
    mapping: BlockMapping,
    pool: Pool,
    cell: number,
    serial: number,
    padding: number,
    generations: boolean,
  ) {
    this.mapping = mapping;
    this.pool = pool;
    this.rx = mapping.rx;
    this.rw = mapping.rw;
    this.map = new GranuleMap(mapping.size / pool.granularity, padding, generations);
    this.spanFlags =
      (mapping.dual ? SpanFlags.DualMapped : 0) | (mapping.largePages ? SpanFlags.LargePages : 0);
    this.cell = cell;
    this.serial = serial;
  }

  /** The span of `length` granules at `start`. */
  spanAt(start: number, length: number): Span {
    const granularity = this.pool.granularity;
    const offset = start * granularity;
    return new Span(
      (this.rx + offset) as Address,
      (this.rw + offset) as Address,
      length * granularity,
      this.spanFlags,
      this.ticketAt(start),
    );
  }

  /** Identifies the span that starts at `granule` among all that ever did. */
  ticketAt(granule: number): number {
    return this.serial * 16 + this.map.generationAt(granule);
  }
}
