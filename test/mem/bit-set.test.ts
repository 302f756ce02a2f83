import { expect } from 'chai';
import { BitSet } from '../../src/mem/bit-set.ts';
import { Random, seedFromEnvironment } from '../support/random.ts';

/** A set of numbers below `bound`, with words of others around it. */
function setBelow(bound: number): { set: BitSet; words: Int32Array } {
  const words = new Int32Array(3 + BitSet.wordCount(bound) + 3);
  return { set: new BitSet(words, 3, bound), words };
}

function members(set: BitSet): number[] {
  const all: number[] = [];
  for (let value = set.from(0); value >= 0; value = set.from(value + 1)) all.push(value);
  return all;
}

describe('BitSet', () => {
  for (const bound of [1, 32, 33, 1024, 1025, 40_000]) {
    it(`gives its members in order, of ${bound}`, () => {
      const { set, words } = setBelow(bound);
      expect(members(set)).to.deep.equal([]);
      const added = [bound - 1, 0, bound >> 1, bound - 1];
      for (const value of added) set.add(value);
      expect(members(set)).to.deep.equal([...new Set(added)].sort((a, b) => a - b));
      expect([...words.subarray(0, 3), ...words.subarray(-3)]).to.deep.equal([0, 0, 0, 0, 0, 0]);
      set.clear();
      expect(words.every((word) => word === 0)).to.equal(true);
    });
  }

  const seed = seedFromEnvironment();
  it(`agrees with a Set (SEED=${seed})`, () => {
    const random = new Random(seed);
    for (let round = 0; round < 200; round++) {
      const bound = random.integer(1, 5000);
      const { set } = setBelow(bound);
      const model = new Set<number>();
      for (let i = random.integer(0, 60); i > 0; i--) {
        const value = random.integer(0, bound - 1);
        const other = random.integer(0, bound - 1);
        if (random.chance(0.5)) set.add(value);
        else {
          set.addBoth(value, other);
          model.add(other);
        }
        model.add(value);
        const gone = random.chance(0.5) ? value : random.integer(0, bound - 1);
        if (random.chance(0.3)) {
          set.remove(gone);
          model.delete(gone);
        }
      }
      const sorted = [...model].sort((a, b) => a - b);
      expect(members(set)).to.deep.equal(sorted);
      const from = random.integer(0, bound - 1);
      expect(set.from(from)).to.equal(sorted.find((value) => value >= from) ?? -1);
      let last = 0;
      for (const value of [...sorted, -1]) {
        expect(set.take(last)).to.equal(value);
        last = value;
      }
      expect(members(set)).to.deep.equal([]);
    }
  });
});
