import { expect } from 'chai';
import { Engine } from '../../src/engine/engine.ts';
import { seedFromEnvironment } from '../support/random.ts';
import { countMappings, soak } from './soak.ts';

describe('soak', () => {
  const seed = seedFromEnvironment();

  it('sees the mappings that it counts', () => {
    const before = countMappings();
    const engine = new Engine({ backend: 'native' });
    engine.compile('x + 1', ['x']);
    expect(countMappings()).to.be.greaterThan(before);
    engine.dispose();
    expect(countMappings()).to.equal(before);
  });

  it(`leaves nothing behind, also of threads that are terminated (SEED=${seed})`, async function () {
    // What thousands of other tests left to this process may move on a busy machine; what leaks, leaks each time.
    this.retries(2);
    const before = countMappings();
    let cycles = 0;
    const resident: number[] = [];
    for await (const round of soak({ seed, rounds: 6, threads: 3, cycles: 500 })) {
      expect(round.mappings).to.equal(before);
      cycles += round.cycles;
      resident.push(round.residentMegabytes);
    }
    expect(cycles).to.be.greaterThan(6_000);
    // The first rounds fill the pools of the C library and of V8.
    const [middle, last] = [resident.slice(2, 4), resident.slice(4)].map((part) => Math.min(...part)) as [
      number,
      number,
    ];
    expect(last - middle).to.be.lessThan(10);
  });
});
