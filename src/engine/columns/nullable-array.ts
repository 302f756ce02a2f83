import type { ResultArray } from './foreign-outputs.ts';

/** Results with missing values, which is also a column. */
export interface NullableArray<Values extends ResultArray = ResultArray> {
  /** NaN, or what that is as an integer, in the place of missing values. */
  readonly values: Values;
  /** Arrow's bitmap: bit `row`, least significant first, is set where the row's value is there. Bits behind the last row are 0. */
  readonly validity: Uint8Array;
}
