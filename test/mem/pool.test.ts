import { expect } from 'chai';
import type { Block, BlockMapping } from '../../src/mem/block.ts';
import { Pool } from '../../src/mem/pool.ts';
import type { Address } from '../../src/native/address.ts';

const mib = 1024 * 1024;

function mappingAt(address: number, size: number): BlockMapping {
  const rx = address as Address;
  return { rx, rw: rx, size, dual: false, largePages: false };
}

describe('Pool', () => {
  it('grows by blocks of a sixth of what it has reserved, up to 64 MiB each', () => {
    const pool = new Pool(4096, mib, false);
    const sizes: number[] = [];
    let end = 4096;
    for (let reserved = 0; reserved < 1000 * mib; reserved += sizes.at(-1) ?? 0) {
      const size = pool.nextBlockSize(1);
      if (reserved >= 12 * mib) expect(size).to.equal(Math.min(Math.ceil(reserved / 6 / mib), 64) * mib);
      const block = pool.blockOn(mappingAt(end, size));
      pool.takeInNew(block, 1);
      block.map.settle();
      end += size;
      sizes.push(size);
    }
    expect(sizes.at(-1)).to.equal(64 * mib);
    expect(pool.nextBlockSize((100 * mib) / 4096)).to.equal(100 * mib);
    pool.verify();
  });

  it('is made whole when the removal of a block was cut off', () => {
    const pool = new Pool(4096, mib, false);
    const blocks = [1, 2, 3].map((number) => {
      const block = pool.blockOn(mappingAt(number * mib, mib));
      pool.takeInNew(block, 4);
      block.map.settle();
      return block;
    });
    const { vacantCells } = pool as unknown as { vacantCells: number[] };
    // Throws where a time limit of `node:vm` may end it: the cell is vacant, and nobody knows.
    const cutOff = () => {
      throw new Error('cut off');
    };
    Object.defineProperty(vacantCells, 'push', { value: cutOff, configurable: true });
    expect(() => pool.remove(blocks[1] as Block)).to.throw('cut off');
    delete (vacantCells as { push?: unknown }).push;
    pool.rebuild();
    pool.verify();
    pool.restore(blocks[1] as Block);
    pool.verify();
    expect(pool.blocks()).to.have.members(blocks);
  });
});
