import type { CompiledCode, ResultType } from '../backends/executable.ts';
import type { ColumnFunction } from '../columns/column-function.ts';

/** One number for each parameter. */
export type NumberArguments<Parameters extends readonly string[]> = {
  readonly [Index in keyof Parameters]: number;
};

/**
 * A function made of a source. It takes numbers, and booleans as 1 and 0; surplus arguments are ignored, as callbacks of
 * JavaScript do.
 *
 * The memory of its code is given back by `release()`, by `using`, or when nobody refers to it any more.
 */
export interface CompiledFunction<
  Parameters extends readonly string[] = readonly string[],
  Result extends number | boolean = number,
> extends Disposable,
    ColumnFunction<Parameters> {
  /**
   * Throws `TypeError` for an argument that is missing or anything but a number or a boolean, {@link ReleasedError} after release, `TrapError` if a loop or a recursion runs out of fuel or stack, and
   * whatever a host function throws.
   */
  (...args: NumberArguments<Parameters>): Result;
  /** Names of the parameters, in order. */
  readonly parameters: readonly string[];
  readonly resultType: ResultType;
  /** Undefined where the function is not machine code. */
  readonly code: CompiledCode | undefined;
  readonly released: boolean;
  /**
   * Gives the code's memory back, at once unless the function is running: then when its last activation ends. Does
   * nothing the second time.
   */
  release(): void;
}
