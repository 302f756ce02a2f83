import { expect } from 'chai';
import { Engine } from '../../../src/engine/engine.ts';
import { checkAllocation } from '../../../src/jit/machine/allocation-checker.ts';
import { sysv } from '../../../src/jit/machine/convention.ts';
import { analyse, Liveness } from '../../../src/jit/machine/liveness.ts';
import { allocate } from '../../support/allocate.ts';
import { main, moduleOf } from '../../support/kernel-oracle.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { randomModule } from '../../support/random-ir.ts';
import { nativeLevels } from '../../support/run-native.ts';
import { sameBits } from '../../support/ulp.ts';

/** Many values that are alive all the way through as many blocks. */
function valuesThen(count: number, term: (i: number) => string): string {
  const list = (each: (i: number) => string, joint: string) =>
    Array.from({ length: count }, (_, i) => each(i)).join(joint);
  return `{ ${list((i) => `let a${i} = sin(x * ${i})`, '; ')}; ${list(term, ' + ')} }`;
}

const shapes: readonly [name: string, term: (i: number) => string][] = [
  ['conditionals', (i) => `(y > ${i} ? a${i} : cos(y))`],
  ['loops', (i) => `sum(k, 1, 2, a${i} * k)`],
];

function entriesOf(source: string): { entries: number; instructions: number; vregs: number } {
  const fn = moduleOf(source, ['x', 'y']).functions.find(({ name }) => name === main);
  const { machine } = allocate(fn as NonNullable<typeof fn>, 'avx2');
  const liveness = new Liveness();
  analyse(machine, liveness, { convention: sysv, returnsInRegister: true });
  return { entries: liveness.nodeCount, instructions: machine.instructionCount, vregs: machine.vregCount };
}

describe('liveness', () => {
  for (const [name, term] of shapes) {
    it(`has lists that are linear in the code: values, then ${name}`, () => {
      const small = entriesOf(valuesThen(100, term));
      expect(small.entries, 'all values are in the lists of a small function').to.be.above(100 * 100);
      const large = entriesOf(valuesThen(1500, term));
      // The value that is looked at when the budget is spent may pass through all blocks.
      expect(large.entries).to.be.below(65_536 + 4 * large.instructions + 8 * large.vregs + 10_000);
    });

    it(`gives right code beyond that: values, then ${name}`, () => {
      using interpreter = new Engine({ backend: 'interpreter' });
      const source = valuesThen(400, term);
      const expected = interpreter.compile(source, ['x', 'y']);
      for (const cpu of nativeLevels) {
        using engine = new Engine({ backend: 'native', cpu });
        const f = engine.compile(source, ['x', 'y']);
        for (const [x, y] of [
          [0.5, 200],
          [3, -1],
          [1e9, 1000],
        ] as const) {
          expect(sameBits(f(x, y), expected(x, y)), `${cpu} ${x} ${y}`).to.equal(true);
        }
      }
    });
  }

  const seed = seedFromEnvironment();
  it(`makes any value resident without harm (SEED=${seed})`, () => {
    const random = new Random(seed);
    let stored = 0;
    for (let round = 0; round < 60; round++) {
      const module = randomModule(random, { functions: 2, instructions: 60 });
      for (const fn of module.functions) {
        const { machine, allocation, options } = allocate(fn, 'avx2', sysv, 0);
        checkAllocation(machine, allocation, options);
        stored += allocation.slotCount;
      }
    }
    expect(stored).to.be.above(0);
  });
});
