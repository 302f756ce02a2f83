/** What an allocator holds; sizes in bytes. A snapshot, exact when taken. */
export interface Statistics {
  /** Blocks mapped. */
  readonly blockCount: number;
  /** Spans that are live. */
  readonly allocationCount: number;
  /** Bytes in live spans, each rounded up to its pool's granularity. */
  readonly usedSize: number;
  /** Bytes in blocks; memory that is mapped twice counts once. */
  readonly reservedSize: number;
  /** `reservedSize - usedSize`: free runs and the padding of blocks. */
  readonly unusedSize: number;
  /** Bytes of bookkeeping on the JavaScript side: arrays exactly, objects by estimate. None of it is executable. */
  readonly overheadSize: number;
  /** Fractions of `reservedSize`, 0 if nothing is reserved. */
  readonly usedRatio: number;
  readonly unusedRatio: number;
  readonly overheadRatio: number;
}

/** One block, for pictures and tools. */
export interface BlockInfo {
  /** Where the block is executable. */
  readonly address: number;
  /** Where it is writable; equals `address` unless it is mapped twice. */
  readonly rw: number;
  /** Bytes. */
  readonly size: number;
  /** Bytes in live spans. */
  readonly usedSize: number;
  /** Index into the allocator's `pools`. */
  readonly pool: number;
  /** Bytes. */
  readonly granularity: number;
  readonly largePages: boolean;
  /** The live spans by address, each as a run of bytes from the block's start. */
  readonly spans: readonly { readonly offset: number; readonly size: number }[];
}
