/**
 * What the inspector shows: plain data, taken at one moment, sent to the page as JSON. Sizes are in bytes,
 * times in milliseconds since the inspector began to look, addresses numbers below 2^53.
 */
export interface Snapshot {
  readonly time: number;
  readonly backend: string;
  readonly memory: MemoryCounters;
  readonly counters: { readonly compiled: number; readonly released: number; readonly cached: number };
  readonly blocks: readonly BlockSnapshot[];
  /** Largest first. */
  readonly functions: readonly FunctionSnapshot[];
  /** Functions that exist, of which `functions` may list only the largest. */
  readonly functionCount: number;
}

export interface MemoryCounters {
  readonly blockCount: number;
  readonly allocationCount: number;
  readonly usedSize: number;
  readonly reservedSize: number;
  readonly overheadSize: number;
}

export interface BlockSnapshot {
  readonly address: number;
  readonly size: number;
  /** Bytes; tells the pool. */
  readonly granularity: number;
  /** Used runs as offset and size, ascending. */
  readonly runs: readonly (readonly [offset: number, size: number])[];
}

export interface FunctionSnapshot {
  readonly id: number;
  readonly name: string;
  readonly address: number;
  readonly size: number;
  /** When it was compiled; null if that was before the inspector began to look. */
  readonly born: number | null;
  /** Null for what is not counted, since it was compiled before. */
  readonly calls: number | null;
}

/** What a click on a function shows. */
export interface FunctionDetail {
  readonly id: number;
  readonly source: string;
  readonly ir: string;
  readonly listing: string;
}

/** A snapshot as the page gets it. */
export type NamedSnapshot = Snapshot & Pick<InspectSource, 'id' | 'name'>;

/** Where an inspector gets its data; an engine is one. */
export interface InspectSource {
  readonly id: number;
  readonly name: string;
  /** Undefined when there is nothing to look at any more. */
  snapshot(): Snapshot | undefined;
  /** Undefined once the function was released. */
  detail(id: number): FunctionDetail | undefined;
}
