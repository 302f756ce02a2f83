/** Random formulas of columns, of which it is known what comes out: they look at other rows, or meet missing values, or are reduced by groups. */
import { type Edges, Engine, type EngineOptions } from '../../src/index.ts';
import { elementAt } from '../../src/support/element.ts';
import { groupKinds, plainGroups } from '../support/group-oracle.ts';
import { differenceOfNulls, randomColumn, randomNullCase, rowsOf } from '../support/null-case.ts';
import { type MaybeNumber, randomNullRowFormula } from '../support/null-row-formulas.ts';
import { Random } from '../support/random.ts';
import { randomRowFormula, rowResults } from '../support/row-formulas.ts';
import { nativeLevels } from '../support/run-native.ts';

export interface RowSide {
  readonly name: string;
  readonly engine: Engine;
}

export function rowSides(): RowSide[] {
  const choices: readonly EngineOptions[] = [
    { backend: 'interpreter' },
    { backend: 'wasm' },
    ...nativeLevels.map((cpu): EngineOptions => ({ backend: 'native', cpu })),
  ];
  return choices.map((options) => ({
    name: options.cpu ?? String(options.backend),
    engine: new Engine(options),
  }));
}

/** What one side makes of the formula that belongs to the seed, if that is wrong; runs it on all. */
export function differenceOfRows(seed: number, sides: readonly RowSide[]): string | undefined {
  for (const { name, engine } of sides) {
    // Each has the same choices.
    const random = new Random(seed);
    const find = random.pick([ofNulls, ofNullRows, ofOtherRows, ofOtherRows]);
    const difference = find(random, engine);
    if (difference !== undefined) return `${name}: ${difference}`;
  }
  return undefined;
}

function ofNulls(random: Random, engine: Engine): string | undefined {
  const each = randomNullCase(random);
  if (each === undefined) return undefined;
  const { source, parameters, columns, rows: length } = each;
  using f = engine.compile(source, parameters);
  return differenceOfNulls(each, f.map(columns, { nulls: 'bitmap', length }), f.map(columns, { length }));
}

function ofNullRows(random: Random, engine: Engine): string | undefined {
  const formula = randomNullRowFormula(random, random.integer(1, 3), random.chance(0.5));
  const column = (): MaybeNumber[] =>
    Array.from({ length: rows }, () => (random.chance(0.2) ? null : random.integer(-50, 50)));
  const rows = random.integer(0, 40);
  const data = { x: column(), y: column() };
  const columns = { x: randomColumn(random, data.x), y: randomColumn(random, data.y) };
  const edges = random.pick<Edges>(['nan', 'clamp', 'wrap']);
  const source = `${formula.source} + 0*isnull(x[index - 1])`;
  const expected = rowResults(formula, data, edges);
  using f = engine.compile(source, ['x', 'y']);
  const found = rowsOf(f.map(columns, { edges, nulls: 'bitmap' }));
  const at = expected.findIndex((value, row) => !Object.is(unsigned(value), unsigned(elementAt(found, row))));
  if (at < 0) return undefined;
  return `${source}, ${edges}, ${JSON.stringify(data)}: element ${at} is ${found[at]}, not ${expected[at]}`;
}

function ofOtherRows(random: Random, engine: Engine): string | undefined {
  const formula = randomRowFormula(random, random.integer(1, 3), random.chance(0.4));
  const rows = random.chance(0.1) ? random.integer(4000, 4200) : random.integer(1, 40);
  const data = {
    x: Array.from({ length: rows }, () => random.integer(-50, 50)),
    y: Array.from({ length: rows }, () => random.integer(-50, 50)),
  };
  const edges = random.pick<Edges>(['nan', 'clamp', 'wrap']);
  // Every formula asks for other rows, and has both columns.
  const source = `${formula.source} + 0*x[index]^2 + 0*y[index]^2`;
  const type = random.pick([Float64Array, Float32Array, Int8Array, Int32Array]);
  const columns = { x: type.from(data.x), y: Float64Array.from(data.y) };
  const expected = rowResults({ ...formula, evaluate: (...at) => formula.evaluate(...at) + 0 }, data, edges);
  using f = engine.compile(source, ['x', 'y']);
  const where = `${source}, ${edges}, ${rows} rows`;
  const wrong = differenceOf(f.map(columns, { edges }), expected);
  if (wrong !== undefined) return `${where}: ${wrong}`;
  const groups = random.integer(1, 9);
  const by = Uint8Array.from(expected, () => random.integer(0, groups - 1));
  const kind = random.pick(groupKinds);
  const grouped = differenceOf(
    f.reduceBy(kind, columns, { by, groups, edges }),
    plainGroups(kind, expected, by, groups),
  );
  return grouped === undefined ? undefined : `${where}, ${kind} of ${groups} groups: ${grouped}`;
}

/** Without the sign of zero, which the definition of means and sums leaves open. */
function unsigned(value: MaybeNumber): MaybeNumber {
  return value === null ? null : value + 0;
}

function differenceOf(found: ArrayLike<number>, expected: readonly number[]): string | undefined {
  const at = expected.findIndex((value, row) => !Object.is(value, found[row]));
  return at < 0 ? undefined : `element ${at} is ${found[at]}, not ${expected[at]}`;
}
