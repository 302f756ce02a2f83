import { loadAddon } from '../../native/loader.ts';
import { NativeUnavailableError } from '../../native/native-unavailable-error.ts';
import type { Backend, BackendOptions } from './backend.ts';
import { NativeBackend } from './native-backend.ts';

/** Throws NativeUnavailableError, VirtMemError or JitAllocatorError where machine code cannot run. */
export function openNativeBackend(options: BackendOptions): Backend {
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
