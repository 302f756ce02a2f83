import { expect } from 'chai';
import { combinePartials } from '../../../src/jit/kernel/reductions.ts';

describe('partial results of reductions', () => {
  it('are combined, however many', () => {
    // An array of JavaScript of 2^25 elements that are set one by one ends the process.
    const count = 2 ** 25 + 1;
    expect(combinePartials('count', new Float32Array(count).fill(1), count)).to.equal(count);
  });
});
