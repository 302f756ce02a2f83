/**
 * log, log2 and log10, and what all the logarithms are made of.
 *
 * Problem. Logarithms to little more than half an ulp; near 1 they vanish, and the error is to vanish with them.
 *
 * Strategy. x = 2^k z, where z is in [0.707, 1.414). A table of 64 intervals of z has c, near 1/z, and -ln c. Then
 * ln x = k ln 2 - ln c + ln(1 + r), where r = z c - 1 is below 0.01035 and the last is a short polynomial. The other two bases
 * take z's logarithm as a pair and multiply it by the inverse of their own logarithm, which is a pair too.
 *
 * 1. r is a double: c has so few bits. (scripts/math/log.py)
 * 2. Heads of ln 2, log10 2 and -ln c are multiples of 2^-42, so that k of them, and that and another, are doubles.
 * 3. The interval around 1 has c = 1. There ln x = r - r^2/2 + ..., of which r is exact, and so the error is in the small rest.
 * 4. Elsewhere the result is r at least, and |-ln c| is 1.9 |r| at least, as |k ln 2| is twice what z gives.
 * 5. Where z is 1 there are only zeros besides k, so log2(2^k) is k.
 *
 * ERROR BUDGET, in ulp of the result:
 *   the last addition                                                 0.500
 *   r^2 (...): up to 1/250 of the result, rounded 5 times             0.011
 *   log2, log10: the low parts of the product, rounded 4 times more   0.008
 *   polynomial (2^-62.7), tails of the table and of ln 2              0.002
 *   sum                                       log 0.513; log2, log10 0.521
 *   measured                                  log 0.511, log2 0.509, log10 0.511
 */
import type { Algebra } from './algebra.ts';
import { fastTwoSum, type Pair } from './double-double.ts';
import { above2To52 } from './integers.ts';
import type { MathFunction } from './math-function.ts';
import { evenOdd } from './polynomial.ts';
import { isBetweenPowers } from './power-range.ts';
import type { Table } from './table.ts';
import {
  intervals64,
  inverseLn2High,
  inverseLn2Low,
  inverseLn10High,
  inverseLn10Low,
  ln2High,
  ln2Low,
  log10Of2High,
  log10Of2Low,
} from './tables/log.ts';

/** Intervals of z, a row of a table for each, and the polynomial for what is left. */
export interface LogIntervals {
  /** In columns c near 1/z, and head and tail of -ln c. */
  readonly table: Table;
  readonly log2Rows: number;
  /** High half of the bits of the number where the first interval begins; the low half is zero. */
  readonly offset: number;
  /** Of q in ln(1 + r) = r - r^2/2 + r^3 q(r). */
  readonly coefficients: readonly number[];
}

/** A positive normal number 2^k z, reduced. */
export interface LogReduction<N, W> {
  readonly k: N;
  /** Its upper 12 bits are k + 1024. */
  readonly moved: W;
  /** Near 1/z: c. */
  readonly inverse: N;
  /** Of -ln c. */
  readonly head: N;
  readonly tail: N;
  /** z c - 1. */
  readonly rest: N;
}

/** Of the positive normal number with these bits. `power` is added to k: of x times 2^power it is the logarithm. */
export function reduceLog<N, W, B>(
  a: Algebra<N, W, B>,
  { table, log2Rows, offset }: LogIntervals,
  bits: W,
  power?: N,
): LogReduction<N, W> {
  // So k + 1024 stands above z's place in the intervals.
  const moved = a.subWords(bits, a.word(offset - 1024 * 2 ** 20, 0));
  const ownPower = a.sub(above2To52(a, a.shiftRight(moved, 52)), a.number(2 ** 52 + 1024));
  const fraction = a.andWords(moved, a.word(0xfffff, -1));
  const z = a.doubleOf(a.addWords(fraction, a.word(offset, 0)));
  const row = a.shiftRight(moved, 52 - log2Rows);
  const inverse = a.lookup(table, row, 0);
  return {
    k: power === undefined ? ownPower : a.add(ownPower, power),
    moved,
    inverse,
    head: a.lookup(table, row, 1),
    tail: a.lookup(table, row, 2),
    rest: a.exactMultiplyAdd(z, inverse, a.number(-1)),
  };
}

/** ln(1 + r) - r, for a rest r of an interval. */
export function beyondRest<N, W, B>(a: Algebra<N, W, B>, { coefficients }: LogIntervals, r: N): N {
  const square = a.mul(r, r);
  const cubic = a.mul(r, evenOdd(a, r, square, coefficients));
  return a.mul(square, a.sub(cubic, a.number(0.5)));
}

/** k ln 2 - ln c: the first part is exact, and zero or larger than the rest z c - 1. */
export function ofPowerAndRow<N, W, B>(a: Algebra<N, W, B>, { k, head, tail }: LogReduction<N, W>): Pair<N> {
  return {
    high: a.addProduct(head, k, a.number(ln2High)),
    low: a.add(a.mul(k, a.number(ln2Low)), tail),
  };
}

/** ln x 2^power. */
export function naturalLog<N, W, B>(a: Algebra<N, W, B>, bits: W, power?: N): N {
  const reduction = reduceLog(a, intervals64, bits, power);
  const { high, low } = ofPowerAndRow(a, reduction);
  const sum = fastTwoSum(a, high, reduction.rest);
  return a.add(sum.high, a.add(a.add(low, sum.low), beyondRest(a, intervals64, reduction.rest)));
}

/** A base by the logarithm of 2 and the inverse of its own; the first `high` is a multiple of 2^-42, the second has 26 bits. */
interface Base {
  readonly logOf2: Pair<number>;
  readonly inverse: Pair<number>;
}

const two: Base = {
  logOf2: { high: 1, low: 0 },
  inverse: { high: inverseLn2High, low: inverseLn2Low },
};
const ten: Base = {
  logOf2: { high: log10Of2High, low: log10Of2Low },
  inverse: { high: inverseLn10High, low: inverseLn10Low },
};

/** The logarithm of x 2^power to that base. */
function logOfBase<N, W, B>(a: Algebra<N, W, B>, { logOf2, inverse }: Base, bits: W, power?: N): N {
  const reduction = reduceLog(a, intervals64, bits, power);
  const { k, rest } = reduction;
  const ofZ = fastTwoSum(a, reduction.head, rest);
  const low = a.add(a.add(reduction.tail, ofZ.low), beyondRest(a, intervals64, rest));

  const top = a.head(ofZ.high);
  const below = a.add(a.sub(ofZ.high, top), low);
  const ofPower = logOf2.high === 1 ? k : a.mul(k, a.number(logOf2.high));
  const sum = a.addProduct(ofPower, top, a.number(inverse.high));
  const lost = a.addProduct(a.sub(ofPower, sum), top, a.number(inverse.high));
  const ofLow = a.add(a.mul(below, a.number(inverse.high + inverse.low)), a.mul(top, a.number(inverse.low)));
  const small = logOf2.low === 0 ? ofLow : a.add(ofLow, a.mul(k, a.number(logOf2.low)));
  return a.add(sum, a.add(lost, small));
}

/** A logarithm of the number with these bits, times 2^power, by any base. */
type LogOfNormal = <N, W, B>(a: Algebra<N, W, B>, bits: W, power?: N) => N;

/** What all bases have in common: positive normal numbers are usual. */
function logarithm(name: string, ofNormal: LogOfNormal): MathFunction {
  return {
    name,
    arity: 1,
    usual: (a, x) => {
      const bits = a.wordOf(x);
      return { value: ofNormal(a, bits), isUsual: isBetweenPowers(a, bits, -1022, 1024) };
    },
    rare: (a, x) => {
      // A subnormal number is made a normal one.
      const value = ofNormal(a, a.wordOf(a.mul(x, a.number(2 ** 54))), a.number(-54));
      const zero = a.number(0);
      const ofFinite = a.select(
        a.less(zero, x),
        value,
        a.select(a.equal(x, zero), a.number(Number.NEGATIVE_INFINITY), a.number(Number.NaN)),
      );
      const infinity = a.number(Number.POSITIVE_INFINITY);
      return a.select(a.equal(x, infinity), infinity, ofFinite);
    },
  };
}

export const log: MathFunction = logarithm('log', naturalLog);

export const log2: MathFunction = logarithm('log2', (a, bits, power) => logOfBase(a, two, bits, power));

export const log10: MathFunction = logarithm('log10', (a, bits, power) => logOfBase(a, ten, bits, power));
