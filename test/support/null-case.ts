import type { ColumnInput, NullableArray } from '../../src/index.ts';
import { evaluateMath } from '../../src/jit/math/library.ts';
import { elementAt } from '../../src/support/element.ts';
import { type Maybe, NullOracle, withNullFunctions } from './null-oracle.ts';
import type { Random } from './random.ts';
import { randomProgram } from './random-program.ts';
import { OutOfSteps } from './random-program-javascript.ts';
import { printSource } from './random-program-source.ts';
import { createReferenceLibrary, type MathFunctions, transcendentals } from './reference-library.ts';

const mostSteps = 20_000;

const library = createReferenceLibrary(
  Object.fromEntries(
    Object.keys(transcendentals).map((name) => [name, evaluateMath.get(name)]),
  ) as unknown as MathFunctions,
);

/** A program over columns with missing values, and what comes out. */
export interface NullCase {
  readonly source: string;
  readonly parameters: readonly string[];
  readonly columns: Readonly<Record<string, ColumnInput>>;
  readonly values: readonly (readonly Maybe[])[];
  readonly rows: number;
  readonly expected: readonly (number | null)[];
}

/** Undefined if it takes too long to say what comes out. */
export function randomNullCase(random: Random): NullCase | undefined {
  const isPlain = random.chance(0.5);
  const program = withNullFunctions(
    random,
    randomProgram(random, {
      size: random.integer(3, 30),
      definitions: isPlain ? 0 : 3,
      loops: !isPlain,
      hosts: false,
    }),
  );
  const { parameters } = program;
  const rows = random.integer(1, 37);
  const values = parameters.map(() =>
    Array.from(
      { length: rows },
      (): Maybe =>
        random.chance(0.25) ? null : random.chance(0.5) ? random.integer(-3, 4) : random.double(),
    ),
  );
  const columns = Object.fromEntries(
    parameters.map((name, i) => [name, randomColumn(random, elementAt(values, i))]),
  );
  const oracle = new NullOracle(program, library, mostSteps);
  try {
    const expected = Array.from({ length: rows }, (_, row) =>
      oracle.run(values.map((column) => elementAt(column as unknown[], row) as Maybe)),
    );
    return { source: printSource(program), parameters, columns, values, rows, expected };
  } catch (error) {
    if (error instanceof OutOfSteps || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** What a result says row by row. */
export function rowsOf({ values, validity }: NullableArray): (number | null)[] {
  return Array.from({ length: values.length }, (_, row) =>
    isThere(validity, row) ? Number(values[row]) : null,
  );
}

function isThere(validity: ArrayLike<number>, row: number): boolean {
  return ((elementAt(validity, row >> 3) >> (row & 7)) & 1) === 1;
}

/** What differs from what is expected, if anything does: a value or whether it is there. */
export function differenceOfNulls(
  { expected, values, source }: NullCase,
  found: { readonly values: ArrayLike<number>; readonly validity: ArrayLike<number> },
  plain: ArrayLike<number>,
): string | undefined {
  for (const [row, wanted] of expected.entries()) {
    const isPresent = isThere(found.validity, row);
    const value = found.values[row] as number;
    const agrees =
      isPresent === (wanted !== null) &&
      Object.is(value, wanted ?? Number.NaN) &&
      Object.is(plain[row], value);
    if (agrees) continue;
    const args = values.map((column) => String(column[row])).join(', ');
    return `${source}\nat (${args}) is ${isPresent ? value : null}, not ${wanted}`;
  }
  return undefined;
}

/** The same column in one of its forms. What stands in the place of missing values is anything. */
export function randomColumn(random: Random, values: readonly Maybe[]) {
  const numbers = values.map((value) => (value === null ? random.double() : Number(value)));
  if (!values.includes(null)) return Float64Array.from(numbers);
  if (random.chance(0.3)) return values as (number | null)[];
  const offset = random.integer(0, 20);
  const validity = Uint8Array.from({ length: Math.ceil((offset + values.length) / 8) }, () =>
    random.integer(0, 255),
  );
  for (const [row, value] of values.entries()) {
    const bit = offset + row;
    const byte = elementAt(validity, bit >> 3) & ~(1 << (bit & 7));
    validity[bit >> 3] = byte | (value === null ? 0 : 1 << (bit & 7));
  }
  return { values: Float64Array.from(numbers), validity, offset };
}
