import { expect } from 'chai';
import {
  ModuleSide,
  moduleSides,
  randomCalls,
  randomModuleWithMemory,
} from '../../differential/module-side.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';

const modules = 60;
const seed = seedFromEnvironment();

describe(`random modules with memory (SEED=${seed})`, () => {
  const cases = Array.from({ length: modules }, (_, index) => {
    const random = new Random(seed + index);
    const module = randomModuleWithMemory(random);
    return { module, calls: randomCalls(module, random), level: index % 2 === 0 ? 0 : 1 } as const;
  });

  it('leave their memory now and then', () => {
    const traps = cases.flatMap(({ calls }) => calls.filter(({ wanted }) => wanted.result === 'E_BOUNDS'));
    expect(traps).to.have.length.greaterThan(2);
  });

  for (const options of moduleSides) {
    it(`do the same everywhere: ${options.name}`, function () {
      this.timeout(120_000);
      using side = new ModuleSide(options);
      for (const { module, calls, level } of cases)
        expect(side.differenceOf(module, level, calls)).to.equal(undefined);
    });
  }
});
