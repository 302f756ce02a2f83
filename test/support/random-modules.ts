/** Holds code of random modules against the interpreter, call by call. */
import { expect } from 'chai';
import type { IrModule } from '../../src/jit/ir/function.ts';
import { Interpreter } from '../../src/jit/ir/interpreter.ts';
import { parseModule } from '../../src/jit/ir/parser.ts';
import { printModule } from '../../src/jit/ir/printer.ts';
import { lowerSwitches } from '../../src/jit/opt/lower-switches.ts';
import { optimize } from '../../src/jit/opt/optimize.ts';
import { elementAt } from '../../src/support/element.ts';
import { Random } from './random.ts';
import { randomModule } from './random-ir.ts';
import { specialValues } from './special-values.ts';

const modules = 150;
const callsOfEach = 6;
/** Of optimisation. Undefined: the code is that of the module as it is, but for switches. */
const levels = [undefined, 0, 1] as const;

/** Fuel of each call. */
export const randomModuleFuel = 1_000_000_000n;

export interface ModuleOptions {
  readonly hosts: readonly ((...args: number[]) => number)[];
  readonly fuel: bigint;
}

export interface ModuleUnderTest {
  call(name: string, args: readonly number[]): number;
  /** Does it say that such calls call functions of the host? */
  callsHost(name: string): boolean;
  /** Holds what a call left behind against what is said of the function. */
  checkCall(name: string): void;
}

/** `test` runs `check` on the code of a module. */
export function compareRandomModules(
  seed: number,
  test: (module: IrModule, options: ModuleOptions, check: (code: ModuleUnderTest) => void) => void,
): void {
  let hostCalls = 0;
  const host = (x: number, y: number) => {
    hostCalls++;
    return x - 2 * y;
  };
  const random = new Random(seed);
  for (let i = 0; i < modules; i++) {
    const module = randomModule(random, {
      functions: 3,
      instructions: random.integer(3, 60),
      switches: true,
    });
    const interpreter = new Interpreter(module, { hosts: [host] });
    // A copy: the interpreter translates functions when they are first called.
    const code = parseModule(printModule(module));
    const level = levels[i % levels.length];
    if (level === undefined) lowerSwitches(code);
    else optimize(code, { level });
    test(code, { hosts: [host], fuel: randomModuleFuel }, (code) => {
      for (const fn of module.functions) {
        for (let k = 0; k < callsOfEach; k++) {
          const args = elementAt(fn.blocks, 0).parameters.map(() => random.pick(specialValues));
          const expected = interpreter.run(fn.name, args);
          hostCalls = 0;
          const actual = code.call(fn.name, args);
          if (!code.callsHost(fn.name)) expect(hostCalls, fn.name).to.equal(0);
          code.checkCall(fn.name);
          if (!Object.is(actual, expected)) {
            expect.fail(
              `module ${i}, ${fn.name}(${args.join(', ')}) gave ${actual} instead of ${expected}\n${printModule(module)}`,
            );
          }
        }
      }
    });
  }
}
