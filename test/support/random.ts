import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { elementAt } from '../../src/support/element.ts';
import { specialValues } from './special-values.ts';
import { fromBits } from './ulp.ts';

/** `SEED` from the environment, or one by chance. Whoever uses it prints it, for example in the title of the test. */
export function seedFromEnvironment(): number {
  const { SEED } = process.env;
  return SEED === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(SEED) | 0;
}

/** A seeded source of choices: the same seed gives the same choices on every machine. */
export class Random {
  readonly #generator;

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed | 0);
  }

  /** Both bounds are included. */
  integer(from: number, to: number): number {
    return uniformInt(this.#generator, from, to);
  }

  /** In [0, 1). */
  fraction(): number {
    return uniformFloat64(this.#generator);
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError('there is nothing to pick from');
    // Not by `elementAt`: undefined is a choice like others.
    return list[this.integer(0, list.length - 1)] as T;
  }

  /** Picks a key with the odds that its value gives. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const entries = Object.entries(weights) as [K, number][];
    let rest = this.fraction() * entries.reduce((total, [, weight]) => total + weight, 0);
    for (const [key, weight] of entries) {
      rest -= weight;
      if (rest < 0) return key;
    }
    return elementAt(entries, entries.length - 1)[0];
  }

  shuffle<T>(list: readonly T[]): T[] {
    const shuffled = [...list];
    for (let last = shuffled.length - 1; last > 0; last--) {
      const other = this.integer(0, last);
      const moved = elementAt(shuffled, last);
      shuffled[last] = elementAt(shuffled, other);
      shuffled[other] = moved;
    }
    return shuffled;
  }

  /** Any double, each bit pattern as likely as the other; so mostly of extreme magnitude, and NaN at times. */
  bitPattern(): number {
    const high = BigInt(this.integer(0, 0xffff_ffff));
    return fromBits((high << 32n) | BigInt(this.integer(0, 0xffff_ffff)));
  }

  /** A double as programs meet them: small integers, quarters, everyday and extreme magnitudes, special values. */
  double(): number {
    switch (this.integer(0, 9)) {
      case 0:
        return this.pick(specialValues);
      case 8:
      case 9:
        return this.pick([0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1, -1]);
      case 1:
        return this.bitPattern();
      case 2:
        return this.integer(-8, 8);
      case 3:
        return this.integer(-40, 40) / 4;
      case 4:
        return this.integer(-0x8000_0000, 0x7fff_ffff);
      case 5:
        return (this.fraction() * 2 - 1) * 10 ** this.integer(-9, 9);
      default:
        return this.fraction() * 20 - 10;
    }
  }
}
