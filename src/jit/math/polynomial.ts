/** Polynomials in the two orders of evaluation that the library has. Coefficients ascend. */
import { elementAt } from '../../support/element.ts';
import type { Algebra } from './algebra.ts';

/** One multiplication and one addition after the other: the fewest operations. */
export function horner<N, W, B>(a: Algebra<N, W, B>, x: N, coefficients: readonly number[]): N {
  let sum = a.number(elementAt(coefficients, coefficients.length - 1));
  for (let i = coefficients.length - 2; i >= 0; i--) {
    sum = a.add(a.mul(sum, x), a.number(elementAt(coefficients, i)));
  }
  return sum;
}

/** Even and odd powers by themselves: half as long a chain, for one multiplication more. */
export function evenOdd<N, W, B>(a: Algebra<N, W, B>, x: N, square: N, coefficients: readonly number[]): N {
  const evens = coefficients.filter((_, i) => i % 2 === 0);
  const odds = coefficients.filter((_, i) => i % 2 === 1);
  const even = horner(a, square, evens);
  return odds.length === 0 ? even : a.add(a.mul(horner(a, square, odds), x), even);
}
