import { CodedError } from '../support/coded-error.ts';

export type NativeUnavailableCode = 'E_NATIVE_NOT_BUILT' | 'E_NATIVE_LOAD_FAILED' | 'E_NATIVE_UNSUPPORTED';

/** The addon cannot be had here, so machine code cannot run. */
export class NativeUnavailableError extends CodedError<NativeUnavailableCode> {
  override readonly name = 'NativeUnavailableError';
}
