/**
 * Lets the stacks of errors that are the caller's begin where the package was called, and not in its depths. Only V8 can do that.
 */
import { apply } from '../support/intrinsics.ts';
import { CompileError } from './compile-error.ts';

type Entry = (...given: never[]) => unknown;
type Constructor = new (...given: never[]) => unknown;

const capture: ((error: object, entry: Entry | Constructor) => void) | undefined = Error.captureStackTrace;

/** Those that begin with who called last: a function of the host may have called the package again. */
const told = new WeakSet<CompileError>();

/** The error; if it is of a source, its stack begins where `entry`, which is under way, was called. */
export function fromCaller(error: unknown, entry: Entry | Constructor): unknown {
  if (!(error instanceof CompileError)) return error;
  told.add(error);
  try {
    capture?.(error, entry);
  } catch {
    // Somebody has frozen it.
  }
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
          throw told.has(error as CompileError) ? error : fromCaller(error, entry);
        }
      },
    }[name] as Entry;
    Object.defineProperty(entry, 'length', { value: method.length });
    Object.defineProperty(prototype, name, { value: entry, configurable: true, writable: true });
  }
}
