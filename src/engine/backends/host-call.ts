import { cutText } from '../../support/cut-text.ts';
import { describeKind } from '../../support/describe-value.ts';
import { apply } from '../../support/intrinsics.ts';
import {
  isAsyncFunction,
  isPromise as isBrandedPromise,
  isGeneratorFunction,
} from '../../support/platform.ts';

/** A function of the host, as formulas call it. */
export interface HostImplementation {
  readonly name: string;
  /** Not called `call`: every function has a name and a call. */
  readonly run: (...args: number[]) => unknown;
  /** The result as a number; throws TypeError, which names the function, for what it must not be. */
  readonly toNumber: (result: unknown, name: string) => number;
}

/**
 * Calls a host function, on any backend, with `count` numbers that stand in a list from `first` on.
 *
 * There is one call for each small arity, since a list of arguments costs more than the call. No code of the caller runs before
 * all of them are read.
 *
 * @throws TypeError, which names the function, for a result that it must not give; what the function throws.
 */
export function callHost(
  { name, run, toNumber }: HostImplementation,
  list: Float64Array | readonly number[],
  first: number,
  count: number,
): number {
  switch (count) {
    case 0:
      return toNumber(run(), name);
    case 1:
      return toNumber(run(list[first] as number), name);
    case 2:
      return toNumber(run(list[first] as number, list[first + 1] as number), name);
    case 3:
      return toNumber(run(list[first] as number, list[first + 1] as number, list[first + 2] as number), name);
    default: {
      // A copy, since a call from in there uses the frame again.
      const args = new Float64Array(count);
      for (let i = 0; i < count; i++) args[i] = list[first + i] as number;
      return toNumber(apply(run, undefined, args), name);
    }
  }
}

/** What functions for formulas give: a number, or a boolean, which is 1 or 0. */
export function numberOrBoolean(result: unknown, name: string): number {
  if (typeof result === 'number') return result;
  if (typeof result === 'boolean') return result ? 1 : 0;
  const found = isPromise(result) ? 'a promise' : describeKind(result);
  throw new TypeError(
    `the host function '${cutText(name)}' returned ${found}; host functions must return a number or a boolean`,
  );
}

/** Whether calls can only give what {@link callHost} refuses, which is better said before the first. */
export function isAsynchronous(call: unknown): boolean {
  return isAsyncFunction(call) || isGeneratorFunction(call);
}

function isPromise(value: unknown): boolean {
  return isBrandedPromise(value) || (typeof value === 'object' && value !== null && 'then' in value);
}
