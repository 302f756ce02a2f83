import { CodedError } from '../../support/coded-error.ts';

/** This JavaScript engine runs no WebAssembly, or none with vectors, or may not. */
export class WasmUnavailableError extends CodedError<'E_WASM_UNAVAILABLE'> {
  override readonly name = 'WasmUnavailableError';
}
