import { CodedError } from '../support/coded-error.ts';

/** JSON that is no tree of the language. `path` is where, for example `$.result.operands[1]`. */
export class AstJsonError extends CodedError<'E_AST_JSON'> {
  override readonly name = 'AstJsonError';
  readonly path: string;

  constructor(path: string, message: string, options?: ErrorOptions) {
    super('E_AST_JSON', `${path} ${message}`, options);
    this.path = path;
  }
}
