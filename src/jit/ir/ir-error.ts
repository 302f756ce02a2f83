import { CodedError } from '../../support/coded-error.ts';
import { cutText } from '../../support/cut-text.ts';

const mostShown = 20;

/** A module that is not correct, or not what it is used as. Each problem names its function, and the value if it is about one. */
export class IrError extends CodedError<'E_IR'> {
  override readonly name = 'IrError';
  readonly problems: readonly string[];

  /** `summary` says what they are about. */
  constructor(problems: readonly string[], summary = 'the module is wrong') {
    const shown = problems.slice(0, mostShown).map((problem) => `\n  ${cutText(problem, 300)}`);
    const more = problems.length > mostShown ? `\n  and ${problems.length - mostShown} more` : '';
    super('E_IR', `${summary}:${shown.join('')}${more}`);
    this.problems = Object.freeze([...problems]);
  }
}
