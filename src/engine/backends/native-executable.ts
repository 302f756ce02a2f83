import type { IrModule } from '../../jit/ir/function.ts';
import type { KernelSpec } from '../../jit/kernel/kernel-spec.ts';
import type { JitCode } from '../../jit/runtime/jit-code.ts';
import type { JitRuntime } from '../../jit/runtime/jit-runtime.ts';
import type { Address } from '../../native/address.ts';
import { elementAt } from '../../support/element.ts';
import type { CompiledModule, ExportedFunction, KernelModule } from './backend.ts';
import type { CallLimits } from './call-guard.ts';
import type { CallMemory } from './call-memory.ts';
import type {
  CompiledCode,
  Executable,
  ExecutableFunction,
  ListedCode,
  Releasable,
  ResultType,
} from './executable.ts';
import type { GlobalStore } from './global-store.ts';
import type { LoadedKernel } from './loaded-kernel.ts';
import type { NativeCalls, NativeGuard } from './native-calls.ts';

/** Where an exported function is entered, and whether that needs a guard. */
export interface NativeEntry {
  readonly address: Address;
  readonly mayTrap: boolean;
}

/** What makes more of a module, when it is asked for. */
export interface NativeCompiler {
  loadKernel(module: KernelModule, spec: KernelSpec): LoadedKernel;
  listed(module: CompiledModule): ListedCode;
}

/** Machine code in its place, with all that a compilation leaves behind; so it is small, and made in one go. */
export class NativeExecutable implements Executable {
  readonly functions: readonly ExecutableFunction[];
  readonly timeout: number | undefined;
  readonly globals: GlobalStore;
  readonly #runtime: JitRuntime;
  readonly #code: JitCode;
  readonly #module: CompiledModule;
  readonly #compiler: NativeCompiler;
  #description: NativeCode | undefined;

  /** `entries` are those of the module's exports; `limits` are those of one call. */
  constructor(
    runtime: JitRuntime,
    code: JitCode,
    module: CompiledModule,
    entries: readonly NativeEntry[],
    calls: NativeCalls,
    limits: CallLimits,
    compiler: NativeCompiler,
    globals: GlobalStore,
  ) {
    this.globals = globals;
    this.timeout = limits.timeout;
    this.#runtime = runtime;
    this.#code = code;
    this.#module = module;
    this.#compiler = compiler;
    const { ir, exports, hosts } = module;
    let guard: NativeGuard | undefined;
    this.functions = exports.map((exported, index) => {
      const { address, mayTrap } = elementAt(entries, index);
      if (!mayTrap) return new NativeFunction(exported, address, calls, undefined);
      guard ??= {
        code,
        globals,
        hosts,
        functionNames: ir.functions.map(({ displayName }) => displayName),
        ...limits,
      };
      return new NativeFunction(exported, address, calls, guard);
    });
  }

  get source(): string {
    return this.#module.source;
  }

  get ir(): IrModule {
    return this.#module.ir;
  }

  get code(): CompiledCode {
    this.#description ??= new NativeCode(this.#runtime, this.#code, () =>
      this.listed()
        .lines.map(({ text }) => text)
        .join('\n'),
    );
    return this.#description;
  }

  listed(): ListedCode {
    return this.#compiler.listed(this.#module);
  }

  loadKernel(spec: KernelSpec): LoadedKernel {
    return this.#compiler.loadKernel(this.#module, spec);
  }

  release(): void {
    this.#code.releaseWithStack();
  }
}

class NativeFunction implements ExecutableFunction {
  readonly name: string;
  readonly irName: string;
  readonly parameters: readonly string[];
  readonly resultType: ResultType;
  readonly #entry: Address;
  readonly #calls: NativeCalls;
  readonly #guard: NativeGuard | undefined;

  constructor(
    { name, irName, parameters, resultType }: ExportedFunction,
    entry: Address,
    calls: NativeCalls,
    guard: NativeGuard | undefined,
  ) {
    this.name = name;
    this.irName = irName;
    this.parameters = parameters;
    this.resultType = resultType;
    this.#entry = entry;
    this.#calls = calls;
    this.#guard = guard;
  }

  callable(target: Releasable, memory?: CallMemory): (...args: number[]) => number {
    const run = this.#calls.callable(this.#entry, target, this.#guard, this.parameters);
    return memory === undefined ? run : this.#calls.onMemory(memory, run);
  }
}

class NativeCode implements CompiledCode {
  readonly address: Address;
  readonly size: number;
  readonly #runtime: JitRuntime;
  readonly #code: JitCode;
  readonly #listing: () => string;

  constructor(runtime: JitRuntime, code: JitCode, listing: () => string) {
    this.address = code.address;
    this.size = code.size;
    this.#runtime = runtime;
    this.#code = code;
    this.#listing = listing;
    Object.freeze(this);
  }

  bytes(): Uint8Array {
    return this.#runtime.read(this.#code);
  }

  listing(): string {
    return this.#listing();
  }
}
