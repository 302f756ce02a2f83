import { expect } from 'chai';
import { builtins } from '../../src/lang/builtins.ts';
import { elementAt } from '../../src/support/element.ts';
import { Random, seedFromEnvironment } from '../support/random.ts';
import { randomProgram } from '../support/random-program.ts';
import { builtinArity } from '../support/reference-library.ts';
import { Differential } from './differential.ts';

const expressionCount = 5_000;
const shape = { size: 24, definitions: 0, loops: false, hosts: false };

describe('random expressions', () => {
  const seed = seedFromEnvironment();
  let differential: Differential;

  before(() => {
    differential = new Differential();
  });

  after(() => differential?.dispose());

  it(`are what JavaScript makes of them, to the last bit (SEED=${seed})`, () => {
    const random = new Random(seed);
    const { sides } = differential;
    const found: string[] = [];
    for (let index = 0; index < expressionCount && found.length < 3; index++) {
      const program = randomProgram(random, shape);
      const argLists = Array.from({ length: 5 }, () => program.parameters.map(() => random.double()));
      // All sides would take half a minute; so they take turns, two at a time.
      const turn = [0, 1].map((offset) => elementAt(sides, (2 * index + offset) % sides.length));
      const mismatch = differential.compare(program, argLists, turn);
      if (mismatch !== undefined) found.push(differential.explain(mismatch, seed));
    }
    expect(found.join('\n\n')).to.equal('');
    expect(differential.compared).to.be.greaterThan(expressionCount);
  });

  it('use every built-in', () => {
    // Those of missing values mean something in columns alone, where `fuzz:rows` has them.
    const ofMissing = ['isnull', 'coalesce'];
    const known = [...builtins.values()].filter(
      ({ name, emit }) => emit !== undefined && !ofMissing.includes(name),
    );
    expect(Object.keys(builtinArity).sort()).to.deep.equal(known.map(({ name }) => name).sort());
    for (const [name, [least, most]] of Object.entries(builtinArity)) {
      const builtin = builtins.get(name);
      expect(least, name).to.equal(builtin?.minArity);
      expect(most <= (builtin?.maxArity ?? 0), name).to.equal(true);
    }
  });
});
