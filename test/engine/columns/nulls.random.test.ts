import { expect } from 'chai';
import { evaluateMath } from '../../../src/jit/math/library.ts';
import { elementAt } from '../../../src/support/element.ts';
import { type Maybe, NullOracle, withNullFunctions } from '../../support/null-oracle.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { randomProgram } from '../../support/random-program.ts';
import { OutOfSteps } from '../../support/random-program-javascript.ts';
import { printSource } from '../../support/random-program-source.ts';
import {
  createReferenceLibrary,
  type MathFunctions,
  transcendentals,
} from '../../support/reference-library.ts';
import { eachLevel } from './each-level.ts';

const programCount = 100;
const mostSteps = 20_000;

const library = createReferenceLibrary(
  Object.fromEntries(
    Object.keys(transcendentals).map((name) => [name, evaluateMath.get(name)]),
  ) as unknown as MathFunctions,
);

/** Random programs over columns with missing values, against a walk over their trees, bit for bit. */
describe('kernels of columns with missing values', () => {
  const seed = seedFromEnvironment();

  eachLevel((createEngine) => {
    it(`give what the definition of the language says (SEED=${seed})`, () => {
      const random = new Random(seed);
      const engine = createEngine();
      let compared = 0;
      for (let index = 0; index < programCount; index++) {
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
        const rows = random.integer(1, 37);
        const values = program.parameters.map(() =>
          Array.from(
            { length: rows },
            (): Maybe =>
              random.chance(0.25) ? null : random.chance(0.5) ? random.integer(-3, 4) : random.double(),
          ),
        );
        const oracle = new NullOracle(program, library, mostSteps);
        let expected: (number | null)[];
        try {
          expected = Array.from({ length: rows }, (_, row) =>
            oracle.run(values.map((column) => elementAt(column as unknown[], row) as Maybe)),
          );
        } catch (error) {
          if (error instanceof OutOfSteps || error instanceof RangeError) continue;
          throw error;
        }
        const source = printSource(program);
        using f = engine.compile(source, program.parameters);
        const columns = Object.fromEntries(
          program.parameters.map((name, i) => [name, columnOf(random, elementAt(values, i))]),
        );
        const result = f.map(columns, { nulls: 'bitmap', length: rows });
        const plain = f.map(columns, { length: rows });
        for (let row = 0; row < rows; row++) {
          const wanted = expected[row] as number | null;
          const isThere = ((elementAt(result.validity, row >> 3) >> (row & 7)) & 1) === 1;
          const found = elementAt(result.values, row);
          const agrees =
            isThere === (wanted !== null) &&
            Object.is(found, wanted ?? Number.NaN) &&
            Object.is(plain[row], found);
          if (agrees) continue;
          const args = values.map((column) => String(column[row])).join(', ');
          expect.fail(`${source}\nat (${args}) is ${isThere ? found : null}, not ${wanted}`);
        }
        compared++;
      }
      expect(compared).to.be.greaterThan(programCount / 2);
    });
  });
});

/** The same column in one of its forms. What stands in the place of missing values is anything. */
function columnOf(random: Random, values: readonly Maybe[]) {
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
