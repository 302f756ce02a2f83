/**
 * The functions of whole columns, in kernels: what they are called with, and what they mean. They are no reserved words: a function
 * that a program or a host defines under such a name prevails.
 */

/**
 * What the elements of a column are beyond its rows: NaN; the first and the last element, over and over; the column over and over; an
 * error, if a row asks for one.
 */
export type Edges = 'nan' | 'clamp' | 'wrap' | 'error';

/** What a column is condensed to; see `jit/kernel/reductions.ts`. */
export type AggregateKind =
  | 'sum'
  | 'prod'
  | 'mean'
  | 'min'
  | 'max'
  | 'count'
  | 'any'
  | 'all'
  | 'var'
  | 'std'
  | 'median'
  | 'quantile';

/** What becomes of the last rows of a column, at each row. */
export type RollingKind = 'sum' | 'mean' | 'min' | 'max' | 'std';

export interface AggregateFunction {
  readonly kind: 'aggregate';
  readonly aggregate: AggregateKind;
  readonly parameters: readonly string[];
  readonly summary: string;
}

export interface RollingFunction {
  readonly kind: 'rolling';
  readonly rolling: RollingKind;
  readonly parameters: readonly string[];
  readonly summary: string;
}

export interface PreviousFunction {
  readonly kind: 'previous';
  readonly parameters: readonly string[];
  readonly summary: string;
}

/** A function of whole columns. */
export type RowFunction = AggregateFunction | RollingFunction | PreviousFunction;

function aggregate(
  aggregate: AggregateKind,
  summary: string,
  parameters: readonly string[] = ['x'],
): [string, RowFunction] {
  return [aggregate, Object.freeze({ kind: 'aggregate', aggregate, parameters, summary })];
}

function rolling(rolling: RollingKind, what: string): [string, RowFunction] {
  const summary = `The ${what} of x in the last n rows, this one included; NaN as long as there are fewer.`;
  return [`rolling_${rolling}`, Object.freeze({ kind: 'rolling', rolling, parameters: ['x', 'n'], summary })];
}

/** By name. */
export const rowFunctions: ReadonlyMap<string, RowFunction> = new Map<string, RowFunction>([
  aggregate('sum', 'The sum of x over all rows.'),
  aggregate('prod', 'The product of x over all rows.'),
  aggregate('mean', 'The mean of x over all rows.'),
  aggregate('min', 'The least x of all rows; NaN if one is NaN.'),
  aggregate('max', 'The greatest x of all rows; NaN if one is NaN.'),
  aggregate('count', 'In how many rows x is true.'),
  aggregate('any', 'Whether x is true in any row.'),
  aggregate('all', 'Whether x is true in all rows.'),
  aggregate('var', 'The variance of x over all rows: the mean of squared differences from the mean.'),
  aggregate('std', 'The standard deviation of x over all rows: the square root of the variance.'),
  aggregate('median', 'The median of x over all rows.'),
  aggregate('quantile', 'The value of x below which a share q of all rows is.', ['x', 'q']),
  rolling('sum', 'sum'),
  rolling('mean', 'mean'),
  rolling('min', 'least'),
  rolling('max', 'greatest'),
  rolling('std', 'standard deviation'),
  [
    'prev',
    Object.freeze({
      kind: 'previous',
      parameters: ['output', 'seed'],
      summary: 'The result, or the output of that name, in the row before; seed in the first row.',
    }),
  ],
]);
