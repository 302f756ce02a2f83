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
}

/**
 * Calls a host function, on any backend: numbers go in, and a number comes back, or a boolean, which is 1 or 0.
 *
 * @throws TypeError, which names the function, for any other result; what the function throws.
 */
export function callHost({ name, run }: HostImplementation, args: ArrayLike<number>): number {
  const result: unknown = apply(run, undefined, args);
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
