import { describeIntegers } from '../../support/describe-integers.ts';
import { WasmModule } from '../../support/run-wasm.ts';

describe('WebAssembly of integers', () => {
  describeIntegers((module) => new WasmModule(module));
});
