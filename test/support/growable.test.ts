import { expect } from 'chai';
import { grown, withRoom } from '../../src/support/growable.ts';

describe('support/growable', () => {
  it('gives at least twice the length, what is needed, and the same contents', () => {
    const list = Int32Array.from({ length: 64 }, (_, i) => i);
    expect(grown(list, 65)).to.have.length(128);
    expect(grown(list, 1000)).to.have.length(1024);
    expect([...grown(list, 65)]).to.deep.equal([...list, ...new Int32Array(64)]);
    expect(grown(new Uint8Array(0), 1)).to.have.length(64);
    expect(grown(new BigInt64Array([-1n]), 2).at(0)).to.equal(-1n);
  });

  it('gives no more than the most', () => {
    expect(grown(new Uint8Array(100), 101, 150)).to.have.length(150);
    expect(grown(new Uint8Array(100), 101, 1500)).to.have.length(200);
  });

  it('leaves what has room, and makes zeros of what has not', () => {
    const list = new Int32Array(64).fill(7);
    expect(withRoom(list, 64)).to.equal(list);
    expect([...withRoom(list, 65)]).to.deep.equal([...new Int32Array(128)]);
  });

  it('makes room whatever the length is said to be', () => {
    const list = new Int32Array(64);
    Object.defineProperty(list, 'length', { value: Number.NaN });
    expect(withRoom(list, 3)).to.have.length(64);
    expect(grown(list, 65)).to.have.length(128);
  });
});
