/**
 * What each built-in function means, in plain JavaScript, written from the language's definition and from
 * nothing of the compiler: the other side of every comparison.
 *
 * The functions that the language does not define to the last bit are called through `math`, so that a
 * whole program can be compared bit for bit with a side that uses the same ones.
 */
import { evaluateMath } from '../../src/jit/math/library.ts';
import { fusedMultiplyAdd } from '../../src/support/float.ts';
import { invariant } from '../../src/support/invariant.ts';

/** Within 1 ulp of the true value, and so free in their last bit; the number is how many arguments each takes (`hypot`: at least). */
export const transcendentals = Object.freeze({
  acos: 1,
  acosh: 1,
  asin: 1,
  asinh: 1,
  atan: 1,
  atan2: 2,
  atanh: 1,
  cbrt: 1,
  cos: 1,
  cosh: 1,
  exp: 1,
  expm1: 1,
  hypot: 2,
  log: 1,
  log10: 1,
  log1p: 1,
  log2: 1,
  pow: 2,
  sin: 1,
  sinh: 1,
  tan: 1,
  tanh: 1,
});

/** Those that JavaScript lacks, of one argument each: what the project's own library gives is right, as the tests of that library show. */
const beyondMath: Readonly<Record<string, ReferenceFunction>> = Object.fromEntries(
  (
    [
      ...['exp2', 'sinpi', 'cospi', 'tanpi', 'sigmoid', 'softplus'],
      ...['erf', 'erfc', 'gamma', 'lgamma', 'fac'],
      ['logistic', 'sigmoid'],
      ['log1pexp', 'softplus'],
    ] as const
  ).map((entry): [string, ReferenceFunction] => {
    const [name, own] = typeof entry === 'string' ? [entry, entry] : entry;
    const evaluate = evaluateMath.get(own);
    invariant(evaluate !== undefined, `the library has ${own}`);
    return [name, evaluate];
  }),
);

export type Transcendental = keyof typeof transcendentals;
export type MathFunctions = Readonly<Record<Transcendental, (...args: number[]) => number>>;
export type ReferenceFunction = (...args: number[]) => number;

/** JavaScript's own. */
export const javascriptMath = Object.fromEntries(
  Object.keys(transcendentals).map((name) => [name, Math[name as Transcendental]]),
) as unknown as MathFunctions;

/** Every built-in but `sum` and `prod`, with the least and the greatest number of arguments. */
export const builtinArity: Readonly<Record<string, readonly [least: number, most: number]>> = Object.freeze({
  ...Object.fromEntries(Object.entries(transcendentals).map(([name, count]) => [name, [count, count]])),
  ...Object.fromEntries(Object.keys(beyondMath).map((name) => [name, [1, 1] as const])),
  abs: [1, 1],
  avg: [1, 8],
  bitand: [2, 2],
  bitnot: [1, 1],
  bitor: [2, 2],
  bitxor: [2, 2],
  ceil: [1, 1],
  clamp: [3, 3],
  clz32: [1, 1],
  copysign: [2, 2],
  deg: [1, 1],
  floor: [1, 1],
  fma: [3, 3],
  frac: [1, 1],
  fround: [1, 1],
  hypot: [1, 4],
  imul: [2, 2],
  isfinite: [1, 1],
  isnan: [1, 1],
  lerp: [3, 3],
  max: [1, 6],
  min: [1, 6],
  rad: [1, 1],
  recip: [1, 1],
  round: [1, 1],
  shl: [2, 2],
  shr: [2, 2],
  sign: [1, 1],
  sqrt: [1, 1],
  trunc: [1, 1],
  ushr: [2, 2],
} as const);

/** A boolean among the arguments counts as 0 or 1 before any of these sees it. */
export function createReferenceLibrary(math: MathFunctions): Readonly<Record<string, ReferenceFunction>> {
  return {
    ...math,
    ...beyondMath,
    abs: Math.abs,
    avg: (...list) => list.reduce((total, x) => total + x) / list.length,
    bitand: (x, y) => x & y,
    bitnot: (x) => ~x,
    bitor: (x, y) => x | y,
    bitxor: (x, y) => x ^ y,
    ceil: Math.ceil,
    clamp: (x, low, high) => Math.min(Math.max(x, low), high),
    clz32: Math.clz32,
    copysign: (x, y) => (y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x)),
    deg: (x) => x * (180 / Math.PI),
    floor: Math.floor,
    fma: fusedMultiplyAdd,
    frac: (x) => x - Math.trunc(x),
    fround: Math.fround,
    imul: Math.imul,
    isfinite: (x) => (Number.isFinite(x) ? 1 : 0),
    isnan: (x) => (Number.isNaN(x) ? 1 : 0),
    hypot: (...list) => (list.length === 1 ? Math.abs(list[0] as number) : math.hypot(...list)),
    lerp: (a, b, t) => a + (b - a) * t,
    max: Math.max,
    min: Math.min,
    rad: (x) => x * (Math.PI / 180),
    recip: (x) => 1 / x,
    round: Math.round,
    shl: (x, y) => x << y,
    shr: (x, y) => x >> y,
    sign: Math.sign,
    sqrt: Math.sqrt,
    trunc: Math.trunc,
    ushr: (x, y) => x >>> y,
  };
}
