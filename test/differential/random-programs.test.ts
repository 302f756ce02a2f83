import { expect } from 'chai';
import { elementAt } from '../../src/support/element.ts';
import { Random, seedFromEnvironment } from '../support/random.ts';
import { node, randomProgram } from '../support/random-program.ts';
import { type Failure, shrink } from '../support/random-program-shrink.ts';
import { printSource } from '../support/random-program-source.ts';
import { Differential } from './differential.ts';
import { programShape, randomArguments } from './program-shape.ts';

const programCount = 1_200;

describe('random programs', () => {
  const seed = seedFromEnvironment();
  let differential: Differential;

  before(() => {
    differential = new Differential();
  });

  after(() => differential?.dispose());

  it(`do what JavaScript makes of them, to the last bit and host call (SEED=${seed})`, () => {
    const random = new Random(seed);
    const { sides } = differential;
    const found: string[] = [];
    for (let index = 0; index < programCount && found.length < 3; index++) {
      const program = randomProgram(random, programShape);
      // `npm run fuzz` runs each on all sides; here they take turns, three at a time.
      const turn = [0, 1, 2].map((offset) => elementAt(sides, (3 * index + offset) % sides.length));
      const mismatch = differential.compare(program, randomArguments(random, program, 4), turn);
      if (mismatch !== undefined) found.push(differential.explain(mismatch, seed));
    }
    expect(found.join('\n\n')).to.equal('');
    expect(differential.compared).to.be.greaterThan(programCount);
    expect(differential.abandoned).to.be.lessThan(differential.compared / 10);
  });

  it('are made as small as possible when they fail', () => {
    const random = new Random(1);
    const culprit = node('infix', '%', [node('name', 'x'), node('number', '3')]);
    const program = randomProgram(random, programShape);
    const buried = {
      ...program,
      parameters: ['x', 'y'],
      result: node('infix', '+', [program.result, node('block', '', [program.result, culprit], ['v'])]),
    };
    const fails = ({ program: candidate, args }: Failure) =>
      printSource(candidate).includes('%') && args[candidate.parameters.indexOf('x')] !== 0;
    const smallest = shrink({ program: buried, args: [1e300, 7] }, fails);
    expect(printSource(smallest.program)).to.equal('0 % 0');
    expect(smallest.args).to.deep.equal([]);
  });
});
