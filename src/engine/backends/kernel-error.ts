import { CodedError } from '../../support/coded-error.ts';

/** What does not fit. */
export type KernelErrorCode =
  /** The object of columns lacks a parameter. */
  | 'E_MISSING_COLUMN'
  /** The object of columns, or of outputs, has a name that the kernel does not know. */
  | 'E_UNKNOWN_COLUMN'
  /** Two arrays of one run have different lengths. */
  | 'E_LENGTH_MISMATCH'
  /** No array and no option says how many rows there are. */
  | 'E_LENGTH_UNKNOWN'
  /** An array's buffer was detached, or a resizable one was shrunk away from the array. */
  | 'E_DETACHED'
  /** The array for the results is shorter than the columns. */
  | 'E_OUT_TOO_SMALL'
  /** The array for the results shares memory with another array without being the same elements. */
  | 'E_OVERLAP'
  /** A row asked for another that there is not, and the run takes that for an error. */
  | 'E_EDGE'
  /** The window of a rolling function is no whole number of rows, or not the same in all rows. */
  | 'E_WINDOW'
  /** The share of a quantile is no number from 0 to 1, or not the same in all rows. */
  | 'E_SHARE'
  /** A function of whole columns was called with numbers. */
  | 'E_ROWS_ONLY';

/** The columns or outputs given to a kernel do not fit it, or each other. Nothing was computed or written. */
export class KernelError extends CodedError<KernelErrorCode> {
  override readonly name = 'KernelError';
}
