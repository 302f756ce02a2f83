import { CodedError } from '../support/coded-error.ts';

/** A compiled function was used after `release()`, or an engine after `dispose()`. */
export class ReleasedError extends CodedError<'E_RELEASED'> {
  override readonly name = 'ReleasedError';

  constructor(message = 'this compiled function was released') {
    super('E_RELEASED', message);
  }
}
