import { expect } from 'chai';
import { Pool } from '../../src/mem/pool.ts';
import type { Address } from '../../src/native/address.ts';

const mib = 1024 * 1024;

describe('Pool', () => {
  it('grows by blocks of a sixth of what it has reserved, up to 64 MiB each', () => {
    const pool = new Pool(4096, mib, false);
    const sizes: number[] = [];
    let end = 4096;
    for (let reserved = 0; reserved < 1000 * mib; reserved += sizes.at(-1) ?? 0) {
      const size = pool.nextBlockSize(1);
      if (reserved >= 12 * mib) expect(size).to.equal(Math.min(Math.ceil(reserved / 6 / mib), 64) * mib);
      const mapping = { rx: end as Address, rw: end as Address, size, dual: false, largePages: false };
      const block = pool.blockOn(mapping);
      pool.takeInNew(block, 1);
      block.map.settle();
      end += size;
      sizes.push(size);
    }
    expect(sizes.at(-1)).to.equal(64 * mib);
    expect(pool.nextBlockSize((100 * mib) / 4096)).to.equal(100 * mib);
    pool.verify();
  });
});
