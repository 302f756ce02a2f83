import { expect } from 'chai';
import { freshAddon } from './fresh-addon.ts';

describe('hasAmpleStack', () => {
  it('is true until 256 KiB are left, and false from there on', () => {
    const { hasAmpleStack, stackAddress } = freshAddon();
    const answers: boolean[] = [];
    const addresses: number[] = [];
    const descend = (): number => {
      addresses.push(stackAddress());
      answers.push(hasAmpleStack());
      return descend() + 1;
    };
    expect(descend).to.throw(RangeError);
    const first = answers.indexOf(false);
    expect(answers.slice(0, 3)).to.deep.equal([true, true, true]);
    expect(answers.lastIndexOf(true)).to.equal(first - 1);
    const left = (addresses[first] as number) - (addresses.at(-1) as number);
    expect(left).to.be.within(200 * 1024, 300 * 1024);
  });
});
