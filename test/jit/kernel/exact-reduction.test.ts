import { expect } from 'chai';
import { sumOfPartials } from '../../../src/engine/columns/exact-sums.ts';
import {
  binAbove,
  binBits,
  binFactor,
  binShift,
  exactBlock,
  exactPartials,
} from '../../../src/jit/kernel/exact-reduction.ts';
import { exactSumOf } from '../../support/exact-oracle.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';

describe('an exact reduction', () => {
  const seed = seedFromEnvironment();

  it(`is defined in TypeScript (SEED=${seed})`, () => {
    const random = new Random(seed);
    for (let round = 0; round < 60; round++) {
      const rows = random.integer(1, round < 50 ? 40 : 4096);
      const spread = random.integer(0, 1) === 0 ? 1 : 2000;
      const values = Float64Array.from({ length: rows }, () => {
        const x = (random.fraction() - 0.5) * 2 ** random.integer(-30, 30);
        return spread === 1 ? x : x * 2 ** random.integer(-980, 980);
      });
      if (round % 3 === 0) values[random.integer(0, rows - 1)] = Number.MAX_VALUE;
      const expected = exactSumOf(values);
      const partials = new Float64Array(exactPartials + 2).fill(7);
      exactBlock(values, rows, partials, 1);
      expect([partials[0], partials[exactPartials + 1]]).to.deep.equal([7, 7]);
      expect(sumOfPartials(partials.subarray(1, 1 + exactPartials)).toNumber()).to.equal(expected);
    }
  });

  it('finds bins by a multiplication', () => {
    for (let field = 0; field <= 2047; field++) {
      expect(((field + binAbove) * binFactor) >> binShift).to.equal(Math.floor((field + binAbove) / binBits));
    }
  });
});
