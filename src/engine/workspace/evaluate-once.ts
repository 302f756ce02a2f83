import type { CallTarget } from '../callables/shared-code.ts';

/** The value of a function without parameters, which is released afterwards. */
export function evaluateOnce(target: CallTarget): number | boolean {
  try {
    const value = target.function.callable(target)();
    return target.function.resultType === 'boolean' ? value !== 0 : value;
  } finally {
    target.release();
  }
}
