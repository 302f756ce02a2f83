import type { Value } from '../ir/function.ts';

/** Why there is no derivative. */
export type DerivativeProblem =
  | { readonly kind: 'host'; readonly name: string }
  /** A function whose own code needs the derivative of the function. */
  | { readonly kind: 'recursion'; readonly name: string }
  | { readonly kind: 'operations'; readonly size: number; readonly limit: number }
  | { readonly kind: 'parameters'; readonly size: number; readonly limit: number };

/** For whoever asked for the derivative to say in the words of the source. */
export class DerivativeError extends Error {
  override readonly name = 'DerivativeError';
  readonly problem: DerivativeProblem;
  /** The `derive` that asked; undefined where the derivative of a whole function was wanted. */
  readonly wanted: Value | undefined;

  constructor(problem: DerivativeProblem, wanted: Value | undefined) {
    super(`no derivative: ${problem.kind}`);
    this.problem = problem;
    this.wanted = wanted;
  }
}
