/**
 * What the inspector shows: plain data, taken at one moment, sent to the page as JSON. Sizes are in bytes,
 * times in milliseconds since the inspector began to look, addresses numbers below 2^53.
 *
 * A page that names the revision it has gets what changed since then; `engine-model.ts` puts the two together.
 */
export interface Update {
  /** A page that knows less than all asks for what changed since this. */
  readonly revision: number;
  /** Is this everything, and not only what changed? */
  readonly whole: boolean;
  readonly time: number;
  readonly backend: string;
  readonly memory: MemoryCounters;
  readonly counters: {
    readonly compiled: number;
    readonly released: number;
    /** Kernels of several outputs that are there, which are no functions. */
    readonly kernels: number;
    readonly cached: number;
  };
  /** Of all blocks, in the order in which they are shown. */
  readonly blockAddresses: readonly number[];
  /** Those that are new or whose runs changed. */
  readonly blocks: readonly BlockSnapshot[];
  /** Code that is new. */
  readonly added: CodeColumns;
  /** Counts of calls that changed: an id, how often, the next id. */
  readonly calls: readonly number[];
  /** Ids of what is gone. */
  readonly removed: readonly number[];
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
  /** Used runs, ascending: an offset, a size, the next offset. */
  readonly runs: readonly number[];
}

/**
 * What code is: a function that somebody compiled, a loop over the rows of arrays, or a piece of the math library that all code of
 * an engine shares.
 */
export type CodeKind = 'function' | 'kernel' | 'library';

/** By their number in {@link CodeColumns.kinds}. */
export const codeKinds: readonly CodeKind[] = ['function', 'kernel', 'library'];

/** A piece of code. */
export interface Code {
  readonly id: number;
  readonly kind: CodeKind;
  readonly name: string;
  readonly address: number;
  readonly size: number;
  /** When it was compiled; null if that was before the inspector began to look. */
  readonly born: number | null;
  /** Null for what is not counted: what was compiled before, and what is no function. Updates change it. */
  calls: number | null;
  /** Of a kernel the id of the function that it runs, if that is known. */
  readonly owner: number | null;
}

/** Code as columns, which are half as long as objects and quick to write. A number each, but for what is named otherwise. */
export interface CodeColumns {
  readonly ids: readonly number[];
  readonly kinds: readonly number[];
  readonly names: readonly string[];
  readonly addresses: readonly number[];
  readonly sizes: readonly number[];
  readonly born: readonly (number | null)[];
  readonly calls: readonly (number | null)[];
  readonly owners: readonly (number | null)[];
}

/** What a click on a function shows. */
export interface FunctionDetail {
  readonly id: number;
  readonly source: string;
  /** The function of numbers, if it has code or IR, and then the loops over arrays that are loaded. */
  readonly forms: readonly CodeForm[];
}

/** A function of numbers or of arrays, as its IR and its machine code. */
export interface CodeForm {
  readonly label: string;
  readonly ir: readonly CodeLine[];
  /** Empty where there is no machine code. */
  readonly code: readonly CodeLine[];
}

/** A line of IR or of machine code, and what it belongs to. */
export interface CodeLine {
  readonly text: string;
  /** What it computes, by a name that lines of IR and of code have in common; null for labels, constants and the like. */
  readonly value: string | null;
  /** Where in the source that comes from, as offsets; null if nobody knows. */
  readonly span: readonly [start: number, end: number] | null;
}

/** An update as the page gets it. */
export type NamedUpdate = Update & Pick<InspectSource, 'id' | 'name'>;

/** Where an inspector gets its data; an engine is one. */
export interface InspectSource {
  readonly id: number;
  readonly name: string;
  /** All, or what changed since a revision that an earlier update named. Undefined when there is nothing to look at any more. */
  update(since: number | undefined): Update | undefined;
  /** Undefined once the function was released. */
  detail(id: number): FunctionDetail | undefined;
}
