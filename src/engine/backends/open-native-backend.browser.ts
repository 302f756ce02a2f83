/** Where there is no machine code: see `open-native-backend.ts`. */
import { NativeUnavailableError } from '../../native/native-unavailable-error.ts';

export function openNativeBackend(): never {
  throw new NativeUnavailableError('E_NATIVE_UNSUPPORTED', 'a browser runs no machine code');
}
