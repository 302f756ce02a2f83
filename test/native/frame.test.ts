import { expect } from 'chai';
import { FrameSlot, frameLength, hostRequest, maxArguments, Trap } from '../../src/native/frame.ts';
import { freshAddon } from './fresh-addon.ts';
import { nativeLayouts } from './native-layouts.ts';

describe('frame', () => {
  it('has one layout in TypeScript and in C++', () => {
    const { frame, traps, hostRequests, frameSizes } = nativeLayouts();
    expect(frame).to.deep.equal({ ...FrameSlot });
    expect(traps).to.deep.equal({ ...Trap });
    expect(hostRequests).to.deep.equal({ ...hostRequest });
    expect(frameSizes).to.deep.equal({ maxArguments, frameLength });
  });

  it('is one array, which every access gives', () => {
    const addon = freshAddon();
    expect(addon.frame).to.be.instanceOf(Float64Array);
    expect(addon.frame).to.equal(addon.frame);
    expect(addon.frame.length).to.equal(frameLength);
    expect(addon.frame.buffer.byteLength).to.equal(frameLength * 8);
  });

  it('is born with the stack limit and the way to the host, and nothing else', () => {
    const words = new BigUint64Array(freshAddon().frame.buffer);
    const set = [FrameSlot.StackLimit, FrameSlot.HostCallEntry, FrameSlot.HostCallContext];
    words.forEach((word, slot) => {
      expect(word !== 0n, `slot ${slot}`).to.equal((set as number[]).includes(slot));
    });
    expect(Number(words[FrameSlot.StackLimit])).to.be.lessThan(2 ** 47);
  });

  it('belongs to one instance', () => {
    const first = freshAddon();
    const second = freshAddon();
    first.frame[FrameSlot.Arguments] = 1;
    expect(second.frame[FrameSlot.Arguments]).to.equal(0);
  });
});
