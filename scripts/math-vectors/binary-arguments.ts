/** Which pairs of arguments are worth a look, besides those that a search finds. */
import type { Random } from '../../test/support/random.ts';
import { magnitude, range } from './unary-arguments.ts';

export type Pair = readonly [x: number, y: number];

export interface BinaryChoice {
  /** Ways to draw pairs, each as likely as the other. */
  readonly pairs: readonly ((random: Random) => Pair)[];
  /** Pairs to take for certain. */
  readonly extra: () => readonly Pair[];
}

/** Of Pythagorean triangles. */
const legs: readonly Pair[] = [
  [3, 4],
  [5, 12],
  [8, 15],
  [7, 24],
  [20, 21],
  [9, 40],
  [28, 45],
  [119, 120],
];

const { MAX_VALUE: max, MIN_VALUE: min } = Number;

function between(random: Random, from: number, to: number): number {
  return from + (to - from) * random.fraction();
}

function signed(random: Random, x: number): number {
  return random.chance(0.5) ? -x : x;
}

/** By name. */
export const binaryChoices: Readonly<Record<string, BinaryChoice>> = {
  atan2: {
    pairs: [
      (random) => [between(random, -10, 10), between(random, -10, 10)],
      (random) => [between(random, -1, 1), between(random, -1, 1)],
      (random) => {
        const x = signed(random, magnitude(random, -900, 900));
        return [signed(random, x * magnitude(random, -60, 60)), x];
      },
      (random) => [
        signed(random, magnitude(random, -1074, 1024)),
        signed(random, magnitude(random, -1074, 1024)),
      ],
      // Subnormal quotients, and arguments.
      (random) => [
        signed(random, magnitude(random, -1060, -1030)),
        signed(random, magnitude(random, -10, 10)),
      ],
    ],
    extra: () =>
      [0, 1, min, max].flatMap((y) =>
        range(-2, 2).flatMap((k): Pair[] => [
          [k, y],
          [k, -y],
          [y, k],
          [-y, k],
        ]),
      ),
  },
  hypot: {
    pairs: [
      (random) => [between(random, -10, 10), between(random, -10, 10)],
      (random) => {
        const x = magnitude(random, -900, 900);
        return [x, x * magnitude(random, -30, 30)];
      },
      (random) => [magnitude(random, -1074, -1000), magnitude(random, -1074, -1000)],
      (random) => [magnitude(random, 1020, 1024), magnitude(random, 1000, 1024)],
      (random) => [magnitude(random, -540, -480), magnitude(random, -540, -480)],
      (random) => [magnitude(random, 505, 515), magnitude(random, 505, 515)],
    ],
    extra: () => [
      ...legs.flatMap(([a, b]) =>
        [1, 2 ** -1060, 2 ** 1000, 2 ** -520, 2 ** 511].map((scale): Pair => [a * scale, -b * scale]),
      ),
      [max, max / 2],
      [max, 0],
      [max * Math.SQRT1_2, max * Math.SQRT1_2],
      [min, min],
      [3 * min, 4 * min],
    ],
  },
  pow: {
    pairs: [
      (random) => [between(random, 0, 10), between(random, -10, 10)],
      (random) => [between(random, 0.5, 2), between(random, -1000, 1000)],
      // The whole range of results.
      (random) => {
        const x = magnitude(random, -1074, 1024);
        return [x, between(random, -1080, 1030) / Math.log2(x)];
      },
      (random) => {
        const x = 1 + signed(random, magnitude(random, -50, -1));
        return [x, between(random, -1080, 1030) / Math.log2(x)];
      },
      // Subnormal results, and those that barely overflow.
      (random) => {
        const x = magnitude(random, -3, 8);
        return [
          x,
          (random.chance(0.5) ? between(random, -1076, -1020) : between(random, 1023, 1024.1)) / Math.log2(x),
        ];
      },
      (random) => [signed(random, between(random, 0, 20)), Math.round(between(random, -40, 40))],
      (random) => [magnitude(random, -1000, 1000), signed(random, random.pick([0.5, 1, 1.5, 2, 3]))],
      // Results near 1.
      (random) => [magnitude(random, -100, 100), signed(random, magnitude(random, -70, -20))],
    ],
    extra: () => [
      ...range(-22, 22).map((k): Pair => [10, 14 * k]),
      ...range(-21, 20).map((k): Pair => [2, 50 * k + 7]),
      ...range(1, 24).map((k): Pair => [k, 15 - (k % 7)]),
      ...[2 ** 53, 2 ** 53 - 1, 2 ** 52 + 0.5, 3, 2.5].flatMap((y): Pair[] => [
        [-1, y],
        [-1 - 2 ** -52, y],
        [-2, -y],
        [-0, y],
        [-0, -y],
      ]),
    ],
  },
};
