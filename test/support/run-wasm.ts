/** Runs modules of IR as WebAssembly, in a memory of their own. */
import type { IrModule } from '../../src/jit/ir/function.ts';
import {
  type GeneratedModule,
  type GenerateModuleOptions,
  generateModule,
} from '../../src/jit/wasm/generate-module.ts';
import { WasmRuntime } from '../../src/jit/wasm/wasm-runtime.ts';
import { compileWasm, type WasmExports } from '../../src/jit/wasm/web-assembly.ts';
import { FrameSlot, Trap } from '../../src/native/frame.ts';
import { fusedMultiplyAdd } from '../../src/support/float.ts';
import { NativeTrap } from './run-native.ts';

export interface WasmOptions extends Partial<GenerateModuleOptions> {
  /** One for each of the module's hosts. */
  readonly hosts?: readonly ((...args: number[]) => number)[];
  /** Fuel of each call; a lot if left out. */
  readonly fuel?: bigint;
  /** Units of fuel between two requests for more; all of it at once if left out. */
  readonly slice?: number;
}

/** What activations of a call may take, in bytes. */
const stackBytes = 600_000;

export class WasmModule {
  readonly generated: GeneratedModule;
  readonly #exports: WasmExports;
  readonly #options: WasmOptions;
  readonly #module: IrModule;
  readonly #frame: Float64Array;
  readonly #integers: BigInt64Array;
  readonly #words: Int32Array;
  #exception: unknown;
  /** How often code has asked for fuel since the last call began. */
  requests = 0;

  constructor(module: IrModule, options: WasmOptions = {}) {
    this.#options = options;
    this.#module = module;
    this.generated = generateModule(module, {
      exports: module.functions.map(({ name }) => name),
      links: 'imports',
      ...options,
    });
    const runtime = new WasmRuntime({
      refuel: (index) => this.#refuel(index),
      look: () => {},
      math: { fma: (x, y, z) => fusedMultiplyAdd(x as number, y as number, z as number) },
    });
    const hosts = options.hosts ?? [];
    this.#frame = runtime.frame();
    this.#integers = new BigInt64Array(this.#frame.buffer, this.#frame.byteOffset, this.#frame.length);
    this.#words = new Int32Array(this.#frame.buffer, this.#frame.byteOffset, this.#frame.length * 2);
    this.#exports = runtime.instantiate(
      compileWasm(this.generated.bytes),
      this.generated,
      hosts.map(
        (host) =>
          (...args: number[]) =>
            this.#callHost(host, args),
      ),
    );
  }

  /** Calls a function; booleans come back as 1 or 0. Throws {@link NativeTrap}, or what a host function threw. */
  call(name: string, args: readonly number[]): number {
    const { fuel = 1_000_000_000n, slice = Number.MAX_SAFE_INTEGER } = this.#options;
    const first = fuel < slice ? fuel : BigInt(slice);
    this.requests = 0;
    this.#integers[FrameSlot.Trap] = 0n;
    this.#integers[FrameSlot.Fuel] = first;
    this.#frame[FrameSlot.FuelReserve] = Number(fuel - first);
    this.#integers[FrameSlot.StackLimit] = BigInt(stackBytes);
    const fn = this.#exports[name] as (...args: unknown[]) => unknown;
    const result = fn(...args.map((arg, index) => (this.#isInteger(name, index) ? BigInt(arg) : arg)));
    const trap = this.#words[FrameSlot.Trap * 2] as number;
    if (trap === Trap.HostException) throw this.#exception;
    if (trap !== Trap.None) throw new NativeTrap(trap, this.#words[FrameSlot.Trap * 2 + 1] as number);
    return Number(result);
  }

  #isInteger(name: string, index: number): boolean {
    const entry = this.#module.functions.find((fn) => fn.name === name)?.blocks.at(0);
    return entry?.parameters.at(index)?.type === 'i64';
  }

  /** Fuel left after the last call. */
  get fuel(): bigint {
    return (this.#integers[FrameSlot.Fuel] as bigint) + BigInt(this.#frame[FrameSlot.FuelReserve] as number);
  }

  /** Bytes of stack left after the last call: all of it, unless code forgot to give some back. */
  get isStackWhole(): boolean {
    return this.#integers[FrameSlot.StackLimit] === BigInt(stackBytes);
  }

  #refuel(functionIndex: number): number {
    this.requests++;
    const { slice = Number.MAX_SAFE_INTEGER } = this.#options;
    const left = (this.#frame[FrameSlot.FuelReserve] as number) + Number(this.#integers[FrameSlot.Fuel]);
    if (left < 0) {
      this.#words[FrameSlot.Trap * 2] = Trap.Fuel;
      this.#words[FrameSlot.Trap * 2 + 1] = functionIndex;
      return 1;
    }
    const next = Math.min(left, slice);
    this.#integers[FrameSlot.Fuel] = BigInt(next);
    this.#frame[FrameSlot.FuelReserve] = left - next;
    return 0;
  }

  #callHost(host: (...args: number[]) => number, args: number[]): number {
    try {
      return host(...args);
    } catch (exception) {
      this.#exception = exception;
      this.#words[FrameSlot.Trap * 2] = Trap.HostException;
      return 0;
    }
  }
}
