import { javascriptMath, type MathFunction, type MathLibrary } from '../../jit/ir/math-library.ts';
import type { Addon } from '../../native/addon.ts';

/**
 * The functions that machine code calls. With them the constant folder and the interpreter give the bits of machine
 * code, and stay within the 1 ulp that JavaScript's own `Math` exceeds here and there.
 */
export function nativeMath(addon: Addon): MathLibrary {
  return new Map(
    [...javascriptMath.values()].map(({ name, arity }): [string, MathFunction] => {
      const evaluate = (x: number, y: number) => addon.evaluateMath(name, x, arity === 1 ? 0 : y);
      return [name, { name, arity, evaluate }];
    }),
  );
}
