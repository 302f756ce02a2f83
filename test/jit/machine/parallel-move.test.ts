import { expect } from 'chai';
import { maskScratch, vectorScratch } from '../../../src/jit/machine/convention.ts';
import {
  firstGeneralLocation,
  firstMaskLocation,
  isMemory,
  MemoryKind,
  memoryLocation,
} from '../../../src/jit/machine/location.ts';
import { ParallelMove } from '../../../src/jit/machine/parallel-move.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';

const spill = (index: number) => memoryLocation(MemoryKind.Spill, index);
const general = (index: number) => firstGeneralLocation + index;

/** Runs moves on a machine whose places hold their own number at first. */
function run(moves: readonly (readonly [destination: number, source: number])[]): Map<number, number> {
  const parallel = new ParallelMove();
  for (const [destination, source] of moves) parallel.add(destination, source);
  const places = new Map<number, number>();
  parallel.resolve((destination, source) => {
    expect(isMemory(destination) && isMemory(source), 'a move from memory to memory').to.equal(false);
    places.set(destination, places.get(source) ?? source);
  });
  return places;
}

function expectMoved(moves: readonly (readonly [number, number])[]): void {
  const places = run(moves);
  for (const [destination, source] of moves) {
    expect(places.get(destination) ?? destination, `place ${destination}`).to.equal(source);
  }
}

describe('ParallelMove', () => {
  it('breaks rings of masks by a mask register, wherever they begin', () => {
    const mask = (number: number) => firstMaskLocation + number;
    for (const ring of [
      [mask(1), spill(3), mask(2)],
      [spill(3), mask(1)],
      [spill(3), spill(4), mask(1)],
    ]) {
      const parallel = new ParallelMove();
      ring.forEach((place, i) => {
        parallel.add(place, ring[(i + 1) % ring.length] as number);
      });
      const touched: number[] = [];
      parallel.resolve((destination, source) => touched.push(destination, source));
      expect(touched).to.include(mask(maskScratch)).and.not.include(vectorScratch);
    }
  });

  it('moves chains in the order that saves every source', () => {
    expectMoved([
      [0, 1],
      [1, 2],
      [2, 3],
    ]);
  });

  it('swaps two registers', () => {
    expectMoved([
      [0, 1],
      [1, 0],
    ]);
    expectMoved([
      [general(0), general(1)],
      [general(1), general(0)],
    ]);
  });

  it('rotates three registers beside a copy of one of them', () => {
    expectMoved([
      [0, 1],
      [1, 2],
      [2, 0],
      [3, 0],
    ]);
  });

  it('swaps two places in memory', () => {
    expectMoved([
      [spill(0), spill(1)],
      [spill(1), spill(0)],
    ]);
  });

  it('rotates through registers and memory', () => {
    expectMoved([
      [0, spill(3)],
      [spill(3), 5],
      [5, 0],
      [spill(9), spill(8)],
    ]);
  });

  it('is reusable, also after cycles in memory', () => {
    const parallel = new ParallelMove();
    for (let i = 0; i < 3; i++) {
      let count = 0;
      parallel.add(spill(0), spill(1));
      parallel.add(spill(1), spill(0));
      parallel.resolve(() => count++);
      expect(count).to.equal(4);
    }
  });

  const seed = seedFromEnvironment();
  it(`does any set of moves at once (SEED=${seed})`, () => {
    const random = new Random(seed);
    for (let round = 0; round < 2000; round++) {
      const places = Array.from({ length: random.integer(1, 12) }, (_, i) =>
        random.chance(0.6) ? i : spill(i),
      );
      const moves = places
        .filter(() => random.chance(0.8))
        .map((destination) => [destination, random.pick(places)] as const);
      expectMoved(moves);
    }
  });
});
