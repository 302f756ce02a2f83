import { expect } from 'chai';
import { seedFromEnvironment } from '../../support/random.ts';
import { compareRandomModules, randomModuleFuel } from '../../support/random-modules.ts';
import { NativeModule, nativeLevels } from '../../support/run-native.ts';

describe('machine code of random modules', () => {
  const seed = seedFromEnvironment();

  for (const level of nativeLevels) {
    it(`agrees with the interpreter, and with what is said of it, at level ${level} (SEED=${seed})`, () => {
      compareRandomModules(seed, (module, options, check) => {
        using native = new NativeModule(module, { target: { level }, ...options });
        for (const { name } of module.functions) {
          const { mayTrap, usesFuel, callsHost } = native.facts(name);
          expect(mayTrap || !(usesFuel || callsHost), `${name} may trap`).to.equal(true);
        }
        check({
          call: (name, args) => native.call(name, args),
          callsHost: (name) => native.facts(name).callsHost,
          checkCall: (name) => {
            if (!native.facts(name).usesFuel) expect(native.fuel, name).to.equal(randomModuleFuel);
          },
        });
      });
    });
  }
});
