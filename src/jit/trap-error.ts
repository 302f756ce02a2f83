import { CodedError } from '../support/coded-error.ts';
import { cutText } from '../support/cut-text.ts';

/** `E_STACK`: calls nest too deep. `E_FUEL`: the limit of loop iterations and recursive calls is used up. */
export type TrapCode = 'E_STACK' | 'E_FUEL';

/** A running function was stopped at one of its limits. Nothing is harmed: it can be called again. */
export class TrapError extends CodedError<TrapCode> {
  override readonly name = 'TrapError';
  /** The function that was running. */
  readonly functionName: string;

  constructor(code: TrapCode, functionName: string) {
    const name = cutText(functionName);
    super(
      code,
      code === 'E_STACK'
        ? `'${name}' calls itself too deeply: the stack limit is reached`
        : `'${name}' runs too long: the fuel limit is reached`,
    );
    this.functionName = functionName;
  }
}
