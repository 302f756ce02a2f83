import { createContext, Script } from 'node:vm';

/** Runs something, and gives what it gives or throws what it throws. */
export type Run = <T>(body: () => T) => T;

/** Ctrl-C while something was computed. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';

  constructor() {
    super('interrupted');
  }
}

/** What of a terminal decides whether Ctrl-C is a signal or a key. */
export interface SignalSource {
  readonly isRaw?: boolean;
  setRawMode?(isRaw: boolean): unknown;
}

/**
 * Lets Ctrl-C interrupt what runs: V8 stops it wherever it is, machine code at its next slice of fuel. Then an
 * {@link Interrupted} is thrown. No `finally` below was run, so nobody knows in which state things are that the body was changing.
 *
 * In raw mode, in which lines are edited, Ctrl-C is a key that nobody reads while JavaScript is busy; so the terminal leaves
 * it meanwhile.
 *
 * Node has Ctrl-C end the process from the moment a script that it may break has ended. So there is a second script around the
 * first, and the terminal is out of raw mode only within: whoever presses many times ends that one at worst.
 */
export function interruptibleOn(terminal: SignalSource): Run {
  const [within, around] = [breakable(), breakable()];
  return <T>(body: () => T): T => {
    const wasRaw = terminal.isRaw === true;
    const setRaw = (isRaw: boolean): void => {
      if (wasRaw) terminal.setRawMode?.(isRaw);
    };
    try {
      const end = around(() => {
        setRaw(false);
        const result = settled(() => within(body));
        setRaw(true);
        return result;
      });
      if (Object.hasOwn(end, 'error')) throw end.error;
      return end.value as T;
    } catch (error) {
      if (!isInterruption(error)) throw error;
      setRaw(true);
      settle(around);
      throw new Interrupted();
    }
  };
}

/**
 * Takes what is left of a Ctrl-C that came as the script was ending: Node keeps it for the next one, which nobody meant to
 * interrupt.
 */
function settle(run: Run): void {
  for (let left = 8; left > 0; left--) {
    const end = settled(() => run(() => Atomics.wait(nobody, 0, 0, 5)));
    if (!isInterruption(end.error)) return;
  }
}

/** Memory in which nobody is waited for: to wait is all that it is for. */
const nobody = new Int32Array(new SharedArrayBuffer(4));

/** Runs something so that Ctrl-C breaks it. */
function breakable(): Run {
  let body = (): unknown => undefined;
  const script = new Script('run()');
  const context = createContext({ run: () => body() });
  return <T>(given: () => T): T => {
    body = given;
    return script.runInContext(context, { breakOnSigint: true, displayErrors: false }) as T;
  };
}

type End<T> =
  | { readonly value: T; readonly error?: never }
  | { readonly value?: never; readonly error: unknown };

function settled<T>(body: () => T): End<T> {
  try {
    return { value: body() };
  } catch (error) {
    return { error };
  }
}

/** It is made in the script's own context, whose `Error` is another. */
function isInterruption(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    error.code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED'
  );
}
