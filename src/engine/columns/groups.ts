/**
 * Reductions by groups. The results of all rows are added to their groups in TypeScript, row by row and in order of the rows; so the bits are those of a plain loop, whatever computed the results.
 *
 * A result that is missing becomes what its kind of reduction begins with, which changes no group, and does not count for a mean.
 */
import { describeClass, describeValue } from '../../support/describe-value.ts';
import { elementAt } from '../../support/element.ts';
import {
  setTypedArray,
  typedArrayBuffer,
  typedArrayLength,
  typedArrayOffset,
} from '../../support/intrinsics.ts';
import { requireOneOf } from '../../support/options.ts';
import { isTrue } from '../../support/truth.ts';
import { type BoundColumns, requireElements } from '../backends/bound-columns.ts';
import {
  copyOf,
  elementCode,
  type NumericArray,
  outputTypeOf,
  rowsOf,
  sizeOf,
} from '../backends/column-types.ts';
import { KernelError } from '../backends/kernel-error.ts';
import type { AsyncRunOptions } from '../backends/loaded-kernel.ts';
import type { ColumnKernels } from './column-kernels.ts';
import { doubles, requestNumbers } from './kernel-outputs.ts';
import { presences } from './validity.ts';

export const groupKinds = Object.freeze([
  'sum',
  'mean',
  'min',
  'max',
  'prod',
  'any',
  'all',
  'count',
] as const);
/** What each group can be condensed to. */
export type GroupKind = (typeof groupKinds)[number];

/** Rows whose results are there at a time. */
const rowsAtOnce = 4096;

/** More would have no array. */
const mostGroups = 2 ** 32 - 1;

export interface Grouping {
  readonly kind: GroupKind;
  /** The number of each row's group. */
  readonly by: NumericArray;
  readonly groups: number;
}

/** @throws TypeError or RangeError for what cannot be grouped by. */
export function groupingOf(kind: unknown, by: unknown, groups: unknown): Grouping {
  requireOneOf('kind', kind, groupKinds);
  const code = elementCode(by);
  const type = code < 0 ? undefined : outputTypeOf(code);
  if (type === undefined || type === 'f64' || type === 'f32') {
    throw new TypeError(`by must be a typed array of integers, not ${describeClass(by)}`);
  }
  if (!Number.isInteger(groups) || (groups as number) < 0 || (groups as number) > mostGroups) {
    throw new RangeError(`groups must be an integer from 0 to ${mostGroups}, not ${describeValue(groups)}`);
  }
  return { kind, by: by as NumericArray, groups: groups as number };
}

/** @throws KernelError unless there is a key for each row. */
export function requireKeys({ by }: Grouping, rows: number): void {
  const length = typedArrayLength(by);
  if (length === rows) return;
  throw new KernelError('E_LENGTH_MISMATCH', `by has ${length} elements, and there are ${rows} rows`);
}

/** Rows whose results are computed before they are added: they are in the cache then. */
const rowsPerPart = 8192;

/**
 * Computes the results of all rows, some at a time where that can be, and adds them to their groups.
 *
 * @throws RangeError for a key that is the number of no group, KernelError where the keys are gone.
 */
export function mapToGroups(
  grouping: Grouping,
  kernels: ColumnKernels,
  bound: BoundColumns,
  rows: number,
): Float64Array {
  const sums = new GroupSums(grouping);
  const memory = new Float64Array(Math.min(rows, rowsPerPart));
  for (let row = 0; row < rows; row += rowsPerPart) {
    const count = Math.min(rows - row, rowsPerPart);
    const part = kernels.partOf(bound, row, row + count);
    if (part === undefined) {
      sums.add(resultsOf(kernels, bound, undefined, rows), 0, rows);
      break;
    }
    sums.add(resultsOf(kernels, part, memory, count), row, count);
  }
  return sums.finish();
}

/** As {@link mapToGroups}, in other threads, of keys that nobody else changes. */
export async function mapToGroupsAsync(
  grouping: Grouping,
  kernels: ColumnKernels,
  bound: BoundColumns,
  rows: number,
  options: AsyncRunOptions,
): Promise<Float64Array> {
  const sums = new GroupSums(grouping);
  if (bound.validities === undefined) {
    const results = await kernels.mapAsync(bound, [doubles], rows, options);
    sums.add({ values: elementAt(results, 0) as Float64Array, validity: undefined }, 0, rows);
  } else {
    const results = await kernels.mapNullableAsync(bound, [doubles], rows, options);
    sums.add(elementAt(results, 0) as Results, 0, rows);
  }
  return sums.finish();
}

interface Results {
  readonly values: Float64Array;
  /** Of the rows that are there; undefined where all are. */
  readonly validity: Uint8Array | undefined;
}

function resultsOf(
  kernels: ColumnKernels,
  bound: BoundColumns,
  memory: Float64Array | undefined,
  rows: number,
): Results {
  if (bound.validities === undefined) {
    return { values: kernels.mapOne(bound, 'f64', memory, rows) as Float64Array, validity: undefined };
  }
  return elementAt(kernels.mapNullable(bound, [requestNumbers('f64', memory)], rows), 0) as Results;
}

/** A copy of the keys, which nobody else changes. */
export function keepKeys({ kind, by, groups }: Grouping): Grouping {
  return { kind, by: copyOf(by), groups };
}

class GroupSums {
  readonly #grouping: Grouping;
  readonly #values: Float64Array;
  /** Of a mean: the rows of each group. */
  readonly #counts: Float64Array | undefined;
  /** Of the rows at hand, where they are no words; negative ones are beyond all groups. */
  #keys: Uint32Array | undefined = undefined;
  /** Of a mean: which of the rows at hand are there. */
  #there: Float64Array | undefined = undefined;

  constructor(grouping: Grouping) {
    const { kind, groups } = grouping;
    this.#grouping = grouping;
    this.#values = new Float64Array(groups);
    const start = identities[kind];
    if (start !== 0) for (let i = 0; i < groups; i++) this.#values[i] = start;
    this.#counts = kind === 'mean' ? new Float64Array(groups) : undefined;
  }

  /** Results of so many rows, from `first` on. What stands in the place of missing ones is overwritten. */
  add({ values, validity }: Results, first: number, count: number): void {
    const { kind, by, groups } = this.#grouping;
    const isThere = validity && presences([{ bytes: validity, offset: 0 }], count);
    if (isThere !== undefined) replaceMissing(values, isThere, identities[kind]);
    for (let done = 0; done < count; done += rowsAtOnce) {
      const few = Math.min(rowsAtOnce, count - done);
      const keys = this.#keysOf(by, first + done, few);
      const wrong = adders[kind](this.#values, keys, values, done, few);
      if (wrong < few) throw this.#noGroup(first + done + wrong, groups);
      if (this.#counts === undefined) continue;
      const counted = isThere === undefined ? ones : this.#doublesOf(isThere.subarray(done, done + few));
      adders.count(this.#counts, keys, counted, 0, few);
    }
  }

  finish(): Float64Array {
    const counts = this.#counts;
    if (counts === undefined) return this.#values;
    for (let i = 0; i < counts.length; i++)
      this.#values[i] = (this.#values[i] as number) / (counts[i] as number);
    return this.#values;
  }

  /** Of so many rows, as unsigned words: where they are, if they are words. */
  #keysOf(by: NumericArray, first: number, count: number): Uint32Array {
    const given = elementsOf(by, 'by', first, count);
    if (sizeOf(elementCode(given)) === Uint32Array.BYTES_PER_ELEMENT) {
      return new Uint32Array(typedArrayBuffer(given), typedArrayOffset(given), count);
    }
    this.#keys ??= new Uint32Array(rowsAtOnce);
    setTypedArray(this.#keys, given);
    return this.#keys;
  }

  /** In the type of results, so that one loop counts both. */
  #doublesOf(isThere: Uint8Array): Float64Array {
    this.#there ??= new Float64Array(rowsAtOnce);
    setTypedArray(this.#there, isThere);
    return this.#there;
  }

  #noGroup(row: number, groups: number): RangeError {
    const key = elementAt(elementsOf(this.#grouping.by, 'by', row, 1), 0);
    return new RangeError(`by[${row}] is ${key}, and groups are numbered from 0 to ${groups - 1}`);
  }
}

function replaceMissing(values: Float64Array, isThere: Uint8Array, by: number): void {
  for (let row = 0; row < isThere.length; row++) if (isThere[row] === 0) values[row] = by;
}

const ones = new Float64Array(rowsAtOnce).fill(1);

/** What a group without rows gives; a mean of these is NaN. */
const identities: Readonly<Record<GroupKind, number>> = Object.freeze({
  sum: 0,
  mean: 0,
  prod: 1,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
  count: 0,
  any: 0,
  all: 1,
});

/** Gives how many rows it has added: less than `count` if the next one has a key beyond the groups. */
type Adder = (
  into: Float64Array,
  keys: Uint32Array,
  results: Float64Array,
  first: number,
  count: number,
) => number;

/** Four rows at a time, so that what is read for one need not wait for what the row before has written. */
function addSums(into: Float64Array, keys: Uint32Array, results: Float64Array, first: number, count: number) {
  const groups = into.length;
  let i = 0;
  for (; i + 3 < count; i += 4) {
    const a = keys[i] as number;
    const b = keys[i + 1] as number;
    const c = keys[i + 2] as number;
    const d = keys[i + 3] as number;
    if (a >= groups || b >= groups || c >= groups || d >= groups) break;
    const p = results[first + i] as number;
    const q = results[first + i + 1] as number;
    const r = results[first + i + 2] as number;
    const s = results[first + i + 3] as number;
    into[a] = (into[a] as number) + p;
    into[b] = (into[b] as number) + q;
    into[c] = (into[c] as number) + r;
    into[d] = (into[d] as number) + s;
  }
  for (; i < count; i++) {
    const key = keys[i] as number;
    if (key >= groups) return i;
    into[key] = (into[key] as number) + (results[first + i] as number);
  }
  return count;
}

/** A loop of its own for each kind: V8 compiles each for itself. */
const adders: Readonly<Record<GroupKind, Adder>> = Object.freeze({
  sum: addSums,
  mean: addSums,
  prod(into, keys, results, first, count) {
    for (let i = 0; i < count; i++) {
      const key = keys[i] as number;
      if (key >= into.length) return i;
      into[key] = (into[key] as number) * (results[first + i] as number);
    }
    return count;
  },
  min(into, keys, results, first, count) {
    for (let i = 0; i < count; i++) {
      const key = keys[i] as number;
      if (key >= into.length) return i;
      into[key] = Math.min(into[key] as number, results[first + i] as number);
    }
    return count;
  },
  max(into, keys, results, first, count) {
    for (let i = 0; i < count; i++) {
      const key = keys[i] as number;
      if (key >= into.length) return i;
      into[key] = Math.max(into[key] as number, results[first + i] as number);
    }
    return count;
  },
  count(into, keys, results, first, count) {
    for (let i = 0; i < count; i++) {
      const key = keys[i] as number;
      if (key >= into.length) return i;
      if (isTrue(results[first + i] as number)) into[key] = (into[key] as number) + 1;
    }
    return count;
  },
  any(into, keys, results, first, count) {
    for (let i = 0; i < count; i++) {
      const key = keys[i] as number;
      if (key >= into.length) return i;
      if (isTrue(results[first + i] as number)) into[key] = 1;
    }
    return count;
  },
  all(into, keys, results, first, count) {
    for (let i = 0; i < count; i++) {
      const key = keys[i] as number;
      if (key >= into.length) return i;
      if (!isTrue(results[first + i] as number)) into[key] = 0;
    }
    return count;
  },
} satisfies Record<GroupKind, Adder>);

/** Elements of an array, on its memory. */
function elementsOf(array: NumericArray, name: string, first: number, count: number): NumericArray {
  requireElements(array, first + count, name);
  return rowsOf(array, first, first + count);
}
