/**
 * Errors that are the caller's: their stacks begin where the package was called, and not in its depths. Only V8 can do that.
 */
import { CodedError } from './coded-error.ts';
import { apply } from './intrinsics.ts';

type Entry = (...given: never[]) => unknown;

const capture: ((error: object, entry: Entry) => void) | undefined = Error.captureStackTrace;

/** What was called by somebody whom a function of the host called, and has said so. */
const told = new WeakSet<object>();

/** The error, whose stack begins where `entry` was called, which is under way. */
export function fromCaller(error: unknown, entry: Entry): unknown {
  if (!(error instanceof CodedError)) return error;
  told.add(error);
  capture?.(error, entry);
  return error;
}

/** Lets the errors of these methods begin with whoever called them. */
export function tellCallers<Methods extends object>(
  prototype: Methods,
  names: readonly (keyof Methods & string)[],
): void {
  for (const name of names) {
    const method = prototype[name] as Entry;
    const entry = {
      [name](this: unknown, ...given: never[]) {
        try {
          return apply(method, this as never, given) as unknown;
        } catch (error) {
          throw told.has(error as object) ? error : fromCaller(error, entry);
        }
      },
    }[name] as Entry;
    Object.defineProperty(entry, 'length', { value: method.length });
    Object.defineProperty(prototype, name, { value: entry, configurable: true, writable: true });
  }
}
