import { generateWasmKernel } from '../../jit/kernel/generate-wasm-kernel.ts';
import { kernelName } from '../../jit/kernel/kernel-facts.ts';
import type { KernelSpec, OutputType } from '../../jit/kernel/kernel-spec.ts';
import { generateModule } from '../../jit/wasm/generate-module.ts';
import {
  type CompiledWasm,
  compileWasm,
  instantiateWasm,
  missingWebAssembly,
  type WasmExports,
} from '../../jit/wasm/web-assembly.ts';
import type { Statistics } from '../../mem/statistics.ts';
import { elementAt } from '../../support/element.ts';
import { noOptions } from '../../support/settings.ts';
import type { Backend, BackendOptions, CompiledModule, KernelModule } from './backend.ts';
import type { CallLimits } from './call-guard.ts';
import { ColumnArenas } from './column-arenas.ts';
import { arrayCode, type NumericArray } from './column-types.ts';
import { compileLog } from './debug.ts';
import type { Executable } from './executable.ts';
import { defaultFuel, grantFuel } from './fuel.ts';
import { WasmGlobals } from './global-store.ts';
import type { HostImplementation } from './host-call.ts';
import type { InterpretedKernel } from './interpreted-kernel.ts';
import { InterpreterBackend } from './interpreter-backend.ts';
import type { LoadedKernel } from './loaded-kernel.ts';
import { noMemory } from './no-memory.ts';
import { hostImport, linksOf, type WasmEntry } from './wasm-calls.ts';
import { WasmExecutable, type WasmInstance } from './wasm-executable.ts';
import { WasmKernel } from './wasm-kernel.ts';
import { WasmSpace } from './wasm-space.ts';
import { WasmUnavailableError } from './wasm-unavailable-error.ts';
import { withinLimits } from './within-limits.ts';

/** Compiles IR to modules of WebAssembly and runs those: on any CPU, with the same bits as machine code. */
export class WasmBackend implements Backend {
  readonly name = 'wasm';
  readonly cpu = undefined;
  readonly calls = undefined;
  readonly hasFma = false;
  readonly hasLanes = true;
  readonly pools = [];
  readonly fallbackReason: string | undefined;
  /** Most bytes of one source. */
  readonly #codeSize: number;
  readonly #limits: CallLimits;
  #arenas = new ColumnArenas(linksOf);
  #space: WasmSpace | undefined;

  /** Throws WasmUnavailableError where there is no WebAssembly. */
  constructor({ codeSize, fuel = defaultFuel.compiled, timeout }: BackendOptions, fallbackReason?: string) {
    const missing = missingWebAssembly();
    if (missing !== undefined) throw new WasmUnavailableError('E_WASM_UNAVAILABLE', missing);
    this.fallbackReason = fallbackReason;
    this.#codeSize = codeSize;
    this.#limits = { fuel: grantFuel(fuel), timeout };
  }

  load(module: CompiledModule): Executable {
    const { ir, hosts, exports, log } = module;
    const names = exports.map(({ irName }) => irName);
    const generated = withinLimits(module, () => generateModule(ir, { exports: names, links: 'imports' }));
    log?.lap('emit');
    const compiled = this.#compile(generated.bytes, module);
    const needsMemory = generated.usesMemory || generated.math.length > 0;
    const globals = new WasmGlobals(ir.globals);
    const functionNames = ir.functions.map(({ displayName }) => displayName);
    const instantiate = (space: WasmSpace | undefined): WasmInstance[] => {
      const functions = instanceOf(compiled, generated, space, hosts, globals.imports);
      return names.map((name) => {
        const { mayTrap, index } = generated.factsOf(name);
        const entry: WasmEntry = { run: functions[name] as WasmEntry['run'] };
        if (!mayTrap || space === undefined) return { entry, guard: undefined };
        return { entry, guard: { ...this.#limits, space, hosts, functionNames, functionIndex: index } };
      });
    };
    const own = instantiate(needsMemory ? this.#ownSpace() : undefined);
    log?.lap('place');
    return new WasmExecutable(module, own, instantiate, globals, this.#limits.timeout, this);
  }

  loadKernel(module: KernelModule, spec: KernelSpec): LoadedKernel {
    const { source, ir, hosts } = module;
    const log = compileLog(source, spec);
    const { fuel } = this.#limits;
    const generated = withinLimits(module, () =>
      generateWasmKernel(ir, spec, { fuel: fuel.total, ...log?.generation }),
    );
    const compiled = this.#compile(generated.module.bytes, module);
    log?.lap('place');
    log?.end();
    const functionNames = ir.functions.map(({ displayName }) => displayName);
    const functionIndex = functionNames.indexOf(elementAt(spec.outputs, 0).function);
    let interpreted: InterpretedKernel | undefined;
    return new WasmKernel({
      spec,
      arenas: () => this.#arenas,
      space: () => this.#ownSpace(),
      instantiate: (space) =>
        instanceOf(compiled, generated.module, space, hosts)[kernelName] as (frame: number) => void,
      guard: generated.onVectors ? undefined : { ...this.#limits, hosts, functionNames, functionIndex },
      mayTrap: generated.mayTrap,
      callsHost: generated.callsHost,
      interpret: () => {
        interpreted ??= new InterpreterBackend(fuel.total, undefined, undefined).loadKernel(module, spec);
        return interpreted;
      },
      stackBytes: generated.stackBytes,
    });
  }

  createColumn(type: OutputType, length: number): NumericArray {
    return this.#arenas.create(arrayCode(type), length);
  }

  memory(): Statistics {
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

  dispose(): void {
    this.#space = undefined;
    this.#arenas = new ColumnArenas(linksOf);
  }

  #ownSpace(): WasmSpace {
    this.#space ??= new WasmSpace(linksOf);
    return this.#space;
  }

  #compile(bytes: Uint8Array, { tooLarge }: Pick<KernelModule, 'tooLarge'>): CompiledWasm {
    if (bytes.length > this.#codeSize) throw tooLarge(bytes.length, this.#codeSize);
    return compileWasm(bytes);
  }
}

/** What an instance of a module exports; code that needs no memory gets none. */
function instanceOf(
  compiled: CompiledWasm,
  links: Parameters<WasmSpace['runtime']['instantiate']>[1],
  space: WasmSpace | undefined,
  hosts: readonly HostImplementation[],
  globals: WasmGlobals['imports'] = noOptions,
): WasmExports {
  if (space === undefined) return instantiateWasm(compiled, { global: globals });
  return space.runtime.instantiate(
    compiled,
    links,
    hosts.map((host) => hostImport(space, host)),
    globals,
  );
}
