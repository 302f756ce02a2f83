/** The columns of a case, the same in every peer: `columns-python.py` makes them, too. */
import { type ColumnCase, groupCount } from '../columns.cases.ts';
import { columnValue } from '../kernels.workloads.ts';

/** The first of the columns of hashes that say where values are missing. */
const missingColumn = 100;
/** Coprime to the number of keys, so that each has its rows. */
const keyStride = 7919;

/** How many elements of each end of a result are compared between processes. */
export const endCount = 64;

export interface ColumnData {
  readonly values: ReadonlyMap<string, Float64Array>;
  /** Bitmaps of where there are values, as in Arrow. */
  readonly bits: ReadonlyMap<string, Uint8Array>;
  readonly keys: Int32Array;
}

let last: { readonly columns: unknown; readonly length: number; readonly data: ColumnData } | undefined;

/** The same arrays for whoever asks next: peers that take turns would each begin with what the others have driven out of the caches. */
export function columnData(each: ColumnCase, length: number): ColumnData {
  const { columns } = each;
  if (last?.columns !== columns || last.length !== length) {
    last = { columns, length, data: makeColumns(each, length) };
  }
  return last.data;
}

function makeColumns({ columns, missing, decades }: ColumnCase, length: number): ColumnData {
  const values = new Map<string, Float64Array>();
  const bits = new Map<string, Uint8Array>();
  for (const [column, [name, range]] of Object.entries(columns).entries()) {
    const own = new Float64Array(length);
    for (let row = 0; row < length; row++) {
      const value = columnValue(row, column, range);
      own[row] = decades === true ? 10 ** value : value;
    }
    values.set(name, own);
    if (missing === undefined) continue;
    const there = new Uint8Array(Math.ceil(length / 8));
    for (let row = 0; row < length; row++) {
      const isThere = columnValue(row, missingColumn + column, [0, 1]) >= missing;
      if (isThere) there[row >> 3] = (there[row >> 3] as number) | (1 << (row & 7));
    }
    bits.set(name, there);
  }
  const keys = new Int32Array(length);
  for (let row = 0; row < length; row++) keys[row] = (row * keyStride) % groupCount;
  return { values, bits, keys };
}

/** How many numbers come out. */
export function resultLength({ way }: ColumnCase, length: number): number {
  return way.startsWith('map') ? length : way === 'sums of groups' ? groupCount : 1;
}

/** Both ends of a result, where other things happen than in the middle. */
export function endsOf(result: Float64Array): readonly number[] {
  return [...result.subarray(0, endCount), ...result.subarray(-endCount)];
}
