import { expect } from 'chai';
import { Engine } from '../../../src/index.ts';
import { elementAt } from '../../../src/support/element.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { randomProgram } from '../../support/random-program.ts';
import { printSource } from '../../support/random-program-source.ts';
import { nativeLevels } from '../../support/run-native.ts';
import { arrayTypes } from './bits.ts';

const programCount = 800;

/** Random expressions as kernels, against the scalar function of the same engine, bit for bit. */
describe('kernels of random expressions', () => {
  const seed = seedFromEnvironment();

  it(`give what the function gives for every row (SEED=${seed})`, () => {
    const random = new Random(seed);
    const engines = nativeLevels.map((cpu) => new Engine({ backend: 'native', cpu }));
    for (let index = 0; index < programCount; index++) {
      const program = randomProgram(random, {
        size: random.integer(3, 40),
        definitions: 0,
        loops: false,
        hosts: false,
      });
      const source = printSource(program);
      const engine = elementAt(engines, index % engines.length);
      using f = engine.compile(source, program.parameters);
      const rows = random.integer(1, 40);
      const columns = Object.fromEntries(
        program.parameters.map((name) => {
          if (random.chance(0.2)) return [name, random.double()];
          const type = random.chance(0.7) ? Float64Array : random.pick(arrayTypes);
          return [name, new type(Array.from({ length: rows }, () => random.double()))];
        }),
      );
      const result = f.map(columns, { length: rows });
      for (let row = 0; row < rows; row++) {
        const args = program.parameters.map((name) => {
          const column = columns[name] as number | Float64Array;
          return typeof column === 'number' ? column : elementAt(column, row);
        });
        const expected = f(...args);
        if (Object.is(result[row], expected)) continue;
        const level = elementAt(nativeLevels, index % engines.length);
        expect.fail(`${level}: ${source} at (${args.join(', ')}) is ${result[row]}, not ${expected}`);
      }
    }
    for (const engine of engines) engine.dispose();
  });
});
