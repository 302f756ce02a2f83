import { NativeUnavailableError } from '../../native/native-unavailable-error.ts';
import type { Backend, BackendOptions } from './backend.ts';
import { defaultFuel } from './fuel.ts';
import { InterpreterBackend } from './interpreter-backend.ts';
import { WasmBackend } from './wasm-backend.ts';
import { WasmUnavailableError } from './wasm-unavailable-error.ts';

const noMachineCode = 'a browser runs no machine code';

/** As in `choose-backend.ts`, where there is no machine code. */
export function chooseBackend(options: BackendOptions): Backend {
  const { backend, timeout, fuel = defaultFuel.interpreter } = options;
  switch (backend) {
    case 'native':
      throw new NativeUnavailableError('E_NATIVE_UNSUPPORTED', noMachineCode);
    case 'wasm':
      return new WasmBackend(options);
    case 'interpreter':
      return new InterpreterBackend(fuel, timeout, undefined);
    default:
      break;
  }
  try {
    return new WasmBackend(options, noMachineCode);
  } catch (error) {
    if (!(error instanceof WasmUnavailableError)) throw error;
    return new InterpreterBackend(fuel, timeout, `${noMachineCode}; ${error.message}`);
  }
}
