/** The ways to compute a function that are held against the truth, and against each other. */

import type { Oracle } from '../../scripts/math-vectors/oracle.ts';
import { evaluate, mathFunctions } from '../../src/jit/math/library.ts';
import { elementAt } from '../../src/support/element.ts';

export interface Way {
  readonly name: string;
  /** Point by point; undefined where it lacks the function. */
  evaluate(name: string, xs: Float64Array, ys: Float64Array): Float64Array | undefined;
}

/** The math library by way of JavaScript's numbers. */
export const library: Way = {
  name: 'exprjit',
  evaluate: (name, xs, ys) => {
    const fn = mathFunctions.get(name);
    return fn && xs.map((x, i) => evaluate(fn, x, elementAt(ys, i)));
  },
};

/** What Node.js has. */
export const v8: Way = {
  name: 'V8',
  evaluate: (name, xs, ys) => {
    const fn = Object.hasOwn(Math, name) ? Math[name as 'atan2'] : undefined;
    return fn && xs.map((x, i) => fn(x, elementAt(ys, i)));
  },
};

/** The C library that the oracle is linked with. */
export function cLibrary(oracle: Oracle): Way {
  return {
    name: 'C library',
    evaluate: (name, xs, ys) => oracle.library(name, pairsOf(xs, ys)),
  };
}

/** x and y by turns. */
export function pairsOf(xs: Float64Array, ys: Float64Array): Float64Array {
  return Float64Array.from({ length: 2 * xs.length }, (_, i) => elementAt(i % 2 === 0 ? xs : ys, i >> 1));
}
