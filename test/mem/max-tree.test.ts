import { expect } from 'chai';
import { MaxTree } from '../../src/mem/max-tree.ts';
import { Random, seedFromEnvironment } from '../support/random.ts';

function treeOver(cells: number, offset = 0): MaxTree {
  return new MaxTree(new Int32Array(offset + MaxTree.wordCount(cells)), offset, cells);
}

describe('MaxTree', () => {
  for (const cells of [1, 2, 8, 9, 64, 65, 1000]) {
    it(`finds the leftmost cell that holds enough, of ${cells}`, () => {
      const tree = treeOver(cells, 3);
      tree.set(cells - 1, 5);
      expect([tree.max, tree.find(5), tree.find(1)]).to.deep.equal([5, cells - 1, cells - 1]);
      tree.set(0, 4);
      expect([tree.max, tree.find(4)]).to.deep.equal([cells === 1 ? 4 : 5, 0]);
      tree.set(cells - 1, 0);
      tree.set(0, 0);
      expect(tree.max).to.equal(0);
      expect(tree.fault()).to.equal(undefined);
    });
  }

  const seed = seedFromEnvironment();
  it(`agrees with a linear search (SEED=${seed})`, () => {
    const random = new Random(seed);
    for (const cells of [1, 7, 70, 600]) {
      const tree = treeOver(cells);
      const model = new Array<number>(cells).fill(0);
      for (let step = 0; step < 2000; step++) {
        const cell = random.integer(0, cells - 1);
        model[cell] = random.chance(0.3) ? 0 : random.integer(0, 50);
        tree.set(cell, model[cell] as number);
        const max = Math.max(...model);
        expect(tree.max).to.equal(max);
        const n = random.integer(0, max);
        expect(tree.find(n)).to.equal(model.findIndex((value) => value >= n));
        expect(tree.get(cell)).to.equal(model[cell]);
      }
      expect(tree.fault()).to.equal(undefined);
    }
  });

  for (const [cells, used] of [
    [1, 1],
    [70, 9],
    [600, 65],
    [600, 600],
  ] as const) {
    it(`forgets ${used} cells of ${cells}`, () => {
      const words = new Int32Array(MaxTree.wordCount(cells));
      const tree = new MaxTree(words, 0, cells);
      for (let cell = 0; cell < used; cell++) tree.set(cell, cell + 1);
      tree.clear(used);
      expect(words.every((word) => word === 0)).to.equal(true);
    });
  }

  it('costs eight sevenths of its cells', () => {
    expect(MaxTree.wordCount(8 ** 4) / 8 ** 4).to.be.below(8 / 7);
  });

  it('notices a node that is not the maximum of its children', () => {
    const words = new Int32Array(MaxTree.wordCount(64));
    const tree = new MaxTree(words, 0, 64);
    tree.set(10, 7);
    words[10] = 6;
    expect(tree.fault()).to.equal('node 1 of level 1 holds 7, its children 6');
  });
});
