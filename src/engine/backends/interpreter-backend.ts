import type { IrModule } from '../../jit/ir/function.ts';
import { Interpreter } from '../../jit/ir/interpreter.ts';
import { TrapError } from '../../jit/ir/trap-error.ts';
import type { KernelSpec, OutputType } from '../../jit/kernel/kernel-spec.ts';
import { ReleasedError } from '../../jit/runtime/released-error.ts';
import { numberArgument } from '../../support/number-argument.ts';
import type { Backend, CompiledModule, KernelModule } from './backend.ts';
import type { CallMemory } from './call-memory.ts';
import { createOutput, type NumericArray } from './column-types.ts';
import type { Executable, ExecutableFunction, Releasable } from './executable.ts';
import { interpretedSlice } from './fuel.ts';
import { interpretedGlobals } from './global-store.ts';
import { callHost, type HostImplementation } from './host-call.ts';
import { InterpretedKernel } from './interpreted-kernel.ts';
import { noMemory } from './no-memory.ts';
import { currentDeadline, deadlineAfter, isPast, withDeadline } from './time-limit.ts';

/** Runs the IR as it is: slower, but anywhere. */
export class InterpreterBackend implements Backend {
  readonly name = 'interpreter';
  readonly cpu = undefined;
  readonly calls = undefined;
  readonly hasFma = false;
  readonly hasLanes: boolean = false;
  readonly pools = [];
  readonly fallbackReason: string | undefined;
  readonly #fuel: number;
  readonly #timeout: number | undefined;

  /** Fuel, and milliseconds, of one call. */
  constructor(fuel: number, timeout: number | undefined, fallbackReason: string | undefined) {
    this.#fuel = fuel;
    this.#timeout = timeout;
    this.fallbackReason = fallbackReason;
  }

  load(module: CompiledModule): Executable {
    const interpreter = this.#interpreter(module.ir, module.hosts);
    const timeout = this.#timeout;
    const functions = module.exports.map((description): ExecutableFunction => {
      const run = interpreter.prepare(description.irName);
      const { parameters } = description;
      const callable =
        (target: Releasable, memory?: CallMemory) =>
        (...args: number[]): number => {
          'compiled code stays in its thread: compile its source there';
          const numbers = parameters.map((_, index) =>
            numberArgument(index < args.length ? args[index] : undefined, index, parameters),
          );
          if (target.released) throw new ReleasedError();
          const outer = interpreter.memory;
          interpreter.memory = memory;
          try {
            if (timeout === undefined) return Number(run(numbers));
            return withDeadline(deadlineAfter(timeout), () => Number(run(numbers)));
          } finally {
            interpreter.memory = outer;
          }
        };
      return { ...description, callable };
    });
    const { source, ir } = module;
    const callsHost = module.hosts.length > 0;
    const loadKernel = (spec: KernelSpec) => new InterpretedKernel(interpreter, spec, callsHost);
    const globals = interpretedGlobals(interpreter.globals);
    const nothing = { code: undefined, listed: undefined };
    return { ...nothing, source, functions, timeout, ir, globals, loadKernel, release() {} };
  }

  loadKernel({ ir, hosts }: KernelModule, spec: KernelSpec): InterpretedKernel {
    return new InterpretedKernel(this.#interpreter(ir, hosts), spec, hosts.length > 0);
  }

  createColumn(type: OutputType, length: number): NumericArray {
    return createOutput(type, length);
  }

  memory() {
    return noMemory;
  }

  blocks() {
    return [];
  }

  blockRuns() {
    return [];
  }

  pieces() {
    return [];
  }

  onRelease() {}

  dispose(): void {}

  #interpreter(ir: IrModule, implementations: readonly HostImplementation[]): Interpreter {
    const hosts = implementations.map((host) => (...args: number[]) => {
      const { memory, columns } = interpreter;
      const result = callHost(host, args, 0, args.length);
      // V8 may have ended a script in there that had another.
      interpreter.memory = memory;
      interpreter.columns = columns;
      return result;
    });
    const interpreter = new Interpreter(ir, {
      hosts,
      fuel: this.#fuel,
      slice: interpretedSlice,
      look(functionName) {
        if (isPast(currentDeadline())) throw new TrapError('E_TIMEOUT', functionName);
      },
    });
    return interpreter;
  }
}
