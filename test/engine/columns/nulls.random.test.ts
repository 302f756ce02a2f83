import { expect } from 'chai';
import { differenceOfNulls, randomNullCase } from '../../support/null-case.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { eachLevel } from './each-level.ts';

const programCount = 100;

/** Random programs over columns with missing values, against a walk over their trees, bit for bit. */
describe('kernels of columns with missing values', () => {
  const seed = seedFromEnvironment();

  eachLevel((createEngine) => {
    it(`give what the definition of the language says (SEED=${seed})`, () => {
      const random = new Random(seed);
      const engine = createEngine();
      let compared = 0;
      for (let index = 0; index < programCount; index++) {
        const each = randomNullCase(random);
        if (each === undefined) continue;
        const { source, parameters, columns, rows: length } = each;
        using f = engine.compile(source, parameters);
        const difference = differenceOfNulls(
          each,
          f.map(columns, { nulls: 'bitmap', length }),
          f.map(columns, { length }),
        );
        if (difference !== undefined) expect.fail(difference);
        compared++;
      }
      expect(compared).to.be.greaterThan(programCount / 2);
    });
  });
});
