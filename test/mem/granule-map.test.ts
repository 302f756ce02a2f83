import { expect } from 'chai';
import { GranuleMap, Refusal } from '../../src/mem/granule-map.ts';
import { invariant } from '../../src/support/invariant.ts';
import { Random, seedFromEnvironment } from '../support/random.ts';

/*
 * Maps are drawn with a character for each granule: `x` starts a span and `-` continues it, `.` is free, `#`
 * is padding.
 */

function draw(map: GranuleMap): string {
  const picture = new Array<string>(map.granules).fill('.').fill('#', 0, map.first);
  for (const { start, length } of map.spans())
    picture.fill('-', start, start + length).fill('x', start, start + 1);
  return picture.join('');
}

/** The map of a picture: everything is allocated from left to right, then the dots are released. */
function mapOf(picture: string): GranuleMap {
  const map = new GranuleMap(picture.length, picture.lastIndexOf('#') + 1);
  const gaps: number[] = [];
  for (const run of picture.slice(map.first).match(/x-*|\.+/g) ?? []) {
    const start = map.takeTail(run.length);
    if (run.startsWith('.')) gaps.push(start);
  }
  for (const gap of gaps) map.release(gap);
  map.verify();
  expect(draw(map)).to.equal(picture);
  return map;
}

/** As an allocator does: holes first, then the tail. */
function take(map: GranuleMap, n: number): number {
  const start = map.longestHole >= n ? map.takeHole(n) : map.takeTail(n);
  map.verify();
  return start;
}

function release(map: GranuleMap, start: number): number {
  const length = map.release(start);
  map.verify();
  return length;
}

describe('GranuleMap', () => {
  describe('allocates', () => {
    const cases: readonly (readonly [before: string, size: number, after: string])[] = [
      ['........', 3, 'x--.....'],
      ['#.......', 3, '#x--....'],
      ['x-x--...', 2, 'x-x--x-.'],
      ['x.x.x...', 1, 'xxx.x...'],
      ['x.x..x..', 2, 'x.xx-x..'],
      ['x...x...', 2, 'xx-.x...'],
      ['x.x.x...', 3, 'x.x.xx--'],
      ['..x..x..', 2, 'x-x..x..'],
    ];
    for (const [before, size, after] of cases) {
      it(`${size} of ${before}: ${after}`, () => {
        const map = mapOf(before);
        take(map, size);
        expect(draw(map)).to.equal(after);
      });
    }
  });

  describe('releases', () => {
    const cases: readonly (readonly [before: string, start: number, after: string, longestHole: number])[] = [
      ['xxx.....', 1, 'x.x.....', 1],
      ['xxx.....', 2, 'xx......', 0],
      ['x.xx....', 2, 'x..x....', 2],
      ['xx.x....', 1, 'x..x....', 2],
      ['x.x.x...', 2, 'x...x...', 3],
      ['x.x.....', 2, 'x.......', 0],
      ['.x......', 1, '........', 0],
      ['.x--.x..', 1, '.....x..', 5],
      ['#x......', 1, '#.......', 0],
    ];
    for (const [before, start, after, longestHole] of cases) {
      it(`${start} of ${before}: ${after}`, () => {
        const map = mapOf(before);
        release(map, start);
        expect(draw(map)).to.equal(after);
        expect(map.longestHole).to.equal(longestHole);
      });
    }
  });

  describe('shrinks', () => {
    const cases: readonly (readonly [before: string, start: number, kept: number, after: string])[] = [
      ['x---x...', 0, 1, 'x...x...'],
      ['x---x...', 0, 3, 'x--.x...'],
      ['x---....', 0, 2, 'x-......'],
      ['x--..x..', 0, 1, 'x....x..'],
    ];
    for (const [before, start, kept, after] of cases) {
      it(`${start} of ${before} to ${kept}: ${after}`, () => {
        const map = mapOf(before);
        map.shrink(start, map.lengthAt(start), kept);
        map.verify();
        expect(draw(map)).to.equal(after);
      });
    }
  });

  describe('keeps track of holes that cross chunks of 32 granules', () => {
    const wall = 'x'.repeat(20);
    for (const length of [12, 13, 31, 32, 33, 44, 45, 64, 76, 77, 200, 1000]) {
      it(`of ${length}, released in one piece and in three`, () => {
        const picture = `${wall}${'.'.repeat(length)}x...`;
        const whole = mapOf(picture);
        expect(whole.longestHole).to.equal(length);
        const third = Math.floor(length / 3);
        for (const order of [
          [0, 1, 2],
          [0, 2, 1],
          [1, 0, 2],
          [1, 2, 0],
          [2, 0, 1],
          [2, 1, 0],
        ]) {
          const map = mapOf(picture);
          const parts = [take(map, third), take(map, third), take(map, length - 2 * third)];
          expect(map.longestHole).to.equal(0);
          for (const part of order) release(map, parts[part] as number);
          expect(draw(map)).to.equal(picture);
          expect(map.longestHole).to.equal(length);
        }
      });
    }

    it('and are eaten from the front across several chunks', () => {
      const map = mapOf(`${wall}${'.'.repeat(300)}x..`);
      for (let start = 20; start < 320; start += 10) expect(take(map, 10)).to.equal(start);
      expect(map.longestHole).to.equal(0);
    });

    it('and vanish into the tail', () => {
      const map = mapOf(`${wall}${'.'.repeat(300)}x..`);
      release(map, 320);
      expect(map.longestHole).to.equal(0);
      expect(map.tailLength).to.equal(303);
    });
  });

  describe('puts off to count', () => {
    const picture = `${'x'.repeat(40)}${'x---'.repeat(40)}x`;
    const seed = seedFromEnvironment();
    it(`what is released, in whatever order (SEED=${seed})`, () => {
      const random = new Random(seed);
      for (let round = 0; round < 50; round++) {
        const map = mapOf(`${picture}...`);
        const starts = random.shuffle([...map.spans()].map(({ start }) => start));
        const kept = starts.splice(0, random.integer(1, 20)).sort((a, b) => a - b);
        for (const start of starts) {
          expect(map.release(start)).to.be.above(0);
          if (random.chance(0.03)) map.count();
        }
        map.verify();
        map.count();
        map.verify();
        expect([...map.spans()].map(({ start }) => start)).to.deep.equal(kept);
      }
    });

    it('nothing when no span is left', () => {
      const map = mapOf('x.x--...');
      map.release(0);
      expect(map.isUncounted).to.equal(true);
      map.release(2);
      expect([map.isUncounted, map.longestHole, map.tailLength]).to.deep.equal([false, 0, 8]);
      map.verify();
    });

    it('and is made whole when that is cut off', () => {
      const map = mapOf(`${picture}...`);
      for (const { start } of [...map.spans()]) if (start % 3 !== 0) map.release(start);
      const before = draw(map);
      // A count that has just begun, and was cut off.
      map.changingEnd = 1;
      map.rebuild();
      map.verify();
      expect([map.isUncounted, draw(map)]).to.deep.equal([false, before]);
    });
  });

  describe('refuses to release', () => {
    const map = mapOf('#x--.xx.x.....');
    const cases: readonly (readonly [at: number, why: number])[] = [
      [0, Refusal.NotAllocated],
      [2, Refusal.Interior],
      [3, Refusal.Interior],
      [4, Refusal.NotAllocated],
      [7, Refusal.NotAllocated],
      [9, Refusal.NotAllocated],
      [13, Refusal.NotAllocated],
      [14, Refusal.NotAllocated],
      [-1, Refusal.NotAllocated],
    ];
    for (const [at, why] of cases) {
      it(`granule ${at} of ${draw(map)}`, () => {
        expect([map.lengthAt(at), release(map, at)]).to.deep.equal([why, why]);
        expect(draw(map)).to.equal('#x--.xx.x.....');
      });
    }
  });

  it('finds the span around a granule', () => {
    const map = mapOf(`#x--.xx.x${'-'.repeat(100)}x...`);
    const starts = Array.from({ length: map.granules }, (_, g) => map.startOf(g));
    const none = Refusal.NotAllocated;
    const expected = [none, 1, 1, 1, none, 5, 6, none, ...new Array(101).fill(8), 109, none, none, none];
    expect(starts).to.deep.equal(expected);
  });

  it('tells generations of a span apart, sixteen of them', () => {
    const map = new GranuleMap(64, 0);
    const seen = new Set<number>();
    for (let round = 0; round < 16; round++) {
      const start = map.takeTail(3);
      seen.add(map.generationAt(start));
      if (round % 2 === 0) map.release(start);
      else {
        map.shrink(start, 3, 1);
        seen.add(map.generationAt(start));
        map.release(start);
        round++;
      }
    }
    expect(seen.size).to.equal(16);
    expect(map.generationAt(1)).to.equal(0);
  });

  it('costs little more than a byte for each granule', () => {
    expect(new GranuleMap(1 << 20, 1).bytes / (1 << 20)).to.be.below(1.15);
  });

  describe('verify', () => {
    const damages: readonly (readonly [
      what: string,
      message: RegExp,
      damage: (words: Int32Array) => void,
    ])[] = [
      ['a lost stop', /span at 4 has no end|spans are counted/, (words) => flip(words, 1, 4)],
      ['a stop in a hole', /free and the end of a span/, (words) => flip(words, 1, 3)],
      ['a hole in a span', /used granules are counted/, (words) => flip(words, 0, 1)],
      ['a mark in the padding', /padding granule 0 is marked/, (words) => flip(words, 0, 0)],
      ['a mark beyond the tail', /beyond the tail/, (words) => flip(words, 0, 40)],
      ['a wrong maximum', /chunk 0 claims a hole of 2/, (words) => (words[11] = 2)],
    ];
    const flip = (words: Int32Array, word: number, g: number): void => {
      const position = (g >>> 5) * 2 + word;
      words[position] = (words[position] as number) ^ (0x80000000 >>> (g & 31));
    };
    for (const [what, message, damage] of damages) {
      it(`notices ${what}`, () => {
        const map = mapOf(`#x-.x${'.'.repeat(50)}`);
        map.count();
        const { words } = map as unknown as { words: unknown };
        invariant(words instanceof Int32Array, 'the words are where this test expects them');
        damage(words);
        expect(() => map.verify()).to.throw(message);
      });
    }
  });

  const seed = seedFromEnvironment();
  it(`agrees with an array of granules (SEED=${seed})`, () => {
    const random = new Random(seed);
    for (const granules of [33, 64, 500, 3000]) {
      const padding = random.integer(0, 1);
      const map = new GranuleMap(granules, padding);
      const model = new Array<string>(granules).fill('.').fill('#', 0, padding);
      const starts: number[] = [];
      let filling = 1;
      for (let step = 0; step < 600; step++) {
        // Long stretches of releases, so that much is put off.
        if (random.chance(0.05)) filling = random.integer(0, 10) / 10;
        const n = random.chance(0.1) ? random.integer(1, granules) : random.integer(1, 12);
        if (random.chance(filling) && Math.max(map.longestHole, map.tailLength) >= n) {
          const start = take(map, n);
          expect(model.slice(start, start + n).join('')).to.equal('.'.repeat(n));
          model.fill('-', start, start + n).fill('x', start, start + 1);
          starts.push(start);
        } else if (starts.length > 0) {
          const [start] = starts.splice(random.integer(0, starts.length - 1), 1) as [number];
          let end = start + map.lengthAt(start);
          if (random.chance(0.3)) {
            const kept = random.integer(1, end - start);
            if (kept < end - start) map.shrink(start, end - start, kept);
            map.verify();
            model.fill('.', start + kept, end);
            end = start + kept;
          }
          if (random.chance(0.8)) {
            expect(release(map, start)).to.equal(end - start);
            model.fill('.', start, end);
          } else {
            starts.push(start);
          }
        }
        expect(draw(map)).to.equal(model.join(''));
        const used = model.filter((mark) => mark === 'x' || mark === '-').length;
        expect([map.spanCount, map.used]).to.deep.equal([starts.length, used]);
      }
    }
  });
});
