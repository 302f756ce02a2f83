import { CodedError } from '../../support/coded-error.ts';

/** Something was used after its release: a compiled function after `release()`, a runtime after its disposal. */
export class ReleasedError extends CodedError<'E_RELEASED'> {
  override readonly name = 'ReleasedError';

  constructor(message = 'this compiled function was released') {
    super('E_RELEASED', message);
  }
}
