import type { Algebra } from './algebra.ts';

/** What a function gives in its usual range. */
export interface Usual<N, B> {
  readonly value: N;
  /** Was the argument in that range? If not, the value means nothing. */
  readonly isUsual: B;
}

/**
 * A function of the math library. Its usual range is computed without branches, in lanes and alone; where the argument
 * was outside of it, `rare` computes the result anew. Neither has conditions on its argument: any double may come.
 */
export interface MathFunction {
  readonly name: string;
  readonly arity: 1 | 2;
  readonly usual: <N, W, B>(a: Algebra<N, W, B>, x: N, y: N) => Usual<N, B>;
  /** Right wherever `usual` is not. */
  readonly rare: <N, W, B>(a: Algebra<N, W, B>, x: N, y: N) => N;
}
