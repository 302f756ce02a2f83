import { CodedError } from '../../support/coded-error.ts';
import { cutText } from '../../support/cut-text.ts';

/**
 * `E_STACK`: calls nest too deep. `E_FUEL`: the fuel of a call is used up. `E_TIMEOUT`: its time is over. `E_BOUNDS`: an access
 * outside of memory.
 */
export type TrapCode = 'E_STACK' | 'E_FUEL' | 'E_TIMEOUT' | 'E_BOUNDS';

const messages: Readonly<Record<TrapCode, (functionName: string) => string>> = Object.freeze({
  E_STACK: (name) => `'${name}' calls itself too deeply: the stack limit is reached`,
  E_FUEL: (name) => `'${name}' runs too long: the fuel limit is reached`,
  E_TIMEOUT: (name) => `'${name}' runs too long: its time is over`,
  E_BOUNDS: (name) => `'${name}' accesses memory out of bounds`,
});

/** A running function was stopped at one of its limits. Nothing is harmed: it can be called again. */
export class TrapError extends CodedError<TrapCode> {
  override readonly name = 'TrapError';
  /** The function that was running. */
  readonly functionName: string;

  constructor(code: TrapCode, functionName: string) {
    super(code, messages[code](cutText(functionName)));
    this.functionName = functionName;
  }
}
