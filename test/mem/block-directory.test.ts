import { expect } from 'chai';
import { Block } from '../../src/mem/block.ts';
import { BlockDirectory } from '../../src/mem/block-directory.ts';
import { Pool } from '../../src/mem/pool.ts';
import type { Address } from '../../src/native/address.ts';

const pool = new Pool(64, 4096, false);

function blockAt(address: number, size: number): Block {
  const rx = address as Address;
  return new Block({ rx, rw: rx, size, dual: false, largePages: false }, pool, 0);
}

describe('BlockDirectory', () => {
  const base = 0x7f12_3456_0000;

  it('finds the block that holds an address, and none beside it', () => {
    const directory = new BlockDirectory();
    const blocks = [
      blockAt(base + 0x20000, 0x10000),
      blockAt(base, 0x10000),
      blockAt(base + 0x11000, 0x1000),
      blockAt(base + 0x12000, 0x3000),
    ];
    for (const block of blocks) directory.add(block);
    directory.verify();
    for (let round = 0; round < 2; round++) {
      for (const block of blocks) {
        for (const offset of [0, 1, block.size - 1])
          expect(directory.find(block.rx + offset)).to.equal(block);
      }
      for (const offset of [-1, 0x10000, 0x10fff, 0x15000, 0x30000, 2 ** 32]) {
        expect(directory.find(base + offset), `at ${offset}`).to.equal(undefined);
      }
      expect(directory.find(Number.NaN)).to.equal(undefined);
    }
    expect([...directory].map(({ rx }) => rx - base)).to.deep.equal([0, 0x11000, 0x12000, 0x20000]);
  });

  it('finds a block that lies across a multiple of 2 or 4 GiB, and none with the same lowest 32 bits', () => {
    for (const middle of [0x7f12_0000_0000, 0x7f12_8000_0000]) {
      const directory = new BlockDirectory();
      const block = blockAt(middle - 0x10000, 0x20000);
      directory.add(block);
      for (let round = 0; round < 2; round++) {
        for (const offset of [0, 0xffff, 0x10000, 0x1ffff, 0.5, 0x1ffff + 0.5])
          expect(directory.find(block.rx + offset), `at ${offset}`).to.equal(block);
        for (const offset of [-0.5, 0x20000, 2 ** 32, -(2 ** 32), 2 ** 31, 2 ** 53, -block.rx, Infinity])
          expect(directory.find(block.rx + offset), `at ${offset}`).to.equal(undefined);
      }
    }
  });

  it('tells blocks of the same 64 KiB apart', () => {
    const directory = new BlockDirectory();
    const blocks = Array.from({ length: 16 }, (_, index) => blockAt(base + index * 0x1000, 0x1000));
    for (const block of blocks) directory.add(block);
    for (const block of [...blocks, ...blocks.toReversed()])
      expect(directory.find(block.rx + 5)).to.equal(block);
  });

  it('forgets a block that is removed', () => {
    const directory = new BlockDirectory();
    const blocks = [0, 0x10000, 0x20000].map((offset) => blockAt(base + offset, 0x10000));
    for (const block of blocks) directory.add(block);
    const [first, second, third] = blocks as [Block, Block, Block];
    expect(directory.find(second.rx)).to.equal(second);
    directory.remove(second);
    directory.verify();
    expect([first, second, third].map(({ rx }) => directory.find(rx))).to.deep.equal([
      first,
      undefined,
      third,
    ]);
    expect(directory.size).to.equal(2);
  });
});
