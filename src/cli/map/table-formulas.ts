import type { Engine } from '../../index.ts';
import { CommandFailure } from '../command.ts';
import { type ColumnFormula, ColumnNames, compileOverColumns } from './columns.ts';

/** A column that is computed. */
export interface Output {
  /** By which those after it know it; undefined: they do not. */
  readonly heading: string | undefined;
  readonly formula: string;
}

/** What is computed of the rows of a table. */
export interface FormulaRequest {
  /** Each may use those before it; all of them have headings, or none. */
  readonly outputs: readonly Output[];
  /** Rows for which this is false are left out. */
  readonly filter: string | undefined;
}

export interface TableFormulas {
  readonly filter: ColumnFormula | undefined;
  /** Those of the outputs. The columns that they add come behind those of the table. */
  readonly formulas: readonly ColumnFormula[];
  /** Indices of the columns of the table that some formula uses, and what stands for the number of the row and how many there are. */
  readonly used: readonly number[];
  /** Whether some formula takes the number of the row, or how many there are. */
  readonly countsRows: boolean;
  /** For each of {@link formulas}, whether its results are truth values. */
  readonly areBoolean: readonly boolean[];
}

/**
 * @throws CommandFailure for an output whose heading a column has; ColumnFormulaError.
 */
export function compileFormulas(
  engine: Engine,
  headings: readonly string[],
  { outputs, filter }: FormulaRequest,
): TableFormulas {
  for (const { heading } of outputs) {
    if (heading !== undefined && headings.includes(heading)) {
      throw new CommandFailure(`there is a column '${heading}' already; see --as`);
    }
  }
  let names = new ColumnNames(headings);
  const compiledFilter = filter === undefined ? undefined : compileOverColumns(engine, filter, names);
  const formulas = outputs.map(({ heading, formula }) => {
    const compiled = compileOverColumns(engine, formula, names);
    if (heading !== undefined) names = names.with(heading);
    return compiled;
  });
  const all = [...formulas, compiledFilter].flatMap((each) => each?.columns ?? []);
  const used = [...new Set(all)].filter((column) => column < headings.length);
  return {
    filter: compiledFilter,
    formulas,
    used,
    countsRows: used.some((column) => column < 0),
    areBoolean: formulas.map(({ isBoolean }) => isBoolean),
  };
}

/** The columns of a formula by the names of its parameters. */
export function namedColumns<Column>(
  { f, columns }: ColumnFormula,
  values: ReadonlyMap<number, Column>,
): Record<string, Column | number> {
  return Object.fromEntries(
    f.parameters.map((name, i) => [name, values.get(columns[i] as number) ?? Number.NaN]),
  );
}

export function rowNumbers(count: number): Uint32Array {
  const rows = new Uint32Array(count);
  for (let row = 0; row < count; row++) rows[row] = row;
  return rows;
}
