/** The variables of a module that is loaded. */
import type { Global } from '../../jit/ir/function.ts';
import type { Datum } from '../../jit/ir/opcode.ts';
import { createWasmGlobal, type WasmGlobal } from '../../jit/wasm/web-assembly.ts';
import { createSharedMemory } from '../../support/intrinsics.ts';
import { invariant } from '../../support/invariant.ts';

/** A variable's value, by its name; who asks has checked name and type. */
export interface GlobalStore {
  get(name: string): Datum;
  set(name: string, value: Datum): void;
}

/** Words of memory, in the order of the variables, which machine code finds at an address. */
export class NativeGlobals implements GlobalStore {
  readonly bytes: Uint8Array;
  readonly #places: ReadonlyMap<string, { readonly index: number; readonly type: Global['type'] }>;
  readonly #numbers: Float64Array;
  readonly #integers: BigInt64Array;

  constructor(globals: readonly Global[]) {
    const buffer = createSharedMemory(globals.length * 8);
    this.bytes = new Uint8Array(buffer);
    this.#numbers = new Float64Array(buffer);
    this.#integers = new BigInt64Array(buffer);
    this.#places = new Map(globals.map(({ name, type }, index) => [name, { index, type }]));
    for (const { name, initial } of globals) this.set(name, initial);
  }

  get(name: string): Datum {
    const { index, type } = this.#find(name);
    if (type === 'f64') return this.#numbers[index] as number;
    const word = this.#integers[index] as bigint;
    return type === 'bool' ? word !== 0n : word;
  }

  set(name: string, value: Datum): void {
    const { index, type } = this.#find(name);
    if (type === 'f64') this.#numbers[index] = value as number;
    else this.#integers[index] = BigInt(value);
  }

  #find(name: string) {
    const place = this.#places.get(name);
    invariant(place !== undefined, `the module has no global ${name}`);
    return place;
  }
}

const wasmTypes = Object.freeze({ f64: 'f64', i64: 'i64', bool: 'i32' } as const);

/** Variables of the engine's WebAssembly, which all instances of a module share. */
export class WasmGlobals implements GlobalStore {
  /** For whoever instantiates the module; without a prototype. */
  readonly imports: Readonly<Record<string, WasmGlobal>>;
  readonly #types = new Map<string, Global['type']>();

  constructor(globals: readonly Global[]) {
    const imports: Record<string, WasmGlobal> = Object.create(null);
    for (const { name, type, initial } of globals) {
      imports[name] = createWasmGlobal(
        wasmTypes[type],
        type === 'bool' ? Number(initial) : (initial as number),
      );
      this.#types.set(name, type);
    }
    this.imports = imports;
  }

  get(name: string): Datum {
    const { value } = this.#find(name);
    return this.#types.get(name) === 'bool' ? value !== 0 : value;
  }

  set(name: string, value: Datum): void {
    this.#find(name).value = typeof value === 'boolean' ? Number(value) : value;
  }

  #find(name: string): WasmGlobal {
    const global = this.imports[name];
    invariant(global !== undefined, `the module has no global ${name}`);
    return global;
  }
}

/** The values that an interpreter has. */
export function interpretedGlobals(values: Map<string, Datum>): GlobalStore {
  return {
    get(name) {
      const value = values.get(name);
      invariant(value !== undefined, `the module has no global ${name}`);
      return value;
    },
    set(name, value) {
      values.set(name, value);
    },
  };
}
