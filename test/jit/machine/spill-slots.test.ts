import { expect } from 'chai';
import { SpillSlots } from '../../../src/jit/machine/spill-slots.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';

describe('SpillSlots', () => {
  it('gives a slot away again after its value has died', () => {
    const slots = new SpillSlots();
    expect(slots.take(1, 10)).to.equal(0);
    expect(slots.take(2, 5)).to.equal(1);
    expect(slots.take(5, 20)).to.equal(2);
    expect(slots.take(6, 7)).to.equal(1);
    expect(slots.count).to.equal(3);
  });

  it('starts anew after reset', () => {
    const slots = new SpillSlots();
    slots.take(1, 100);
    slots.reset();
    expect(slots.take(1, 2)).to.equal(0);
    expect(slots.count).to.equal(1);
  });

  const seed = seedFromEnvironment();
  it(`never lets two values that are alive share a slot (SEED=${seed})`, () => {
    const random = new Random(seed);
    const slots = new SpillSlots();
    const owners = new Map<number, number>();
    for (let position = 1; position < 5000; position++) {
      const last = position + random.integer(0, random.pick([3, 30, 300]));
      const slot = slots.take(position, last);
      expect(owners.get(slot) ?? 0).to.be.below(position);
      owners.set(slot, last);
    }
    expect(slots.count).to.be.below(500);
  });
});
