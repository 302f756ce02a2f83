import { WasmLimitError } from '../../jit/wasm/wasm-limit-error.ts';
import type { KernelModule } from './backend.ts';

/** The WebAssembly that `generate` gives; what engines would not take is too large. */
export function withinLimits<Result>(
  { tooLarge }: Pick<KernelModule, 'tooLarge'>,
  generate: () => Result,
): Result {
  try {
    return generate();
  } catch (error) {
    if (error instanceof WasmLimitError) throw tooLarge(error.size, error.limit, error.unit);
    throw error;
  }
}
