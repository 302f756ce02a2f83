import { expect } from 'chai';
import { ExactSum } from '../../src/support/exact-sum.ts';
import { exactMeanOf, exactSumOf } from './exact-oracle.ts';
import { Random, seedFromEnvironment } from './random.ts';
import { specialValues } from './special-values.ts';

function sumOf(values: readonly number[]): ExactSum {
  const sum = new ExactSum();
  sum.add(Float64Array.from(values), 0, values.length);
  return sum;
}

describe('ExactSum', () => {
  const seed = seedFromEnvironment();
  const random = new Random(seed);
  const finite = (): number => {
    for (;;) {
      const x = random.double();
      if (Number.isFinite(x)) return x;
    }
  };

  it(`gives what bigints give, in any order and grouping (SEED=${seed})`, () => {
    for (let round = 0; round < 500; round++) {
      const values = Array.from({ length: random.integer(0, 12) }, () =>
        random.integer(0, 2) === 0 ? random.pick([...specialValues]) : finite(),
      );
      if (random.integer(0, 1) === 0) values.push(...values.map((x) => -x), 2 ** -1074);
      const expected = exactSumOf(values);
      const sum = sumOf(values);
      expect(sum.toNumber()).to.deep.equal(expected);
      const at = random.integer(0, values.length);
      const parts = sumOf(values.slice(at));
      parts.addSum(sumOf(values.slice(0, at)));
      expect(parts.toNumber()).to.deep.equal(expected);
      expect([...parts.limbs]).to.deep.equal([...sum.limbs]);
    }
  });

  it('rounds to the nearest, ties to even', () => {
    const cases: readonly [values: readonly number[], expected: number][] = [
      [[], 0],
      [[-0, -0], 0],
      [[1, 2 ** -53], 1],
      [[1, 2 ** -52, 2 ** -53], 1 + 2 ** -51],
      [[1, 2 ** -53, 2 ** -1074], 1 + 2 ** -52],
      [[-1, -(2 ** -53), -(2 ** -1074)], -(1 + 2 ** -52)],
      [[Number.MAX_VALUE, 2 ** 969], Number.MAX_VALUE],
      [[Number.MAX_VALUE, 2 ** 970], Number.POSITIVE_INFINITY],
      [[-Number.MAX_VALUE, -Number.MAX_VALUE], Number.NEGATIVE_INFINITY],
      [[Number.MAX_VALUE, Number.MAX_VALUE, -Number.MAX_VALUE], Number.MAX_VALUE],
      [[2 ** -1074, 2 ** -1074], 2 ** -1073],
    ];
    for (const [values, expected] of cases)
      expect(Object.is(sumOf(values).toNumber(), expected)).to.equal(true);
  });

  it('divides once', () => {
    expect(sumOf([1, 1, 1]).dividedBy(9)).to.equal(1 / 3);
    expect(sumOf([Number.MAX_VALUE, Number.MAX_VALUE]).dividedBy(2)).to.equal(Number.MAX_VALUE);
    expect(sumOf([2 ** -1074]).dividedBy(2)).to.equal(0);
    expect(sumOf([2 ** -1074, 2 ** -1073]).dividedBy(2)).to.equal(2 ** -1073);
    expect(sumOf([-(2 ** -1074), -(2 ** -1073)]).dividedBy(4)).to.equal(-(2 ** -1074));
    for (let round = 0; round < 300; round++) {
      const values = Array.from({ length: random.integer(1, 9) }, finite);
      expect(sumOf(values).dividedBy(values.length)).to.equal(exactMeanOf(values));
    }
  });

  it('carries before it runs out of room', () => {
    const sum = new ExactSum();
    const values = new Float64Array(2 ** 16).fill(1 - 2 ** -53);
    for (let i = 0; i < 40; i++) sum.add(values, 0, values.length);
    expect(sum.toNumber()).to.equal(exactSumOf([40 * 2 ** 16, -(40 * 2 ** (16 - 53))]));
    for (let i = 0; i < 40; i++)
      sum.add(
        values.map((x) => -x),
        0,
        values.length,
      );
    expect(sum.toNumber()).to.equal(0);
  });

  it('adds what is scaled beyond all doubles', () => {
    const sum = new ExactSum();
    sum.addScaled(2 ** 972, 64);
    sum.addScaled(-(2 ** 972), 64);
    sum.addScaled(-3, 64);
    expect(sum.toNumber()).to.equal(-3 * 2 ** 64);
  });
});
