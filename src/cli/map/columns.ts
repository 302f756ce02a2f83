import { type CompiledFunction, CompileError, type Engine, vocabulary } from '../../index.ts';
import { CommandFailure } from '../command.ts';

/** Parameters that a formula over columns may have at most. */
const mostParameters = 200;

/** Known on use: what calls the compiler while it is loaded itself is loaded twice. */
let keywords: ReadonlySet<string> | undefined;

/** The name by which formulas know a column: its heading, with `_` for what names cannot contain. */
export function nameOf(heading: string): string {
  let name = heading
    .trim()
    .normalize('NFC')
    .replace(/[^\p{ID_Continue}]+/gu, '_');
  if (!/^[\p{ID_Start}_]/u.test(name)) name = `_${name}`;
  keywords ??= new Set(vocabulary().keywords);
  return keywords.has(name) ? `${name}_` : name;
}

/** Instead of columns, where a table has none of these names: the number of the row, from 0, and how many rows there are. */
export const rowNames: ReadonlyMap<string, number> = new Map([
  ['index', -1],
  ['length', -2],
]);

/** The columns of a table by the names that formulas use. */
export class ColumnNames {
  readonly #headings: readonly string[];
  /** Indices of the columns that a name may mean. */
  readonly #columns = new Map<string, number[]>();

  constructor(headings: readonly string[]) {
    this.#headings = headings;
    for (const [column, heading] of headings.entries()) {
      const name = nameOf(heading);
      const namesakes = this.#columns.get(name);
      if (namesakes === undefined) this.#columns.set(name, [column]);
      else namesakes.push(column);
    }
  }

  /** Adds a column behind the others. */
  with(heading: string): ColumnNames {
    return new ColumnNames([...this.#headings, heading]);
  }

  /** Names that mean some column. */
  get names(): readonly string[] {
    return [...this.#columns.keys()];
  }

  /**
   * The column that a name means. One whose heading is the name as it stands goes before those that need `_`, and these go
   * before what {@link rowNames} has.
   *
   * @throws CommandFailure if the name is that of several columns.
   */
  find(name: string): number | undefined {
    const columns = this.#columns.get(name) ?? [];
    const exact = columns.find((column) => this.#headings[column] === name);
    if (exact !== undefined || columns.length < 2) return exact ?? columns.at(0) ?? rowNames.get(name);
    const candidates = columns.map((column) => `'${this.#headings[column]}' (column ${column + 1})`);
    throw new CommandFailure(
      `'${name}' could be ${candidates.join(' or ')}; give one of them another heading`,
    );
  }
}

/**
 * Throws if two columns have one heading. Empty ones, of which spreadsheets write many, may be alike unless
 * `unique` says that they have to be told apart.
 *
 * @throws CommandFailure that names the columns.
 */
export function rejectDuplicates(headings: readonly string[], unique: boolean): void {
  const first = new Map<string, number>();
  for (const [column, heading] of headings.entries()) {
    const before = first.get(heading);
    if (before === undefined) first.set(heading, column);
    else if (heading !== '' || unique) {
      throw new CommandFailure(`columns ${before + 1} and ${column + 1} have the same heading '${heading}'`);
    }
  }
}

/** A formula, and the columns that its parameters are. */
export interface ColumnFormula {
  readonly f: CompiledFunction;
  /** Index of the column of each parameter, or what {@link rowNames} has for it. */
  readonly columns: readonly number[];
  /** Whether its values are truth values. */
  readonly isBoolean: boolean;
}

/** A formula over columns is wrong. */
export class ColumnFormulaError extends Error {
  override readonly name = 'ColumnFormulaError';
  readonly error: CompileError;
  /** Names that there are, if the formula has one that there is not. */
  readonly names: readonly string[];

  constructor(error: CompileError, names: readonly string[]) {
    super(error.message, { cause: error });
    this.error = error;
    this.names = error.diagnostics.some(({ code }) => code === 'E_UNKNOWN_NAME') ? names : [];
  }
}

/**
 * Compiles a formula over the columns that it names. A column hides a constant or a function of its name.
 *
 * @throws ColumnFormulaError if the formula is wrong or names something that is no column; CommandFailure if it names
 * something that could be several.
 */
export function compileOverColumns(engine: Engine, source: string, names: ColumnNames): ColumnFormula {
  const mentioned = new Map<string, number>();
  for (const name of namesIn(engine, source)) {
    const column = names.find(name);
    if (column !== undefined) mentioned.set(name, column);
  }
  const parameters = [...mentioned.keys()];
  try {
    if (engine.analyze(source, parameters).ofColumns) {
      throw new CommandFailure('a formula looks at other rows, and of a file it sees one at a time');
    }
    const f = engine.compile(source, parameters);
    return { f, columns: [...mentioned.values()], isBoolean: f.resultType === 'boolean' };
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    throw new ColumnFormulaError(withHints(engine, source, names, parameters) ?? error, names.names);
  }
}

/** The error again with the columns that could have been meant, for the sake of what it says. */
function withHints(
  engine: Engine,
  source: string,
  names: ColumnNames,
  mentioned: readonly string[],
): CompileError | undefined {
  try {
    engine.compile(source, hints(names, mentioned)).release();
  } catch (error) {
    if (error instanceof CompileError) return error;
    throw error;
  }
  return undefined;
}

/**
 * The names that a source takes from outside: those that are free, and those of constants and functions that it uses as
 * values. Where it is only right with columns that hide functions, too many rather than too few.
 */
function namesIn(engine: Engine, source: string): ReadonlySet<string> {
  const values = valuesIn(source);
  try {
    const constants = vocabulary().constants.map(({ name }) => name);
    const { parameters } = engine.explain(source);
    return new Set([...parameters, ...values.filter((name) => constants.includes(name))]);
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    return new Set(values);
  }
}

/** The names in a source that are neither called nor bound by a `let`. */
export function valuesIn(source: string): string[] {
  const matches = source
    .normalize('NFC')
    .matchAll(/(let\s+)?([\p{ID_Start}_]\p{ID_Continue}*)(?!\p{ID_Continue}|\s*\()/gu);
  const bound = new Set<string>();
  const values = new Set<string>();
  for (const [, binding, name = ''] of matches) (binding === undefined ? values : bound).add(name);
  return [...values].filter((name) => !bound.has(name));
}

function hints({ names }: ColumnNames, mentioned: readonly string[]): string[] {
  const functions = vocabulary().functions.map(({ name }) => name);
  const others = names.filter((name) => !functions.includes(name) && !mentioned.includes(name));
  return [...mentioned, ...others].slice(0, Math.max(mostParameters, mentioned.length));
}
