import { expect } from 'chai';
import { seedFromEnvironment } from '../../support/random.ts';
import { compareRandomModules, randomModuleFuel } from '../../support/random-modules.ts';
import { WasmModule } from '../../support/run-wasm.ts';

describe('WebAssembly of random modules', () => {
  const seed = seedFromEnvironment();

  it(`agrees with the interpreter, and with what is said of it (SEED=${seed})`, () => {
    compareRandomModules(seed, (module, options, check) => {
      const wasm = new WasmModule(module, options);
      check({
        call: (name, args) => wasm.call(name, args),
        callsHost: (name) => wasm.generated.factsOf(name).callsHost,
        checkCall: (name) => {
          const spendsNothing =
            wasm.generated.factsOf(name).cost === undefined && module.functions.length === 1;
          if (spendsNothing) expect(wasm.fuel, name).to.equal(randomModuleFuel);
          expect(wasm.isStackWhole, name).to.equal(true);
        },
      });
    });
  });
});
