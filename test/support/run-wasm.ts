/** Runs modules of IR as WebAssembly, in a memory of their own. */
import type { IrModule } from '../../src/jit/ir/function.ts';
import {
  type GeneratedModule,
  type GenerateModuleOptions,
  generateModule,
} from '../../src/jit/wasm/generate-module.ts';
import { compileWasm, type WasmExports } from '../../src/jit/wasm/web-assembly.ts';
import { NativeTrap } from './run-native.ts';
import { WasmWorld } from './wasm-world.ts';

export interface WasmOptions extends Partial<GenerateModuleOptions> {
  /** One for each of the module's hosts. */
  readonly hosts?: readonly ((...args: number[]) => number)[];
  /** Fuel of each call; a lot if left out. */
  readonly fuel?: bigint;
  /** Units of fuel between two requests for more; all of it at once if left out. */
  readonly slice?: number;
}

export class WasmModule {
  readonly generated: GeneratedModule;
  readonly #exports: WasmExports;
  readonly #options: WasmOptions;
  readonly #module: IrModule;
  readonly #world = new WasmWorld();

  constructor(module: IrModule, options: WasmOptions = {}) {
    this.#options = options;
    this.#module = module;
    this.generated = generateModule(module, {
      exports: module.functions.map(({ name }) => name),
      links: 'imports',
      ...options,
    });
    this.#exports = this.#world.runtime.instantiate(
      compileWasm(this.generated.bytes),
      this.generated,
      this.#world.imports(options.hosts),
    );
  }

  /** Calls a function; booleans come back as 1 or 0. Throws {@link NativeTrap}, or what a host function threw. */
  call(name: string, args: readonly number[]): number {
    const { fuel, slice } = this.#options;
    this.#world.begin(fuel, slice);
    const fn = this.#exports[name] as (...args: unknown[]) => unknown;
    const result = fn(...args.map((arg, index) => (this.#isInteger(name, index) ? BigInt(arg) : arg)));
    this.#world.end((trap, functionIndex) => new NativeTrap(trap, functionIndex));
    return Number(result);
  }

  #isInteger(name: string, index: number): boolean {
    const entry = this.#module.functions.find((fn) => fn.name === name)?.blocks.at(0);
    return entry?.parameters.at(index)?.type === 'i64';
  }

  /** How often code has asked for fuel since the last call began. */
  get requests(): number {
    return this.#world.requests;
  }

  /** Fuel left after the last call. */
  get fuel(): bigint {
    return this.#world.fuel;
  }

  /** Is all of the stack left after the last call? */
  get isStackWhole(): boolean {
    return this.#world.isStackWhole;
  }
}
