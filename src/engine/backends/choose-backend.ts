import { JitAllocatorError } from '../../mem/jit-allocator-error.ts';
import { VirtMemError } from '../../mem/virt-mem-error.ts';
import { loadAddon, NativeUnavailableError } from '../../native/loader.ts';
import type { Backend, BackendOptions } from './backend.ts';
import { defaultFuel } from './fuel.ts';
import { InterpreterBackend } from './interpreter-backend.ts';
import { NativeBackend } from './native-backend.ts';

/**
 * The backend that the options ask for: with `auto`, machine code if this process can run it.
 *
 * @throws with `native`, what keeps machine code from running: NativeUnavailableError, VirtMemError, or
 * JitAllocatorError. RangeError for parameters that are wrong anywhere.
 */
export function chooseBackend(options: BackendOptions): Backend {
  const { backend, timeout, fuel = defaultFuel.interpreter } = options;
  if (backend === 'interpreter') return new InterpreterBackend(fuel, timeout, undefined);
  try {
    return openNativeBackend(options);
  } catch (error) {
    if (backend === 'native' || !isUnavailability(error)) throw error;
    return new InterpreterBackend(fuel, timeout, error.message);
  }
}

function openNativeBackend(options: BackendOptions): NativeBackend {
  if (process.arch !== 'x64') {
    const message = `exprjit makes machine code for x64, and this is ${process.arch}`;
    throw new NativeUnavailableError('E_NATIVE_UNSUPPORTED', message);
  }
  const { addon, error } = loadAddon();
  if (addon === undefined) throw error;
  const backend = new NativeBackend(addon, options);
  backend.tryMemory();
  return backend;
}

/** Whether the error says that this process cannot run machine code, rather than that a parameter is wrong. */
function isUnavailability(error: unknown): error is Error {
  return (
    error instanceof NativeUnavailableError ||
    error instanceof VirtMemError ||
    error instanceof JitAllocatorError
  );
}
