import type { Environment, RowSurroundings } from '../../lang/environment.ts';

/** Names that formulas over columns know without being told: the number of the row, and how many there are. */
export const rowNames: readonly string[] = Object.freeze(['index', 'length']);

/** What a formula may ask of other rows that is the only output. */
export const oneOutput: RowSurroundings = Object.freeze({ output: undefined, outputs: Object.freeze([]) });

/** Names that a source knows that seems to look at other rows: to others `index` and `length` are names as any. */
export function rowNamesFor(source: string, dialect: Environment['dialect']): readonly string[] | undefined {
  const text = dialect?.anyCase === true ? source.toLowerCase() : source;
  return /\[|(?<![A-Za-z_])(?:prev\b|rolling_)/.test(text) ? rowNames : undefined;
}

/** The environment of a source that may run over columns. */
export function forRows(environment: Environment, source: string): Environment {
  return { ...environment, provided: rowNamesFor(source, environment.dialect), rows: oneOutput };
}
