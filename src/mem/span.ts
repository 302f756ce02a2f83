import type { Address } from '../native/address.ts';

/** How a span's memory is mapped. */
export const SpanFlags = Object.freeze({
  None: 0,
  /** Mapped twice: `rx` and `rw` are different addresses of the same memory. */
  DualMapped: 0x01,
  /** On large pages. */
  LargePages: 0x02,
} as const);

/**
 * A piece of executable memory that belongs to whoever allocated it. A span object describes the span as it was
 * when the object was made; the allocator refuses it after the span was released or shrunk.
 */
export class Span {
  /** Where the code runs. Identifies the span: `release` takes it. */
  declare readonly rx: Address;
  /** Where the code is written; equals `rx` unless the block is mapped twice. */
  declare readonly rw: Address;
  /** Bytes, a multiple of the granularity of the span's pool. */
  declare readonly size: number;
  /** {@link SpanFlags}. */
  declare readonly flags: number;
  /**
   * Tells this span from earlier ones at the same place, and the place: the properties above can be
   * overwritten.
   */
  readonly #ticket: number = 0;
  readonly #start: number = 0;

  /** @internal Spans come from `JitAllocator.alloc`, `shrink` and `query`. */
  constructor(rx: Address, rw: Address, size: number, flags: number, ticket: number, start: number) {
    this.rx = rx;
    this.rw = rw;
    this.size = size;
    this.flags = flags;
    this.#ticket = ticket;
    this.#start = start;
  }

  /** @internal Whether the value was made for the span with this ticket that starts at this granule. */
  static isFor(value: unknown, ticket: number, start: number): boolean {
    return isObject(value) && #ticket in value && value.#ticket === ticket && value.#start === start;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
