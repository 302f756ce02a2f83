import { Interpreter } from '../jit/ir/interpreter.ts';
import { javascriptMath, type MathLibrary } from '../jit/math-library.ts';
import { ReleasedError } from '../jit/released-error.ts';
import { loadAddon } from '../native/loader.ts';
import type { Backend, CompiledModule } from './backend.ts';
import { emptyMemory } from './engine-statistics.ts';
import { nativeMath } from './native-math.ts';
import type { CallTarget, Executable, ExecutableFunction } from './shared-code.ts';

/**
 * Runs the IR as it is: slower, but anywhere. Where the addon can be loaded, transcendental functions are its own, so
 * that results are those of machine code; elsewhere they are JavaScript's, which may be off by almost 2 ulp.
 */
export class InterpreterBackend implements Backend {
  readonly name = 'interpreter';
  readonly cpu = undefined;
  readonly hasFma = false;
  readonly pools = [];
  readonly math: MathLibrary;
  readonly fallbackReason: string | undefined;
  readonly #fuel: number;

  /** `fuel` is that of one call. */
  constructor(fuel: number, fallbackReason: string | undefined) {
    this.#fuel = fuel;
    const { addon } = loadAddon();
    this.math = addon === undefined ? javascriptMath : nativeMath(addon);
    this.fallbackReason = fallbackReason;
  }

  load(module: CompiledModule): Executable {
    const hosts = module.hosts.map(
      (host) =>
        (...args: number[]) =>
          Number(host(...args)),
    );
    const interpreter = new Interpreter(module.ir, { hosts, fuel: this.#fuel, math: this.math });
    const functions = module.exports.map(({ irName, ...description }): ExecutableFunction => {
      const run = interpreter.prepare(irName);
      const arity = description.parameters.length;
      const callable =
        (target: CallTarget) =>
        (...args: number[]): number => {
          const numbers = Array.from({ length: arity }, (_, index) => +(args[index] as number));
          if (target.released) throw new ReleasedError();
          return Number(run(numbers));
        };
      return { ...description, callable };
    });
    const { source, rebuild } = module;
    return { code: undefined, source, functions, rebuild, release() {} };
  }

  memory() {
    return emptyMemory;
  }

  blocks() {
    return [];
  }

  dispose(): void {}
}
