import type { IrModule } from '../jit/ir/function.ts';
import { Interpreter } from '../jit/ir/interpreter.ts';
import type { KernelSpec } from '../jit/kernel/kernel-spec.ts';
import { javascriptMath, type MathLibrary } from '../jit/math-library.ts';
import { ReleasedError } from '../jit/released-error.ts';
import { loadAddon } from '../native/loader.ts';
import { slots } from '../support/element.ts';
import type { Backend, CompiledModule, HostImplementation, KernelModule } from './backend.ts';
import { emptyMemory } from './engine-statistics.ts';
import { InterpretedKernel } from './interpreted-kernel.ts';
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
    const interpreter = this.#interpreter(module.ir, module.hosts);
    const functions = module.exports.map((description): ExecutableFunction => {
      const run = interpreter.prepare(description.irName);
      const arity = description.parameters.length;
      const callable =
        (target: CallTarget) =>
        (...args: number[]): number => {
          const numbers = Array.from(slots(arity), (_, index) => +(args.at(index) as number));
          if (target.released) throw new ReleasedError();
          return Number(run(numbers));
        };
      return { ...description, callable };
    });
    const { source, rebuild } = module;
    const callsHost = module.hosts.length > 0;
    const loadKernel = (spec: KernelSpec) => new InterpretedKernel(interpreter, spec, callsHost);
    return { code: undefined, source, functions, rebuild, loadKernel, release() {} };
  }

  loadKernel({ rebuild, hosts }: KernelModule, spec: KernelSpec): InterpretedKernel {
    return new InterpretedKernel(this.#interpreter(rebuild(), hosts), spec, hosts.length > 0);
  }

  memory() {
    return emptyMemory;
  }

  blocks() {
    return [];
  }

  dispose(): void {}

  #interpreter(ir: IrModule, implementations: readonly HostImplementation[]): Interpreter {
    const hosts = implementations.map(
      (host) =>
        (...args: number[]) =>
          Number(host(...args)),
    );
    return new Interpreter(ir, { hosts, fuel: this.#fuel, math: this.math });
  }
}
