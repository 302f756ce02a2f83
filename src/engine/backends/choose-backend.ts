import { JitAllocatorError } from '../../mem/jit-allocator-error.ts';
import { VirtMemError } from '../../mem/virt-mem-error.ts';
import { NativeUnavailableError } from '../../native/native-unavailable-error.ts';
import type { Backend, BackendOptions } from './backend.ts';
import { defaultFuel } from './fuel.ts';
import { InterpreterBackend } from './interpreter-backend.ts';
import { openNativeBackend } from './open-native-backend.ts';
import { WasmBackend } from './wasm-backend.ts';
import { WasmUnavailableError } from './wasm-unavailable-error.ts';

/**
 * The backend that the options ask for: with `auto`, machine code if this process can run it, else WebAssembly, else the
 * interpreter.
 *
 * @throws what keeps code from running that is asked for by name: NativeUnavailableError, VirtMemError or JitAllocatorError with
 * `native`, WasmUnavailableError with `wasm`. RangeError for parameters that are wrong anywhere.
 */
export function chooseBackend(options: BackendOptions): Backend {
  switch (options.backend) {
    case 'native':
      return openNativeBackend(options);
    case 'wasm':
      return new WasmBackend(options);
    case 'interpreter':
      return openInterpreter(options, undefined);
    default:
      return openAny(options);
  }
}

function openAny(options: BackendOptions): Backend {
  const reasons: string[] = [];
  for (const open of [openNativeBackend, openWasmBackend]) {
    try {
      return open(options, reasons);
    } catch (error) {
      if (!isUnavailability(error)) throw error;
      reasons.push(error.message);
    }
  }
  return openInterpreter(options, reasons.join('; '));
}

function openWasmBackend(options: BackendOptions, reasons: readonly string[]): WasmBackend {
  return new WasmBackend(options, reasons.join('; '));
}

function openInterpreter({ timeout, fuel }: BackendOptions, reason: string | undefined): InterpreterBackend {
  return new InterpreterBackend(fuel ?? defaultFuel.interpreter, timeout, reason);
}

/** Whether the error says that this process cannot run such code, rather than that a parameter is wrong. */
function isUnavailability(error: unknown): error is Error {
  return (
    error instanceof NativeUnavailableError ||
    error instanceof WasmUnavailableError ||
    error instanceof VirtMemError ||
    error instanceof JitAllocatorError
  );
}
