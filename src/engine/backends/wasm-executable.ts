import type { IrModule } from '../../jit/ir/function.ts';
import type { KernelSpec } from '../../jit/kernel/kernel-spec.ts';
import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import type { CompiledModule, ExportedFunction, KernelModule } from './backend.ts';
import type { CallMemory } from './call-memory.ts';
import type { Executable, ExecutableFunction, Releasable, ResultType } from './executable.ts';
import type { GlobalStore } from './global-store.ts';
import type { LoadedKernel } from './loaded-kernel.ts';
import { released, type WasmEntry, type WasmGuard, wasmCallable } from './wasm-calls.ts';
import type { WasmSpace } from './wasm-space.ts';

/** What makes more of a module, when it is asked for. */
export interface WasmCompiler {
  loadKernel(module: KernelModule, spec: KernelSpec): LoadedKernel;
}

/** An exported function of an instance. */
export interface WasmInstance {
  readonly entry: WasmEntry;
  readonly guard: WasmGuard | undefined;
}

/**
 * A module, and its instances: one on the engine's memory, and one on each memory that calls access. What was released refers to
 * none any more, so they are collected.
 */
export class WasmExecutable implements Executable {
  readonly code = undefined;
  readonly listed = undefined;
  readonly functions: readonly ExecutableFunction[];
  readonly timeout: number | undefined;
  readonly #module: CompiledModule;
  readonly #compiler: WasmCompiler;
  readonly globals: GlobalStore;
  readonly #own: readonly WasmInstance[];
  /** By memory, the functions of the instance there. */
  readonly #byMemory = new WeakMap<WasmSpace, readonly WasmInstance[]>();
  /** The same, for {@link release}; they keep no memory. */
  #entries: readonly WeakRef<WasmEntry>[] = [];
  readonly #instantiate: (space: WasmSpace) => readonly WasmInstance[];

  /** `own` are the module's exports on the engine's memory; `instantiate` gives them on another. */
  constructor(
    module: CompiledModule,
    own: readonly WasmInstance[],
    instantiate: (space: WasmSpace) => readonly WasmInstance[],
    globals: GlobalStore,
    timeout: number | undefined,
    compiler: WasmCompiler,
  ) {
    this.timeout = timeout;
    this.globals = globals;
    this.#module = module;
    this.#compiler = compiler;
    this.#own = own;
    this.#instantiate = instantiate;
    this.functions = module.exports.map(
      (exported, index) =>
        new WasmFunction(exported, (space) =>
          elementAt(space === undefined ? own : this.#instancesOn(space), index),
        ),
    );
  }

  #instancesOn(space: WasmSpace): readonly WasmInstance[] {
    let instances = this.#byMemory.get(space);
    if (instances === undefined) {
      instances = this.#instantiate(space);
      this.#byMemory.set(space, instances);
      const left = this.#entries.filter((reference) => reference.deref() !== undefined);
      this.#entries = [...left, ...instances.map(({ entry }) => new WeakRef(entry))];
    }
    return instances;
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
    for (const { entry } of this.#own) entry.run = released;
    for (const reference of this.#entries) {
      const entry = reference.deref();
      if (entry !== undefined) entry.run = released;
    }
  }
}

class WasmFunction implements ExecutableFunction {
  readonly name: string;
  readonly irName: string;
  readonly parameters: readonly string[];
  readonly resultType: ResultType;
  readonly #on: (space: WasmSpace | undefined) => WasmInstance;

  constructor(
    { name, irName, parameters, resultType }: ExportedFunction,
    on: (space: WasmSpace | undefined) => WasmInstance,
  ) {
    this.name = name;
    this.irName = irName;
    this.parameters = parameters;
    this.resultType = resultType;
    this.#on = on;
  }

  callable(target: Releasable, memory?: CallMemory): (...args: number[]) => number {
    invariant(memory === undefined || memory.space !== undefined, 'code reaches the memory');
    const { entry, guard } = this.#on(memory?.space);
    return wasmCallable(entry, target, guard, this.parameters);
  }
}
