/**
 * Which arguments of functions of one variable are worth a look, besides those that a search finds.
 */
import type { Random } from '../../test/support/random.ts';
import { hardReductions } from './hard-reductions.ts';

/** What to draw, and what to take for certain. */
export interface UnaryChoice {
  /** Intervals to draw from evenly. */
  readonly linear: readonly (readonly [from: number, to: number])[];
  /** Powers of two between which magnitudes are drawn, each exponent as likely as the other. */
  readonly exponents: readonly [least: number, most: number];
  /** Negative ones are outside of the domain. */
  readonly positive?: true;
  /** Where the definition, the usual algorithms or the result change; neighbours and their mirrors come along. */
  readonly near: readonly number[];
  /** As they are. */
  readonly extra?: () => readonly number[];
}

/** A number between two powers of two, each exponent as likely as the other. */
export function magnitude(random: Random, least: number, most: number): number {
  return (1 + random.fraction()) * 2 ** random.integer(least, most - 1);
}

/** Integers, both bounds included. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

const ln2 = Math.LN2;

const exponential = [
  709.782712893384, -708.3964185322641, -744.4400719213812, -745.1332191019411, -745.1332191019412,
];
const aroundOne = [1, 0.5, Math.SQRT2, Math.SQRT1_2, 1 - 2 ** -10, 1 + 2 ** -10, 2 ** 52 + 1];
const saturation = [36.7368005696771, 37.42994775023705, 18.714973875118524, 19.061547465398498, 22];
const reduction = [
  ...range(1, 24).map((k) => (k * Math.PI) / 4),
  2 ** 19 * Math.PI,
  2 ** 20 * Math.PI,
  1e5,
  2 ** 30,
  1e22,
];
const trigonometric: UnaryChoice = {
  linear: [
    [-Math.PI, Math.PI],
    [-0.8, 0.8],
    [-100, 100],
    [-2e5, 2e5],
  ],
  exponents: [-30, 1023],
  near: reduction,
  extra: hardReductions,
};
const logarithmic: UnaryChoice = {
  linear: [
    [0.5, 2],
    [0.9, 1.1],
    [0, 100],
  ],
  exponents: [-1074, 1023],
  positive: true,
  near: aroundOne,
};
const hyperbolic: UnaryChoice = {
  linear: [
    [-1, 1],
    [-22, 22],
    [-710.5, 710.5],
  ],
  exponents: [-1040, 9],
  near: [...exponential, 710.4758600739439, 22, ln2 / 2, 2 ** -28],
};
const piMultiples: UnaryChoice = {
  linear: [
    [-1, 1],
    [-8, 8],
    [-2000, 2000],
  ],
  exponents: [-1040, 54],
  near: [...range(1, 16).map((k) => k / 4), 2 ** 51 + 0.5, 2 ** 52 + 1, 2 ** 53 - 1, 2 ** 53, 2 ** 53 + 2],
  extra: () => range(1, 12).flatMap((k) => [k + 0.5, -k - 0.5, 2 ** 52 - k / 2]),
};
const lgammaZeros = [
  -2.4570247382208006, -2.7476826467274127, -3.14358088834998, -3.955294284858598, -4.039361839740537,
  -4.991544640560048, -5.008218168526395,
];
const poles = range(0, 12).map((k) => -k);

/** By name. */
export const unaryChoices: Readonly<Record<string, UnaryChoice>> = {
  exp: {
    linear: [
      [-1, 1],
      [-745.2, 709.8],
      [-745.2, -708],
    ],
    exponents: [-60, 10],
    near: exponential,
  },
  exp2: {
    linear: [
      [-1, 1],
      [-1075, 1024],
      [-1075, -1021],
    ],
    exponents: [-60, 10],
    near: [1024, -1022, -1074, -1075, 0.5, 1.5],
    extra: () => range(-30, 30).map((k) => 35 * k + 3),
  },
  expm1: {
    linear: [
      [-1, 1],
      [-40, 40],
      [-40, 709.8],
    ],
    exponents: [-1040, 10],
    near: [...exponential, ...saturation, 0.25, ln2 / 2, 1.5 * ln2],
  },
  log: logarithmic,
  log2: { ...logarithmic, extra: () => range(-26, 25).map((k) => 2 ** (41 * k)) },
  log10: {
    ...logarithmic,
    linear: [
      [0.5, 2],
      [0.9, 1.1],
      [0, 1000],
    ],
    extra: () => range(-16, 15).map((k) => Number(`1e${20 * k + 2}`)),
  },
  log1p: {
    linear: [
      [-0.5, 1],
      [-1, 0],
      [0, 100],
      [-0.1, 0.1],
    ],
    exponents: [-1040, 1023],
    positive: true,
    near: [-1, Math.SQRT2 - 1, Math.SQRT1_2 - 1, -0.5, 1, 2 ** 53],
  },
  sin: trigonometric,
  cos: trigonometric,
  tan: trigonometric,
  asin: {
    linear: [
      [-1, 1],
      [0.9, 1],
      [-0.55, 0.55],
    ],
    exponents: [-1040, 0],
    near: [0.5, 1, Math.SQRT1_2, 0.975, 2 ** -26],
  },
  acos: {
    linear: [
      [-1, 1],
      [0.9, 1],
      [-1, -0.9],
      [-0.55, 0.55],
    ],
    exponents: [-60, 0],
    near: [0.5, 1, Math.SQRT1_2, 2 ** -57],
  },
  atan: {
    linear: [
      [-1, 1],
      [-10, 10],
      [-500, 500],
    ],
    exponents: [-1040, 1023],
    near: [7 / 16, 11 / 16, 1, 19 / 16, 39 / 16, 2 ** 53, 2 ** 54],
  },
  sinh: hyperbolic,
  cosh: { ...hyperbolic, exponents: [-40, 9] },
  tanh: {
    linear: [
      [-0.4, 0.4],
      [-1, 1],
      [-22, 22],
    ],
    exponents: [-1040, 6],
    near: [...saturation, ln2 / 2, ln2, 0.55],
  },
  asinh: {
    linear: [
      [-1, 1],
      [-10, 10],
      [-1000, 1000],
    ],
    exponents: [-1040, 1023],
    near: [1, 2, 2 ** 27, 2 ** 28, 2 ** 511, 2 ** 512],
  },
  acosh: {
    linear: [
      [1, 2],
      [1, 1.01],
      [1, 1000],
    ],
    exponents: [0, 1023],
    positive: true,
    near: [1, 2, 1.25, 2 ** 28, 2 ** 511, 2 ** 512],
  },
  atanh: {
    linear: [
      [-1, 1],
      [-0.1, 0.1],
      [0.9, 1],
    ],
    exponents: [-1040, 0],
    near: [0.5, 1, 0.25],
  },
  cbrt: {
    linear: [
      [-8, 8],
      [1, 8],
      [-1000, 1000],
    ],
    exponents: [-1074, 1023],
    near: range(1, 10).map((k) => k ** 3),
  },
  erf: {
    linear: [
      [-1, 1],
      [-6, 6],
      [0.8, 3],
    ],
    exponents: [-1040, 3],
    near: [0.84375, 1.25, 2.857142857142857, 5.921587195794508, 6],
  },
  erfc: {
    linear: [
      [-1, 1],
      [-6, 6],
      [0.5, 27.3],
      [26.5, 27.3],
    ],
    exponents: [-60, 5],
    near: [
      0.25, 0.84375, 1.25, 2.857142857142857, -5.863584748755168, 26.5432584306323, 27.226017111108362, 28,
    ],
  },
  gamma: {
    linear: [
      [0, 10],
      [1, 3],
      [-10, 0],
      [10, 171.7],
      [-184, -10],
    ],
    exponents: [-1040, 7],
    near: [...poles, 1, 2, 1.4616321449683622, 171.6243769563027, -170.5, -177.5, -184.5],
    extra: () => range(1, 171),
  },
  lgamma: {
    linear: [
      [0, 10],
      [0.5, 3.5],
      [-10, 0],
      [10, 1000],
      [-100, -10],
    ],
    exponents: [-1040, 1015],
    near: [...poles, 1, 2, 1.4616321449683622, ...lgammaZeros, 2.5563481638716906e305],
    extra: () => range(3, 12),
  },
  fac: {
    linear: [
      [0, 10],
      [0, 2],
      [-10, 0],
      [10, 170.7],
      [-184, -10],
    ],
    exponents: [-60, 7],
    near: [...poles.slice(1), 1, 0.4616321449683622, 170.6243769563027, -171.5, -178.5, -185.5],
    extra: () => range(1, 171),
  },
  sigmoid: {
    linear: [
      [-1, 1],
      [-40, 40],
      [-745.2, -700],
      [-745, 40],
    ],
    exponents: [-60, 10],
    near: [...exponential.map((x) => -x), ...exponential, ...saturation],
  },
  softplus: {
    linear: [
      [-1, 1],
      [-40, 40],
      [-745.2, -700],
      [-745, 800],
    ],
    exponents: [-60, 1023],
    near: [...exponential, ...saturation],
  },
  sinpi: piMultiples,
  cospi: piMultiples,
  tanpi: piMultiples,
};
