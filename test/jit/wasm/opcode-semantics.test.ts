import { describeOpcodes } from '../../support/describe-opcodes.ts';
import { WasmModule } from '../../support/run-wasm.ts';

describe('WebAssembly of each opcode', () => {
  describeOpcodes((module) => new WasmModule(module));
});
