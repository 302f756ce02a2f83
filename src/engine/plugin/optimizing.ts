/** What `compileIr` and `optimize` are told of how to optimise, and tell of it. */
import type { IrFunction, IrModule } from '../../jit/ir/function.ts';
import { printFunction } from '../../jit/ir/printer.ts';
import { describeValue } from '../../support/describe-value.ts';

/** Hears of a step that changed a function: its name, the function's, and what that is now, as text. */
export type IrTrace = (pass: string, functionName: string, text: string) => void;

/** Nobody outside gets hold of what is being compiled, so a trace is text. */
export function traceOf(
  trace: IrTrace | undefined,
  module: IrModule,
): ((pass: string, fn: IrFunction) => void) | undefined {
  if (trace === undefined) return undefined;
  return (pass, fn) => trace(pass, fn.name, printFunction(fn, module));
}

/** @throws TypeError for what is no function. */
export function requireTrace(trace: unknown): void {
  if (trace !== undefined && typeof trace !== 'function')
    throw new TypeError(`trace must be a function, not ${describeValue(trace)}`);
}

/** @throws RangeError for what is no level. */
export function requireLevel(level: unknown): asserts level is 0 | 1 {
  if (level !== 0 && level !== 1) throw new RangeError(`level must be 0 or 1, not ${describeValue(level)}`);
}
