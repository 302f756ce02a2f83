/** The arguments that vectors and measurements of accuracy are about. */
import { elementAt } from '../../src/support/element.ts';
import type { Random } from '../../test/support/random.ts';
import { bitsOf, fromBits } from '../../test/support/ulp.ts';
import { type BinaryChoice, binaryChoices, type Pair } from './binary-arguments.ts';
import { magnitude, type UnaryChoice, unaryChoices } from './unary-arguments.ts';

export interface Arguments {
  readonly arity: 1 | 2;
  /** Not by chance. The second of functions of one argument is 0. */
  readonly certain: readonly Pair[];
  /** From where a function is of use. */
  readonly draw: (random: Random) => Pair;
  /** From all doubles. */
  readonly bits: (random: Random) => Pair;
}

/** Of every function, by name. */
export const argumentsByName: ReadonlyMap<string, Arguments> = new Map([
  ...Object.entries(unaryChoices).map(([name, choice]) => [name, unaryArguments(choice)] as const),
  ...Object.entries(binaryChoices).map(([name, choice]) => [name, binaryArguments(choice)] as const),
]);

function unaryArguments({ linear, exponents: [least, most], positive, near, extra }: UnaryChoice): Arguments {
  const neighbours = near.flatMap((x) => [-2, -1, 0, 1, 2].map((distance) => beside(x, distance)));
  const mirrored = [...special(), ...neighbours].flatMap((x) => [x, -x]);
  return {
    arity: 1,
    certain: [...mirrored, ...(extra?.() ?? [])].map((x): Pair => [x, 0]),
    draw: (random) => {
      if (random.chance(0.25)) {
        const x = magnitude(random, least, most);
        return [positive || random.chance(0.5) ? x : -x, 0];
      }
      const [from, to] = random.pick(linear);
      return [from + (to - from) * random.fraction(), 0];
    },
    bits: (random) => [random.bitPattern(), 0],
  };
}

/** The double so many after x, away from zero; zero for what would be beyond that. */
function beside(x: number, distance: number): number {
  const bits = bitsOf(Math.abs(x)) + BigInt(distance);
  return bits < 0n ? 0 : Math.sign(x) * fromBits(bits);
}

function binaryArguments({ pairs, extra }: BinaryChoice): Arguments {
  const { MIN_VALUE: min, MAX_VALUE: max, POSITIVE_INFINITY: infinity } = Number;
  const few = [0, 1, 0.5, 2, 3, min, 2 ** -1022, max, infinity].flatMap((x) => [x, -x]);
  const all = [Number.NaN, ...few];
  return {
    arity: 2,
    certain: [...all.flatMap((x) => all.map((y): Pair => [x, y])), ...extra()],
    draw: (random) => elementAt(pairs, random.integer(0, pairs.length - 1))(random),
    bits: (random) => [random.bitPattern(), random.bitPattern()],
  };
}
/** Edges of the doubles, of usual ranges and of roundings; the others have the same ones mirrored. */
function special(): number[] {
  const { MIN_VALUE: min, MAX_VALUE: max, POSITIVE_INFINITY: infinity } = Number;
  return [
    Number.NaN,
    0,
    min,
    2 * min,
    3 * min,
    1e-310,
    2 ** -1022 - min,
    2 ** -1022,
    2 ** -1022 + min,
    2 ** -1021,
    2 ** -1000,
    2 ** -540,
    2 ** -511,
    2 ** -108,
    2 ** -54,
    2 ** -53,
    2 ** -52,
    2 ** -28,
    2 ** -27,
    2 ** -26,
    2 ** -13,
    0.1,
    0.25,
    0.5,
    0.75,
    1 - 2 ** -53,
    1,
    1 + 2 ** -52,
    1.5,
    2,
    2.5,
    3,
    4,
    5,
    7,
    8,
    10,
    16,
    31,
    64,
    100,
    Math.E,
    Math.PI,
    Math.PI / 2,
    2 ** 26,
    2 ** 31,
    2 ** 52,
    2 ** 53,
    2 ** 54,
    2 ** 63,
    2 ** 66,
    2 ** 300,
    2 ** 511,
    2 ** 1000,
    2 ** 1023,
    max / 2,
    max,
    infinity,
  ];
}
