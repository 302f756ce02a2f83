/**
 * exp and exp2, and what the whole family is made of.
 *
 * Problem. e^x to little more than half an ulp, of arguments whose results span 2^-1074 to 2^1024.
 *
 * Strategy. x = n (ln 2 / rows) + r, where |r| is at most half a step, and n = k rows + j. Then e^x = 2^k 2^(j/rows) (1 + p),
 * where 2^(j/rows) is in a table, with what its rounding lost, and p is a short polynomial of r. k is added to the exponent of the
 * table's entry. exp2 differs in that n and r need no logarithm, so that r is exact.
 *
 * 1. In the usual range neither the power 2^k 2^(j/rows) nor its product with p comes near the subnormal numbers, where a product
 *    would round a second time, and coarsely.
 * 2. The rare range rounds once: 1 + p times the entry is a pair that is rounded at the position where the result's last bit will
 *    be, and scaled by two powers of two, which is exact, or overflows.
 *
 * ERROR BUDGET, in ulp of the result, which may be as small as 2^-53 of the power:
 *   the last addition                                                        0.5000
 *   power times p, p < 2^-6.5: one rounding of 2^-60                         0.0078
 *   p: roundings of r, of r and the tail, and of the last sum, each 2^-60    0.0234
 *   polynomial (2^-63.2), and roundings of r^2 q(r) < 2^-14                  0.0012
 *   sum                                                                      0.5324
 * Measured over 10^6 points a range: exp 0.5311 (usual), 0.5303 (rare); exp2 0.5297 (usual), 0.5225 (rare).
 */
import type { Algebra } from './algebra.ts';
import { fastTwoSum, type Pair, roundAt } from './double-double.ts';
import { integerRounder, roundToInteger } from './integers.ts';
import type { MathFunction } from './math-function.ts';
import { evenOdd } from './polynomial.ts';
import type { Table } from './table.ts';
import { exp2Coefficients, steps32 } from './tables/exp.ts';

/** A table of powers 2^(j/rows), and the constants of a reduction by its steps of ln 2 / rows. */
export interface ExponentialSteps {
  readonly table: Table;
  readonly log2Rows: number;
  /** Steps per unit. */
  readonly inverse: number;
  /** One step: with any number of 16 bits the product with `high` is a double. */
  readonly high: number;
  readonly low: number;
  /** Of q in e^r = 1 + r + r^2 q(r). */
  readonly coefficients: readonly number[];
}

/** An argument in whole steps, and the rest, `rest - restTail`. */
export interface Reduction<N, W> {
  /** The number of steps, as a double. */
  readonly steps: N;
  /** The number of steps in the low 51 bits, in two's complement. */
  readonly index: W;
  readonly rest: N;
  readonly restTail: N;
}

/** Of any argument below 2^16 steps; `rest` is exact. */
export function reduceBySteps<N, W, B>(
  a: Algebra<N, W, B>,
  x: N,
  { inverse, high, low }: ExponentialSteps,
): Reduction<N, W> {
  const { integer: steps, index } = roundToInteger(a, a.mul(x, a.number(inverse)));
  return {
    steps,
    index,
    rest: a.subProduct(x, steps, a.number(high)),
    restTail: a.mul(steps, a.number(low)),
  };
}

/** 2^(index / rows), up to the tail of the table's entry. */
export function powerOfIndex<N, W, B>(
  a: Algebra<N, W, B>,
  { table, log2Rows }: ExponentialSteps,
  index: W,
): N {
  const entry = a.wordOf(a.lookup(table, index, 0));
  return a.doubleOf(a.addWords(entry, a.shiftLeft(index, 52 - log2Rows)));
}

/** What e^r has beyond 1, with the tail of the table's entry. */
export function growth<N, W, B>(a: Algebra<N, W, B>, steps: ExponentialSteps, index: W, r: N): N {
  const square = a.mul(r, r);
  const beyond = a.mul(square, evenOdd(a, r, square, steps.coefficients));
  return a.add(a.add(a.lookup(steps.table, index, 1), r), beyond);
}

/**
 * 2^(index / rows) (1 + p), rounded once, whether it overflows, is subnormal or is neither; from 2^-1077 to 2^1025.
 * `steps` is the number in `index`, and p is at least the negative of half a step.
 */
export function scaleOnce<N, W, B>(
  a: Algebra<N, W, B>,
  { table, log2Rows }: ExponentialSteps,
  { steps, index }: Pick<Reduction<N, W>, 'steps' | 'index'>,
  p: N,
): N {
  const rows = 2 ** log2Rows;
  // The entry itself, from [1, 2).
  const row = a.shiftLeft(a.andWords(index, a.word(0, rows - 1)), 52 - log2Rows);
  const entry = a.doubleOf(a.addWords(a.wordOf(a.lookup(table, index, 0)), row));
  const result = fastTwoSum(a, entry, a.mul(entry, p));

  // k and half of it, rounded down, in the low 12 bits at least. An exponent takes no more, and what is above is shifted out.
  const exponent = a.shiftRight(index, log2Rows);
  const half = a.shiftRight(index, log2Rows + 1);
  const powerOf = (k: W): N => a.doubleOf(a.shiftLeft(a.addWords(k, a.word(0, 1023)), 52));

  // Added to the pair, it puts the last bit where the last bit of a subnormal result is: 2^(-1022 - k). With k = -1022 that would
  // be 1, and the sum could reach 2. There it has to lift the pair, which begins half a step below 1 and ends half a step below 2,
  // to where it begins at 1 or more and still ends below 2; half a row does.
  const aligned = a.doubleOf(a.shiftLeft(a.subWords(a.word(0, 1), exponent), 52));
  const isSubnormal = a.less(steps, a.number(-1022 * rows));
  const isLowest = a.less(steps, a.number(-1021 * rows));
  const position = a.select(isSubnormal, aligned, a.select(isLowest, a.number(0.5 / rows), a.number(0)));

  return a.mul(a.mul(roundAt(a, position, result), powerOf(half)), powerOf(a.subWords(exponent, half)));
}

/** The nearest number of a range; x where it is NaN. */
export function clamp<N, W, B>(a: Algebra<N, W, B>, x: N, low: number, high: number): N {
  const [least, most] = [a.number(low), a.number(high)];
  return a.select(a.less(x, least), least, a.select(a.less(most, x), most, x));
}

/** Where e^x is surely 0 below, and surely infinite above. */
const expRange = [-746, 711] as const;

/** e^x as a power and what it has beyond that, up to 2^-6 of it; for magnitudes below 700. */
export function exponentialPair<N, W, B>(a: Algebra<N, W, B>, x: N): Pair<N> {
  const { index, rest, restTail } = reduceBySteps(a, x, steps32);
  const high = powerOfIndex(a, steps32, index);
  return { high, low: a.mul(high, growth(a, steps32, index, a.sub(rest, restTail))) };
}

/** Usual: magnitudes below 700, where results are of 2^-1010 or more. */
export const exp: MathFunction = {
  name: 'exp',
  arity: 1,
  usual: (a, x) => {
    const { high, low } = exponentialPair(a, x);
    return {
      value: a.add(high, low),
      isUsual: a.less(a.abs(x), a.number(700)),
    };
  },
  rare: (a, x) => {
    const reduction = reduceBySteps(a, clamp(a, x, ...expRange), steps32);
    const p = growth(a, steps32, reduction.index, a.sub(reduction.rest, reduction.restTail));
    return a.select(a.equal(x, x), scaleOnce(a, steps32, reduction, p), x);
  },
};

/** As {@link integerRounder}, for multiples of 1/32. */
const rounder32 = integerRounder / 32;

/** x = n/32 + d: n/32, n in the low bits, and what 2^d has beyond 1. */
function reduceByHalvings<N, W, B>(a: Algebra<N, W, B>, x: N): { whole: N; index: W; p: N } {
  const rounded = a.add(x, a.number(rounder32));
  const whole = a.sub(rounded, a.number(rounder32));
  const index = a.wordOf(rounded);
  const d = a.sub(x, whole);
  const [slope, ...coefficients] = exp2Coefficients;
  const square = a.mul(d, d);
  const beyond = a.mul(square, evenOdd(a, d, square, coefficients));
  const tail = a.lookup(steps32.table, index, 1);
  return { whole, index, p: a.add(a.add(tail, a.mul(d, a.number(slope))), beyond) };
}

/** Usual: magnitudes below 1010. Exact where x is an integer, because d and the tail are 0 then. */
export const exp2: MathFunction = {
  name: 'exp2',
  arity: 1,
  usual: (a, x) => {
    const { index, p } = reduceByHalvings(a, x);
    const power = powerOfIndex(a, steps32, index);
    return {
      value: a.add(power, a.mul(power, p)),
      isUsual: a.less(a.abs(x), a.number(1010)),
    };
  },
  rare: (a, x) => {
    const { whole, index, p } = reduceByHalvings(a, clamp(a, x, -1076, 1025));
    const result = scaleOnce(a, steps32, { steps: a.mul(whole, a.number(32)), index }, p);
    return a.select(a.equal(x, x), result, x);
  },
};
