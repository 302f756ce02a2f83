/** What an engine may be asked to read besides the language; `syntax.ts` says what becomes of it. */
import { optionNames, readOptions } from '../support/options.ts';

/** What sources may write besides the language itself. Everything is off unless it is `true`. */
export interface Dialect {
  /** `2x`, `2(x + 1)`, `(a)(b)` and `a b` are products, which bind as `*` does. A name before a bracket is a call as ever. */
  readonly implicitProducts?: boolean;
  /** `&`, `|`, `~`, `<<`, `>>` and `>>>` of 32-bit integers as in JavaScript, and `^`, which is no power then; above comparisons, as in Python. */
  readonly bitOperators?: boolean;
  /** `=` and `<>` compare, as in spreadsheets and SQL; `let x = …` and `f(x) = …` define as ever. */
  readonly equalSigns?: boolean;
  /** `x!` is `fac(x)`, and `50%` is `50/100`. */
  readonly postfixOperators?: boolean;
  /** `a < b < c` is `a < b && b < c` with one `b`. */
  readonly chainedComparisons?: boolean;
  /** Names and words may be written in any case: `SIN(X)`. */
  readonly anyCase?: boolean;
  /** `a mod b` is `a % b`, `a div b` is `trunc(a / b)`, and `a xor b` is true if one of two conditions is. */
  readonly wordOperators?: boolean;
}

/** All of them. */
export const dialectSwitches = optionNames<Dialect>({
  implicitProducts: true,
  bitOperators: true,
  equalSigns: true,
  postfixOperators: true,
  chainedComparisons: true,
  anyCase: true,
  wordOperators: true,
});

/**
 * With every switch in its place.
 *
 * @throws TypeError for switches that there are not, and for values that are no booleans.
 */
export function readDialect(given: Dialect): Required<Dialect> {
  const dialect = readOptions<Dialect>(given, dialectSwitches, 'dialect');
  const resolved: Record<keyof Dialect, boolean> = Object.create(null);
  for (const name of dialectSwitches) {
    const value: unknown = dialect[name] ?? false;
    if (typeof value !== 'boolean')
      throw new TypeError(`dialect.${name} must be a boolean, not ${typeof value}`);
    resolved[name] = value;
  }
  return Object.freeze(resolved);
}
