import { fromCaller } from '../lang/caller-stack.ts';
import type { CompiledFunction } from './callables/compiled-function.ts';
import { Engine } from './engine.ts';

let shared: Engine | undefined;

/** The engine behind `compile`, made when it is first needed; with the defaults of {@link Engine}. */
export function defaultEngine(): Engine {
  shared ??= new Engine();
  return shared;
}

/**
 * Compiles a formula on an engine that is shared by everyone in this thread; see {@link Engine.compile}.
 *
 * @throws CompileError if the source is wrong or beyond a limit; TypeError if a parameter is no name.
 *
 * @example
 * const f = compile('x^2 + 2*y', ['x', 'y']);
 * f(3, 4); // 17
 * f.release();
 */
export function compile<const Parameters extends readonly string[]>(
  source: string,
  parameters: Parameters,
): CompiledFunction<Parameters>;
export function compile(source: string, parameters?: readonly string[]): CompiledFunction;
export function compile(source: string, parameters?: readonly string[]): CompiledFunction {
  try {
    return defaultEngine().compile(source, parameters);
  } catch (error) {
    throw fromCaller(error, compile);
  }
}
