import { expect } from 'chai';
import { MemoryFlags } from '../../src/mem/virt-mem-backend.ts';
import type { Address } from '../../src/native/address.ts';
import { FrameSlot } from '../../src/native/frame.ts';
import { freshAddon } from './fresh-addon.ts';
import { call, doubling, place } from './machine-code.ts';

describe('invoke', () => {
  const addon = freshAddon();
  const page = addon.virtMemInfo().pageSize;

  it('runs machine code on the arguments in the frame', () => {
    const entry = place(addon, doubling);
    expect(call(addon, entry, 21)).to.equal(42);
    expect(call(addon, entry, -0)).to.equal(-0);
    expect(call(addon, entry, Number.NaN)).to.be.NaN;
  });

  it('runs many functions in turn', () => {
    const entries = Array.from({ length: 20 }, () => place(addon, doubling));
    for (let round = 0; round < 3; round++) {
      for (const [index, entry] of entries.entries()) expect(call(addon, entry, index)).to.equal(2 * index);
    }
  });

  it('refuses an entry that is no executable memory of this instance', () => {
    const writable = addon.alloc(page, MemoryFlags.AccessRW);
    const foreign = place(freshAddon(), doubling);
    const garbage = [
      0,
      -0,
      1,
      -1,
      0.5,
      2 ** 47,
      2 ** 53,
      2 ** 64,
      1e300,
      Number.NaN,
      Number.POSITIVE_INFINITY,
    ];
    for (const entry of [writable, foreign, ...garbage]) {
      addon.frame[FrameSlot.Entry] = entry;
      expect(() => addon.invoke(), String(entry)).to.throw('not in executable memory');
    }
  });

  it('follows every change of protection', () => {
    const address = addon.alloc(2 * page, MemoryFlags.AccessRW);
    addon.write(address, Uint8Array.from(doubling));
    expect(() => call(addon, address, 4)).to.throw('not in executable memory');
    addon.protect(address, page, MemoryFlags.AccessRX);
    expect(call(addon, address, 4)).to.equal(8);
    expect(() => call(addon, (address + page) as Address, 4)).to.throw('not in executable memory');
    addon.protect(address, page, MemoryFlags.AccessRead);
    expect(() => call(addon, address, 4)).to.throw('not in executable memory');
    addon.protect(address, 2 * page, MemoryFlags.AccessRX);
    expect(call(addon, address, 5)).to.equal(10);
    addon.release(address, 2 * page);
    expect(() => call(addon, address, 4)).to.throw('not in executable memory');
  });
});
