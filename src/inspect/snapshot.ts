/**
 * What the inspector shows: plain data, taken at one moment, sent to the page as JSON. Sizes are in bytes,
 * times in milliseconds since the engine was made, addresses numbers below 2^53.
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
  readonly pool: number;
  /** Used runs as offset and size, ascending. */
  readonly runs: readonly (readonly [offset: number, size: number])[];
}

export interface FunctionSnapshot {
  readonly id: number;
  readonly name: string;
  readonly address: number;
  readonly size: number;
  /** When it was compiled. */
  readonly born: number;
  readonly calls: number;
}

/** What a click on a function shows. */
export interface FunctionDetail {
  readonly id: number;
  readonly source: string;
  readonly ir: string;
  readonly listing: string;
}

/** Where an inspector gets its data; an engine is one. */
export interface InspectSource {
  readonly name: string;
  snapshot(): Snapshot;
  /** Undefined once the function was released. */
  detail(id: number): FunctionDetail | undefined;
}
