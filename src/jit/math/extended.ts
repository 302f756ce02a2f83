/**
 * What the special functions share: the exponential of a pair, polynomials in rows of a table, and the last steps of a result
 * that may be subnormal.
 *
 * The exponential goes by the table of {@link exp}, whose reduction it has.
 *
 * ERROR BUDGET of the exponential, relative: roundings of r, of r and the tail, and of the sum, p < 2^-6.5, each 2^-60; sum 2^-58.4.
 */
import type { Algebra } from './algebra.ts';
import { type Pair, remainder, roundAt } from './double-double.ts';
import { growth, powerOfIndex, reduceBySteps } from './exp.ts';
import type { Table } from './table.ts';
import { steps32 } from './tables/exp.ts';

/** `scale (1 + fraction)`, where the fraction is below 2^-6.5, and `scale` means nothing beyond the normal doubles. */
export interface Exponential<N> {
  readonly scale: N;
  readonly fraction: N;
}

/** `2^bias e^(high + low)`, for magnitudes below 1400 and an integer bias. */
export function exponential<N, W, B>(a: Algebra<N, W, B>, { high, low }: Pair<N>, bias = 0): Exponential<N> {
  const { index, rest, restTail } = reduceBySteps(a, high, steps32);
  const steps = bias * 2 ** steps32.log2Rows;
  const biased = bias === 0 ? index : a.addWords(index, a.word(steps < 0 ? -1 : 0, steps));
  return {
    scale: powerOfIndex(a, steps32, biased),
    fraction: growth(a, steps32, index, a.sub(rest, a.sub(restTail, low))),
  };
}

/** A row's polynomial about its centre: the head of the constant term by itself, and the rest. */
export interface RowValue<N> {
  readonly head: N;
  readonly rest: N;
}

/** Looks up the row of `index`: head and tail of the constant term, then the coefficients of `d`, `d^2` and so on. */
export function rowPolynomial<N, W, B>(a: Algebra<N, W, B>, rows: Table, index: W, d: N): RowValue<N> {
  const at = (column: number): N => a.lookup(rows, index, column);
  const square = a.mul(d, d);
  const chain = (last: number, first: number): N => {
    let sum = at(last);
    for (let column = last - 2; column >= first; column -= 2) sum = a.add(a.mul(sum, square), at(column));
    return sum;
  };
  const last = rows.columns - 1;
  // Columns 2, 4, ... hold the coefficients of d, d^3, ...; without their common factor d those are the even powers.
  const even = chain(last - (last % 2), 2);
  const odd = chain(last - 1 + (last % 2), 3);
  const slope = a.add(a.mul(odd, d), even);
  return { head: at(0), rest: a.add(at(1), a.mul(d, slope)) };
}

/** The quotient of two pairs, to some 100 bits of which the low part keeps what it has. */
export function quotient<N, W, B>(a: Algebra<N, W, B>, numerator: Pair<N>, denominator: Pair<N>): Pair<N> {
  const high = a.div(numerator.high, denominator.high);
  return { high, low: a.div(remainder(a, numerator, high, denominator), denominator.high) };
}

/**
 * `2^-200 (high + low)`, not negative, rounded once, also where that is subnormal.
 *
 * 2^-822 has the ulp 2^-874, which is the spacing of the subnormal numbers times 2^200: a sum with it rounds there.
 */
export function scaleDown<N, W, B>(a: Algebra<N, W, B>, pair: Pair<N>): N {
  const magic = a.number(2 ** -822);
  const subnormal = roundAt(a, magic, pair);
  const sum = a.add(pair.high, pair.low);
  return a.mul(a.select(a.less(sum, magic), subnormal, sum), a.number(2 ** -200));
}
