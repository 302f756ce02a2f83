import type { ResultArray } from './foreign-outputs.ts';
import { fullBitmap } from './validity.ts';

/** Results with missing values, which is also a column. */
export interface NullableArray<Values extends ResultArray = ResultArray> {
  /** NaN, or what that is as an integer, in the place of missing values. */
  readonly values: Values;
  /** Arrow's bitmap: bit `row`, least significant first, is set where the row's value is there. Bits behind the last row are 0. */
  readonly validity: Uint8Array;
}

/** Results of which none is missing. */
export function complete(arrays: readonly ResultArray[], rows: number): NullableArray[] {
  return arrays.map((values) => ({ values, validity: fullBitmap(rows) }));
}

/** The results that are there. */
export function thereOf({ values, validity }: NullableArray): Float64Array {
  const there = new Float64Array(values.length);
  let count = 0;
  for (let row = 0; row < there.length; row++) {
    if (((validity[row >>> 3] as number) >> (row & 7)) & 1) there[count++] = values[row] as number;
  }
  return there.subarray(0, count);
}
