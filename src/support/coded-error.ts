/**
 * The root of every error that exprjit reports to its users: `code` is stable across versions and is what
 * programs should test, `message` is for people and may be reworded.
 */
export class CodedError<Code extends string = string> extends Error {
  override readonly name: string = 'CodedError';
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /**
   * All that it says, for `JSON.stringify`, which leaves the message of errors out.
   *
   * @internal
   */
  toJSON(): object {
    return { ...this, message: this.message };
  }
}
