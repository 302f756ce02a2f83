import { expect } from 'chai';
import { evaluate, mathFunctions } from '../../../src/jit/math/library.ts';
import { elementAt } from '../../../src/support/element.ts';
import { errorInUlps as errorByDecimals, trueValue } from '../../support/oracle.ts';
import { type Transcendental, transcendentals } from '../../support/reference-library.ts';
import { bounds, ulpsCountedAsOne } from './bounds.ts';
import { errorInUlps, readVectors } from './vectors.ts';

/** What the rounding of stored rests may add. */
const resolution = 2 ** -16;

describe('vectors of the math library', () => {
  it('are there for each of its functions', () => {
    expect([...mathFunctions.keys()].sort()).to.deep.equal([...bounds.keys()].sort());
  });

  for (const [name, fn] of mathFunctions) {
    const bound = bounds.get(name) ?? 0;
    it(`${name} is within ${bound} ulp of them`, () => {
      const { xs, ys, truth } = readVectors(name);
      xs.forEach((x, i) => {
        const y = elementAt(ys, i);
        const result = evaluate(fn, x, y);
        const nearest = elementAt(truth.nearest, i);
        const error = errorInUlps(result, nearest, elementAt(truth.rests, i));
        if (error <= bound * ulpsCountedAsOne(name, x, nearest) + resolution) return;
        const call = fn.arity === 1 ? `${name}(${x})` : `${name}(${x}, ${y})`;
        expect.fail(`${call} = ${result}, which is ${error} ulp from ${nearest} and its rest`);
      });
    });
  }

  const rounds = 12;
  for (const name of Object.keys(transcendentals) as Transcendental[]) {
    it(`${name} in decimals agrees with them`, () => {
      const { xs, ys, truth } = readVectors(name);
      for (let round = 0; round < rounds; round++) {
        const i = Math.floor((round * xs.length) / rounds);
        const args = [elementAt(xs, i), elementAt(ys, i)].slice(0, transcendentals[name]);
        const decimals = trueValue(name, args);
        if (decimals === undefined) continue;
        const call = `${name}(${args.join(', ')})`;
        const nearest = elementAt(truth.nearest, i);
        const distance = errorByDecimals(nearest, decimals);
        expect(distance, call).to.be.closeTo(Math.abs(elementAt(truth.rests, i)), 2 * resolution);
      }
    });
  }
});

describe('errorInUlps', () => {
  it('adds the rest to the distance', () => {
    expect(errorInUlps(1 + 2 ** -52, 1, 0.25)).to.equal(0.75);
    expect(errorInUlps(1 - 2 ** -53, 1, 0.25)).to.equal(0.75);
    expect(errorInUlps(-3, -3, -0.25)).to.equal(0.25);
    expect(errorInUlps(3 * Number.MIN_VALUE, Number.MIN_VALUE, -0.5)).to.equal(2.5);
  });

  it('measures below powers of two in ulps from there', () => {
    expect(errorInUlps(1 - 2 ** -53, 1, -0.25)).to.equal(0.75);
    expect(errorInUlps(-1 + 2 ** -53, -1, 0.25)).to.equal(0.75);
    expect(errorInUlps(2 ** -1022 - 2 ** -1074, 2 ** -1022, -0.25)).to.equal(0.75);
    expect(errorInUlps(2 ** -1021 - 2 ** -1074, 2 ** -1021, -0.25)).to.equal(0.75);
  });

  it('takes infinity for 2^1024 where the true value is near to that', () => {
    const { MAX_VALUE: max, POSITIVE_INFINITY: infinity } = Number;
    expect(errorInUlps(max, infinity, -0.25)).to.equal(0.75);
    expect(errorInUlps(infinity, max, 0.25)).to.equal(0.75);
    expect(errorInUlps(-max, -infinity, 0.25)).to.equal(0.75);
    expect(errorInUlps(infinity, infinity, 0)).to.equal(0);
    expect(errorInUlps(max, infinity, 0)).to.equal(infinity);
    expect(errorInUlps(-infinity, infinity, 0)).to.equal(infinity);
  });

  it('tells NaN and zeros apart', () => {
    const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
    expect(errorInUlps(nan, nan, 0)).to.equal(0);
    expect(errorInUlps(nan, 1, 0)).to.equal(infinity);
    expect(errorInUlps(1, nan, 0)).to.equal(infinity);
    expect(errorInUlps(0, -0, 0)).to.equal(infinity);
    expect(errorInUlps(-0, -0, 0.25)).to.equal(0.25);
  });
});
