import { expect } from 'chai';
import { numberAlgebra as a } from '../../../src/jit/math/number-algebra.ts';
import { table } from '../../../src/jit/math/table.ts';
import { fusedMultiplyAdd } from '../../../src/support/float.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { specialValues } from '../../support/special-values.ts';
import { bitsOf, fromBits, sameBits } from '../../support/ulp.ts';

const rounds = 1000;

function wordOfBits(bits: bigint): number {
  return a.word(Number(BigInt.asIntN(32, bits >> 32n)), Number(BigInt.asIntN(32, bits)));
}

/** Half by half, as subnormal doubles: JavaScript need not keep the bits of a NaN. */
function bitsOfWord(word: number): bigint {
  const upper = bitsOf(a.doubleOf(a.shiftRight(word, 32)));
  const lower = bitsOf(a.doubleOf(a.andWords(word, a.word(0, -1))));
  return (upper << 32n) | lower;
}

/** A finite double as an integer times 2^-1074. */
function scaled(x: number): bigint {
  const bits = bitsOf(Math.abs(x));
  const exponent = bits >> 52n;
  const significand = bits & ((1n << 52n) - 1n);
  const magnitude = exponent === 0n ? significand : (significand | (1n << 52n)) << (exponent - 1n);
  return x < 0 ? -magnitude : magnitude;
}

/** `x y + c` in units of 2^-2148. */
function exactMultiplyAdd(x: number, y: number, c: number): bigint {
  return scaled(x) * scaled(y) + (scaled(c) << 1074n);
}

describe('numberAlgebra', () => {
  const seed = seedFromEnvironment();
  const title = (text: string): string => `${text} (SEED=${seed})`;

  /** Words by chance, many of them with halves that carry, borrow or are signed. */
  function randomBits(random: Random): bigint {
    const half = (): bigint =>
      BigInt(random.pick([0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, random.integer(0, 0xffff_ffff)]));
    return (half() << 32n) | half();
  }

  it(title('adds, subtracts and combines words as integers of 64 bits'), () => {
    const random = new Random(seed);
    for (let round = 0; round < rounds; round++) {
      const [v, w] = [randomBits(random), randomBits(random)];
      const words = [wordOfBits(v), wordOfBits(w)] as const;
      const place = `of ${v.toString(16)} and ${w.toString(16)}`;
      expect(bitsOfWord(words[0]), place).to.equal(v);
      expect(bitsOfWord(a.addWords(...words)), `sum ${place}`).to.equal(BigInt.asUintN(64, v + w));
      expect(bitsOfWord(a.subWords(...words)), `difference ${place}`).to.equal(BigInt.asUintN(64, v - w));
      expect(bitsOfWord(a.andWords(...words)), `and ${place}`).to.equal(v & w);
      expect(bitsOfWord(a.orWords(...words)), `or ${place}`).to.equal(v | w);
    }
  });

  it(title('shifts words by every count'), () => {
    const random = new Random(seed);
    for (let count = 0; count < 64; count++) {
      for (const bits of [randomBits(random), randomBits(random), (1n << 64n) - 1n]) {
        const place = `${bits.toString(16)} by ${count}`;
        const left = BigInt.asUintN(64, bits << BigInt(count));
        expect(bitsOfWord(a.shiftLeft(wordOfBits(bits), count)), `left, ${place}`).to.equal(left);
        expect(bitsOfWord(a.shiftRight(wordOfBits(bits), count)), `right, ${place}`).to.equal(
          bits >> BigInt(count),
        );
      }
    }
  });

  it(title('takes the bits of doubles, and gives them back'), () => {
    const random = new Random(seed);
    const some = Array.from({ length: rounds }, () => random.bitPattern());
    for (const x of [...specialValues, ...some].filter((x) => !Number.isNaN(x))) {
      const word = a.wordOf(x);
      expect(bitsOfWord(word)).to.equal(bitsOf(x));
      expect(sameBits(a.doubleOf(word), x), String(x)).to.equal(true);
    }
  });

  it(title('combines the bits of doubles'), () => {
    const random = new Random(seed);
    for (let round = 0; round < rounds; round++) {
      const [x, y] = [random.bitPattern(), random.bitPattern()];
      if (Number.isNaN(x) || Number.isNaN(y)) continue;
      const place = `of ${x} and ${y}`;
      expect(sameBits(a.andBits(x, y), fromBits(bitsOf(x) & bitsOf(y))), `and ${place}`).to.equal(true);
      expect(sameBits(a.orBits(x, y), fromBits(bitsOf(x) | bitsOf(y))), `or ${place}`).to.equal(true);
      expect(sameBits(a.xorBits(x, y), fromBits(bitsOf(x) ^ bitsOf(y))), `xor ${place}`).to.equal(true);
    }
  });

  it(title('keeps the upper 26 bits of a significand as its head'), () => {
    const random = new Random(seed);
    for (let round = 0; round < rounds; round++) {
      const x = random.bitPattern();
      if (!Number.isFinite(x)) continue;
      expect(bitsOf(a.head(x))).to.equal((bitsOf(x) >> 27n) << 27n);
    }
  });

  it(title('adds and subtracts products that are doubles with one rounding'), () => {
    const random = new Random(seed);
    for (let round = 0; round < rounds; round++) {
      const [x, y] = [a.head(significand(random)), a.head(significand(random))];
      const c = significand(random);
      expect(sameBits(a.addProduct(c, x, y), fusedMultiplyAdd(x, y, c))).to.equal(true);
      expect(sameBits(a.subProduct(c, x, y), fusedMultiplyAdd(-x, y, c))).to.equal(true);
    }
  });

  it(title('gives what a product lacks'), () => {
    const random = new Random(seed);
    for (let round = 0; round < rounds; round++) {
      const [x, y] = [significand(random), significand(random)];
      const product = x * y;
      const error = a.productError(x, y, product);
      expect(scaled(error) << 1074n, `${x} ${y}`).to.equal(exactMultiplyAdd(x, y, -product));
    }
  });

  it(title('multiplies and adds exactly where the result is a double'), () => {
    const random = new Random(seed);
    for (let round = 0; round < rounds; round++) {
      const x = significand(random);
      const y = a.head(random.chance(0.5) ? 1 / x : significand(random));
      // What is left of a product beyond the nearest double, and of a quotient's product beyond one.
      const c = Math.abs(x * y - 1) < 2 ** -20 ? -1 : -x * y;
      const result = a.exactMultiplyAdd(x, y, c);
      expect(scaled(result) << 1074n, `${x} ${y} ${c}`).to.equal(exactMultiplyAdd(x, y, c));
    }
  });

  it('compares, where nothing holds of NaN but its being unequal', () => {
    for (const x of specialValues) {
      for (const y of specialValues) {
        const isRight =
          a.less(x, y) === x < y && a.lessOrEqual(x, y) === x <= y && a.equal(x, y) === (x === y);
        if (!isRight) expect.fail(`${x} and ${y}`);
      }
    }
  });

  it('selects by truth values', () => {
    for (const p of [true, false]) {
      expect(a.not(p)).to.equal(!p);
      expect(a.select(p, 1, 2)).to.equal(p ? 1 : 2);
      for (const q of [true, false]) {
        expect([a.both(p, q), a.either(p, q)]).to.deep.equal([p && q, p || q]);
      }
    }
  });

  it('looks up rows by the low bits of the index', () => {
    const squares = table(
      'squares',
      2,
      [0, 1, 2, 3].flatMap((i) => [i, i * i]),
    );
    for (const index of [0, 1, 2, 3, 5, -1, 0x7fff_fffe]) {
      const word = a.word(12345, index);
      expect(a.lookup(squares, word, 0)).to.equal(index & 3);
      expect(a.lookup(squares, word, 1)).to.equal((index & 3) ** 2);
    }
  });
});

/** A double with 53 random bits and a moderate exponent: products of two, and their errors, are normal. */
function significand(random: Random): number {
  const bits = (bitsOf(random.fraction()) & ((1n << 52n) - 1n)) | BigInt(random.integer(0, 1));
  const exponent = BigInt(random.integer(1023 - 100, 1023 + 100));
  const x = fromBits((exponent << 52n) | bits);
  return random.chance(0.5) ? -x : x;
}
