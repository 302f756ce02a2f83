import { expect } from 'chai';
import { evaluate, mathFunction } from '../../../src/jit/math/library.ts';
import { numberAlgebra } from '../../../src/jit/math/number-algebra.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { monotoneRanges } from './bounds.ts';
import { violations, violationsAtEdges } from './neighbours.ts';

const count = 20_000;
/** For edges of the usual range. */
const tries = 200;

describe('monotone functions of the math library', () => {
  const seed = seedFromEnvironment();
  for (const [name, range] of monotoneRanges) {
    const fn = mathFunction(name);
    const valueAt = (x: number): number => evaluate(fn, x);

    it(`${name} keeps the order of neighbours (SEED=${seed})`, () => {
      expect(violations(valueAt, range, count, new Random(seed))).to.deep.equal([]);
    });

    it(`${name} keeps it where its usual range ends (SEED=${seed})`, () => {
      const isUsual = (x: number): boolean => fn.usual(numberAlgebra, x, 0).isUsual;
      expect(violationsAtEdges(valueAt, isUsual, range, tries, new Random(seed))).to.deep.equal([]);
    });
  }
});
