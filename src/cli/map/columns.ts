import { type CompiledFunction, type Engine, vocabulary } from '../../index.ts';

/** Parameters that a formula over columns may have at most. */
const mostParameters = 200;

/**
 * The names by which formulas know columns: headings, with `_` for what names cannot contain. Of two that come to
 * the same the later is numbered.
 */
export function columnNames(headings: readonly string[]): string[] {
  const { keywords } = vocabulary();
  const taken = new Set<string>();
  return headings.map((heading) => {
    let name = heading
      .trim()
      .normalize('NFC')
      .replace(/[^\p{ID_Continue}]+/gu, '_');
    if (!/^[\p{ID_Start}_]/u.test(name)) name = `_${name}`;
    if (keywords.includes(name)) name += '_';
    const base = name;
    for (let number = 2; taken.has(name); number++) name = `${base}_${number}`;
    taken.add(name);
    return name;
  });
}

/** A cell as a number: `true` and `false` are 1 and 0; what is empty or no number is NaN. */
export function numberOf(cell: string): number {
  const text = cell.trim();
  if (text === '') return Number.NaN;
  const value = Number(text);
  return Number.isNaN(value) ? (words.get(text.toLowerCase()) ?? value) : value;
}

const words: ReadonlyMap<string, number> = new Map([
  ['true', 1],
  ['false', 0],
  ['inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
]);

/** A formula, and the columns that its parameters are. */
export interface ColumnFormula {
  readonly f: CompiledFunction;
  /** Index of the column of each parameter. */
  readonly columns: readonly number[];
}

/**
 * Compiles a formula over the columns that it names.
 *
 * @throws CompileError if the formula is wrong or names something that is no column.
 */
export function compileOverColumns(engine: Engine, source: string, names: readonly string[]): ColumnFormula {
  // A column hides a constant of its name. Other columns that the formula does not use would cost time in each row.
  const constants = vocabulary().constants.map(({ name }) => name);
  const free = engine.explain(source).parameters;
  const isKnown = free.every((name) => names.includes(name));
  const parameters = isKnown
    ? names.filter((name) => free.includes(name) || constants.includes(name))
    : names.slice(0, mostParameters);
  return {
    f: engine.compile(source, parameters),
    columns: parameters.map((name) => names.indexOf(name)),
  };
}
