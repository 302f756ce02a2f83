import type { Dialect } from '../../src/lang/dialect.ts';

/** A dialect with all that there is. */
export const everySwitch: Required<Dialect> = {
  implicitProducts: true,
  bitOperators: true,
  equalSigns: true,
  postfixOperators: true,
  chainedComparisons: true,
  anyCase: true,
  wordOperators: true,
};
