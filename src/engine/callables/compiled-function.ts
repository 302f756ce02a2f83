import type { CompiledCode, ResultType } from '../backends/executable.ts';
import type { BoundMap } from '../columns/bound-map.ts';
import type { ColumnFunction, OutOption, TypeOption } from '../columns/column-function.ts';
import type { ResultArray, ResultArrays } from '../columns/foreign-outputs.ts';
import type { Kernel } from '../columns/kernel.ts';
import type { Columns } from '../columns/kernel-columns.ts';

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
  /** The function with its first arguments given, as `bind` of every function: there is no receiver, so that is null. */
  bind(receiver: null | undefined, ...args: readonly number[]): (...rest: readonly number[]) => Result;
  /**
   * {@link ColumnFunction.map} with all that it is given, once, and left to be run many times: what comes back has `run()`, which costs
   * a few nanoseconds beside the rows. An object as the first argument, alone or with an object of options, means this.
   *
   * Columns and options are read now, once; lists of numbers are copied. Without `out` an array is made, which all runs fill.
   *
   * @throws what `map` throws for columns and options that do not fit.
   * @example
   * const step = compile('x + 0.1*v', ['x', 'v']).bind({ x: xs, v: vs }, { out: xs });
   * for (let i = 0; i < 100; i++) step.run();
   */
  bind<Type extends keyof ResultArrays = 'f64'>(
    columns: Columns<Parameters>,
    options?: TypeOption<Type>,
  ): BoundMap<ResultArrays[Type]>;
  /** Into an array of the caller's. */
  bind<Out extends ResultArray>(columns: Columns<Parameters>, options: OutOption<Out>): BoundMap<Out>;
  /**
   * A kernel with the output `value`, the function itself, and one more for each of `names`, by its name: the derivative by
   * that parameter. By all parameters if there are no names. What they have in common is computed once.
   *
   * The kernel is the caller's, and outlives this function; it is released as other kernels are.
   *
   * @throws TypeError for what is no parameter's name, for a name twice, and for `value`; RangeError for more than 63 names; CompileError with
   * `E_DIFF_FUNCTION` where a host function decides the result, whose derivative nobody knows; `ReleasedError` after release.
   * @example
   * using slopes = compile('a*exp(-b*t)', ['t', 'a', 'b']).gradient(['a', 'b']);
   * const { value, a, b } = slopes.map({ t: ts, a: 2, b: 0.5 });
   */
  gradient<const Names extends readonly Parameters[number][] = Parameters>(
    names?: Names,
  ): Kernel<Parameters, 'value' | Names[number]>;
  /** What it was compiled from. A function of a module has that of the module. */
  readonly source: string;
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
  /** For people: `[exprjit x^2 + y]`, `[exprjit x^2 + y (released)]`. A function of a module is called by its name. */
  toString(): string;
}
