/**
 * The functions that IR calls by `callmath`: those of JavaScript's `Math` that are no single instruction. Their
 * special cases are those of `Math`; elsewhere the error is at most 1 ulp. The addon has the same functions in C
 * (`mathLibrary()`), for machine code; these here serve the interpreter and the constant folder.
 */

export interface MathFunction {
  readonly name: string;
  /** How many f64 it takes. */
  readonly arity: 1 | 2 | 3;
  readonly evaluate: (...operands: number[]) => number;
}

/** By name. Another library may be injected, for example one that calls the C functions. */
export type MathLibrary = ReadonlyMap<string, MathFunction>;

function unary(name: keyof Math & string, evaluate: (x: number) => number): MathFunction {
  return { name, arity: 1, evaluate };
}

/**
 * Both libraries compute exactly `x * x` for `pow(x, 2)`, and for `pow(x, 0.5)` the correctly rounded root with the
 * special cases of `Math.pow` (-0 gives 0, -Infinity gives Infinity). So strength reduction changes no bit.
 */
function pow(x: number, y: number): number {
  if (y === 2) return x * x;
  if (y === 0.5) return x === Number.NEGATIVE_INFINITY ? Number.POSITIVE_INFINITY : Math.sqrt(x + 0);
  return x ** y;
}

const functions: readonly MathFunction[] = [
  unary('acos', Math.acos),
  unary('acosh', Math.acosh),
  unary('asin', Math.asin),
  unary('asinh', Math.asinh),
  unary('atan', Math.atan),
  unary('atanh', Math.atanh),
  unary('cbrt', Math.cbrt),
  unary('cos', Math.cos),
  unary('cosh', Math.cosh),
  unary('exp', Math.exp),
  unary('expm1', Math.expm1),
  unary('log', Math.log),
  unary('log10', Math.log10),
  unary('log1p', Math.log1p),
  unary('log2', Math.log2),
  unary('sin', Math.sin),
  unary('sinh', Math.sinh),
  unary('tan', Math.tan),
  unary('tanh', Math.tanh),
  { name: 'atan2', arity: 2, evaluate: Math.atan2 },
  { name: 'hypot', arity: 2, evaluate: Math.hypot },
  { name: 'pow', arity: 2, evaluate: pow },
];

/** The library as this JavaScript engine computes it. */
export const javascriptMath: MathLibrary = new Map(functions.map((fn) => [fn.name, fn]));
