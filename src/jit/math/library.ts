/** The functions of the math library by name, and as functions of JavaScript's numbers. */
import { fusedMultiplyAdd } from '../../support/float.ts';
import { invariant } from '../../support/invariant.ts';
import { acos, asin } from './asin.ts';
import { atan, atan2 } from './atan.ts';
import { cbrt } from './cbrt.ts';
import { erf, erfc } from './erf.ts';
import { exp, exp2 } from './exp.ts';
import { expm1, tanh } from './expm1.ts';
import { fac, gamma } from './gamma.ts';
import { cosh, sinh } from './hyperbolic.ts';
import { hypot, hypotOf } from './hypot.ts';
import { acosh, asinh, atanh } from './inverse-hyperbolic.ts';
import { lgamma } from './lgamma.ts';
import { log, log2, log10 } from './log.ts';
import { log1p } from './log1p.ts';
import { sigmoid, softplus } from './logistic.ts';
import type { MathFunction } from './math-function.ts';
import { numberAlgebra } from './number-algebra.ts';
import { pow } from './pow.ts';
import { tan } from './tan.ts';
import { cos, sin } from './trig.ts';
import { cospi, sinpi, tanpi } from './trig-pi.ts';

const functions: readonly MathFunction[] = [
  ...[exp, exp2, expm1, log, log2, log10, log1p, pow, cbrt, hypot],
  ...[sin, cos, tan, asin, acos, atan, atan2, sinpi, cospi, tanpi],
  ...[sinh, cosh, tanh, asinh, acosh, atanh],
  ...[sigmoid, softplus, erf, erfc, gamma, lgamma, fac],
];

/** By name. */
export const mathFunctions: ReadonlyMap<string, MathFunction> = new Map(functions.map((fn) => [fn.name, fn]));

/** The function of a name that is known to be one. */
export function mathFunction(name: string): MathFunction {
  const fn = mathFunctions.get(name);
  invariant(fn !== undefined, `the math library has no function ${name}`);
  return fn;
}

/** A number that is in the usual range of the function, for each of its arguments. */
export function usualArgument(name: string): number {
  return name === 'acosh' ? 1.5 : 0.75;
}

/** As many numbers as the function takes give one. */
export type MathEvaluation = (...args: number[]) => number;

/** What a function gives for numbers; one of one argument ignores `y`. */
export function evaluate({ usual, rare }: MathFunction, x: number, y = 0): number {
  const { value, isUsual } = usual(numberAlgebra, x, y);
  return isUsual ? value : rare(numberAlgebra, x, y);
}

/**
 * By name: what the function gives for these numbers, the same bits as in machine code. With operations of the IR that
 * become calls where the target has no instruction for them.
 */
export const evaluateMath: ReadonlyMap<string, MathEvaluation> = new Map<string, MathEvaluation>([
  ...functions.map((fn): [string, MathEvaluation] => [fn.name, (x, y) => evaluate(fn, x as number, y)]),
  ['hypot', (...xs) => hypotOf(numberAlgebra, xs)],
  ['rem', (x, y) => (x as number) % (y as number)],
  ['fma', (x, y, z) => fusedMultiplyAdd(x as number, y as number, z as number)],
]);
