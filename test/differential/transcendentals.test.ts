import { expect } from 'chai';
import { errorInUlps, trueValue } from '../support/oracle.ts';
import { Random, seedFromEnvironment } from '../support/random.ts';
import { javascriptMath, type Transcendental, transcendentals } from '../support/reference-library.ts';
import { specialValues } from '../support/special-values.ts';
import { sameBits, ulpDistance } from '../support/ulp.ts';
import { Differential } from './differential.ts';

const randomCount = 200;

describe('transcendental functions', () => {
  const seed = seedFromEnvironment();
  let differential: Differential;

  before(() => {
    differential = new Differential();
  });

  after(() => differential?.dispose());

  for (const [name, least] of Object.entries(transcendentals) as [Transcendental, number][]) {
    it(`${name} is within 1 ulp of the truth, and nearer than JavaScript where they part (SEED=${seed})`, () => {
      const random = new Random(seed);
      const maths = [...new Set(differential.sides.map(({ math }) => math))];
      for (const args of argumentLists(random, name, least)) {
        const javascript = javascriptMath[name](...args);
        const truth = trueValue(name, args);
        for (const math of maths) {
          const result = math[name](...args);
          const place = `${name}(${args.join(', ')}) = ${result}`;
          if (truth === undefined) {
            expect(sameBits(result, javascript), `${place}, not ${javascript}`).to.equal(true);
            continue;
          }
          const error = errorInUlps(result, truth);
          expect(error, place).to.be.at.most(1);
          if (ulpDistance(result, javascript) > 1) {
            expect(error, place).to.be.lessThan(errorInUlps(javascript, truth));
          }
        }
      }
    });

    it(`${name} of constants is what it is of values (SEED=${seed})`, () => {
      const random = new Random(seed);
      for (let round = 0; round < 10; round++) {
        const args = Array.from({ length: least }, () => random.fraction() * 4);
        for (const { name: side, math, compile } of differential.sides) {
          const folded = compile(`${name}(${args.join(', ')})`, []);
          const call = `${name}(${args.join(', ')}), ${side}`;
          expect(sameBits(folded.call(), math[name](...args)), call).to.equal(true);
          folded.release();
        }
      }
    });
  }
});

function argumentLists(random: Random, name: Transcendental, least: number): number[][] {
  const lists = Array.from({ length: randomCount }, () => {
    const count = name === 'hypot' ? random.integer(2, 4) : least;
    const kind = random.integer(0, 2);
    return Array.from({ length: count }, () =>
      kind === 0 ? random.double() : random.fraction() * (kind === 1 ? 2 : 40) - (kind === 1 ? 1 : 20),
    );
  });
  if (least === 1) return [...lists, ...specialValues.map((x) => [x])];
  const pairs = Array.from({ length: 2 * specialValues.length }, () => [
    random.pick(specialValues),
    random.pick(specialValues),
  ]);
  return [...lists, ...pairs];
}
