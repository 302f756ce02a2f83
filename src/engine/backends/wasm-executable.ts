import type { IrModule } from '../../jit/ir/function.ts';
import type { KernelSpec } from '../../jit/kernel/kernel-spec.ts';
import { elementAt } from '../../support/element.ts';
import type { CompiledModule, ExportedFunction, KernelModule } from './backend.ts';
import type { Executable, ExecutableFunction, Releasable, ResultType } from './executable.ts';
import type { LoadedKernel } from './loaded-kernel.ts';
import { released, type WasmEntry, type WasmGuard, wasmCallable } from './wasm-calls.ts';

/** What makes more of a module, when it is asked for. */
export interface WasmCompiler {
  loadKernel(module: KernelModule, spec: KernelSpec): LoadedKernel;
}

/** An instance of a module. What was released refers to it no more, so it is collected. */
export class WasmExecutable implements Executable {
  readonly code = undefined;
  readonly functions: readonly ExecutableFunction[];
  readonly timeout: number | undefined;
  readonly #module: CompiledModule;
  readonly #compiler: WasmCompiler;
  readonly #entries: readonly WasmEntry[];

  /** `entries` and `guards` are those of the module's exports. */
  constructor(
    module: CompiledModule,
    entries: readonly WasmEntry[],
    guards: readonly (WasmGuard | undefined)[],
    timeout: number | undefined,
    compiler: WasmCompiler,
  ) {
    this.timeout = timeout;
    this.#module = module;
    this.#compiler = compiler;
    this.#entries = entries;
    this.functions = module.exports.map(
      (exported, index) => new WasmFunction(exported, elementAt(entries, index), guards[index]),
    );
  }

  get source(): string {
    return this.#module.source;
  }

  get ir(): IrModule {
    return this.#module.ir;
  }

  loadKernel(spec: KernelSpec): LoadedKernel {
    return this.#compiler.loadKernel(this.#module, spec);
  }

  release(): void {
    for (const entry of this.#entries) entry.run = released;
  }
}

class WasmFunction implements ExecutableFunction {
  readonly name: string;
  readonly irName: string;
  readonly parameters: readonly string[];
  readonly resultType: ResultType;
  readonly #entry: WasmEntry;
  readonly #guard: WasmGuard | undefined;

  constructor(
    { name, irName, parameters, resultType }: ExportedFunction,
    entry: WasmEntry,
    guard: WasmGuard | undefined,
  ) {
    this.name = name;
    this.irName = irName;
    this.parameters = parameters;
    this.resultType = resultType;
    this.#entry = entry;
    this.#guard = guard;
  }

  callable(target: Releasable): (...args: number[]) => number {
    return wasmCallable(this.#entry, target, this.#guard, this.parameters);
  }
}
