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
 */
export function interruptibleOn(terminal: SignalSource): Run {
  let body = (): unknown => undefined;
  const script = new Script('run()');
  const context = createContext({ run: () => body() });
  return <T>(given: () => T): T => {
    body = given;
    const wasRaw = terminal.isRaw === true;
    // A signal that comes a moment too early or too late must not end the process.
    process.on('SIGINT', ignore);
    if (wasRaw) terminal.setRawMode?.(false);
    try {
      return script.runInContext(context, { breakOnSigint: true, displayErrors: false }) as T;
    } catch (error) {
      throw isInterruption(error) ? new Interrupted() : error;
    } finally {
      if (wasRaw) terminal.setRawMode?.(true);
      process.off('SIGINT', ignore);
    }
  };
}

function ignore(): void {}

/** It is made in the script's own context, whose `Error` is another. */
function isInterruption(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    error.code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED'
  );
}
