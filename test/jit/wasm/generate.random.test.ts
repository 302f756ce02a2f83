import { expect } from 'chai';
import { Interpreter } from '../../../src/jit/ir/interpreter.ts';
import { printModule } from '../../../src/jit/ir/printer.ts';
import { elementAt } from '../../../src/support/element.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { randomModule } from '../../support/random-ir.ts';
import { WasmModule } from '../../support/run-wasm.ts';
import { specialValues } from '../../support/special-values.ts';

const modules = 300;
const callsOfEach = 6;

describe('WebAssembly of random modules', () => {
  const seed = seedFromEnvironment();
  let hostCalls = 0;
  const host = (x: number, y: number) => {
    hostCalls++;
    return x - 2 * y;
  };
  const fuel = 1_000_000_000n;

  it(`agrees with the interpreter, and with what is said of it (SEED=${seed})`, () => {
    const random = new Random(seed);
    for (let i = 0; i < modules; i++) {
      const module = randomModule(random, { functions: 3, instructions: random.integer(3, 60) });
      const interpreter = new Interpreter(module, { hosts: [host] });
      const wasm = new WasmModule(module, { hosts: [host], fuel });
      for (const fn of module.functions) {
        const { callsHost, cost } = wasm.generated.factsOf(fn.name);
        for (let k = 0; k < callsOfEach; k++) {
          const args = elementAt(fn.blocks, 0).parameters.map(() => random.pick(specialValues));
          const expected = interpreter.run(fn.name, args);
          hostCalls = 0;
          const actual = wasm.call(fn.name, args);
          if (!callsHost) expect(hostCalls, fn.name).to.equal(0);
          if (cost === undefined && module.functions.length === 1) expect(wasm.fuel, fn.name).to.equal(fuel);
          expect(wasm.isStackWhole, fn.name).to.equal(true);
          if (!Object.is(actual, Number(expected))) {
            expect.fail(
              `module ${i}, ${fn.name}(${args.join(', ')}) gave ${actual} instead of ${expected}\n${printModule(module)}`,
            );
          }
        }
      }
    }
  });
});
