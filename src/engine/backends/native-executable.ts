import type { IrModule } from '../../jit/ir/function.ts';
import type { KernelSpec } from '../../jit/kernel/kernel-spec.ts';
import type { JitCode } from '../../jit/runtime/jit-code.ts';
import type { JitRuntime } from '../../jit/runtime/jit-runtime.ts';
import type { Address } from '../../native/address.ts';
import { elementAt } from '../../support/element.ts';
import type { CompiledModule, ExportedFunction } from './backend.ts';
import type { CompiledCode, Executable, ExecutableFunction, Releasable, ResultType } from './executable.ts';
import type { LoadedKernel } from './loaded-kernel.ts';
import type { CallLimits, NativeCalls, NativeGuard } from './native-calls.ts';

/** Where an exported function is entered, and whether that needs a guard. */
export interface NativeEntry {
  readonly address: Address;
  readonly mayTrap: boolean;
}

/** Machine code in its place, with all that a compilation leaves behind; so it is small, and made in one go. */
export class NativeExecutable implements Executable {
  readonly source: string;
  readonly functions: readonly ExecutableFunction[];
  readonly timeout: number | undefined;
  readonly rebuild: () => IrModule;
  readonly loadKernel: (spec: KernelSpec) => LoadedKernel;
  readonly #runtime: JitRuntime;
  readonly #code: JitCode;
  readonly #listing: (ir: IrModule) => string;
  #description: NativeCode | undefined;

  /** `entries` are those of the module's exports; `limits` are those of one call. */
  constructor(
    runtime: JitRuntime,
    code: JitCode,
    { source, ir, exports, hosts, rebuild }: CompiledModule,
    entries: readonly NativeEntry[],
    calls: NativeCalls,
    limits: CallLimits,
    listing: (ir: IrModule) => string,
    loadKernel: (spec: KernelSpec) => LoadedKernel,
  ) {
    this.source = source;
    this.rebuild = rebuild;
    this.timeout = limits.timeout;
    this.#runtime = runtime;
    this.#code = code;
    this.#listing = listing;
    this.loadKernel = loadKernel;
    let guard: NativeGuard | undefined;
    this.functions = exports.map((exported, index) => {
      const { address, mayTrap } = elementAt(entries, index);
      if (!mayTrap) return new NativeFunction(exported, address, calls, undefined);
      guard ??= { code, hosts, functionNames: ir.functions.map(({ name }) => name), ...limits };
      return new NativeFunction(exported, address, calls, guard);
    });
  }

  get code(): CompiledCode {
    this.#description ??= new NativeCode(this.#runtime, this.#code, () => this.#listing(this.rebuild()));
    return this.#description;
  }

  release(): void {
    this.#runtime.release(this.#code);
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

  callable(target: Releasable): (...args: number[]) => number {
    return this.#calls.callable(this.#entry, target, this.#guard, this.parameters);
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
