import { Table, type Vector } from 'apache-arrow';
import type {
  ColumnFunction,
  Columns,
  Kernel,
  LengthOption,
  NullableArray,
  ResultArray,
  ResultArrays,
} from '../browser.ts';
import { columnsOf, isTable, type TableLike } from './columns-of.ts';
import { toBools, toVector, type VectorTypes } from './to-vector.ts';

/** As of `map`; `mask` gives a vector of truth values. */
export interface VectorOptions<Type extends keyof ResultArrays = 'f64'> extends LengthOption {
  readonly type?: Type;
}

/** A function with names for its parameters, as `compile` gives it. */
type MappedFunction<Parameters extends readonly string[]> = ColumnFunction<Parameters> & {
  readonly parameters: readonly string[];
};

/**
 * `map` to a vector, with nulls where results are missing. Of a table the columns are taken that are called like parameters.
 *
 * @throws what `map` throws.
 *
 * @example
 * const total = mapVector(compile('price * quantity', ['price', 'quantity']), table);
 */
export function mapVector<
  const Parameters extends readonly string[],
  Type extends keyof ResultArrays = 'f64',
>(
  f: MappedFunction<Parameters>,
  columns: Columns<Parameters> | TableLike,
  options?: VectorOptions<Type>,
): Vector<VectorTypes[Type]> {
  const given = isTable(columns) ? columnsOf(columns, f.parameters) : columns;
  const result = f.map(given as Columns<Parameters>, { ...options, nulls: 'bitmap' }) as NullableArray;
  return asVector(result, options?.type) as Vector<VectorTypes[Type]>;
}

/**
 * The same of a kernel: a table with a column for each output.
 *
 * @throws what `map` throws.
 */
export function mapTable<Outputs extends string>(
  kernel: Kernel<readonly string[], Outputs>,
  columns: Columns<readonly string[]> | TableLike,
  options?: LengthOption & {
    readonly type?: keyof ResultArrays | { readonly [Name in Outputs]?: keyof ResultArrays };
  },
): Table {
  const given = isTable(columns) ? columnsOf(columns, kernel.parameters) : columns;
  const results = kernel.map(given, { ...options, nulls: 'bitmap' }) as Readonly<
    Record<string, NullableArray>
  >;
  const type = options?.type;
  return new Table(
    Object.fromEntries(
      kernel.outputs.map((name) => [
        name,
        asVector(results[name] as NullableArray, typeof type === 'object' ? type[name] : type),
      ]),
    ),
  );
}

function asVector(result: NullableArray, type: keyof ResultArrays | undefined): Vector {
  return type === 'mask'
    ? toBools(result as NullableArray<Uint8Array>)
    : (toVector<ResultArray>(result) as Vector);
}
