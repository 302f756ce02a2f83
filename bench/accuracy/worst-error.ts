import { elementAt } from '../../src/support/element.ts';
import { ulpsCountedAsOne } from '../../test/jit/math/bounds.ts';
import { errorInUlps, type Truth } from '../../test/jit/math/vectors.ts';

/** The largest error among some points. */
export interface WorstError {
  readonly ulps: number;
  readonly x: number;
  readonly y: number;
}

export const noError: WorstError = { ulps: 0, x: Number.NaN, y: Number.NaN };

export function worse(a: WorstError, b: WorstError): WorstError {
  return b.ulps > a.ulps ? b : a;
}

export function worstError(
  name: string,
  results: Float64Array,
  { nearest, rests }: Truth,
  xs: Float64Array,
  ys: Float64Array,
): WorstError {
  let worst = noError;
  results.forEach((result, i) => {
    const [x, truth] = [elementAt(xs, i), elementAt(nearest, i)];
    const ulps = errorInUlps(result, truth, elementAt(rests, i)) / ulpsCountedAsOne(name, x, truth);
    if (ulps > worst.ulps) worst = { ulps, x, y: elementAt(ys, i) };
  });
  return worst;
}
