/**
 * What this package uses of the engine's WebAssembly. TypeScript declares it only together with everything that browsers have.
 *
 * Taken when this module is loaded. There is none under `--jitless`, and it may refuse every module, as where a page's
 * Content-Security-Policy forbids it: see {@link missingWebAssembly}.
 */
import { ByteSink } from './byte-sink.ts';
import { FunctionSink } from './function-sink.ts';
import { writeModule } from './module-writer.ts';
import { ValueType } from './value-type.ts';

/** A module that the engine has compiled. */
export type CompiledWasm = object;

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** A variable that code may set. */
export interface WasmGlobal {
  value: number | bigint;
}

export type WasmExports = Readonly<Record<string, unknown>>;

interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => CompiledWasm;
  readonly Instance: new (module: CompiledWasm, imports: object) => { readonly exports: WasmExports };
  readonly Memory: new (limits: { readonly initial: number }) => WasmMemory;
  readonly Global: new (
    description: { readonly value: 'f64' | 'i64' | 'i32'; readonly mutable: boolean },
    initial: number | bigint,
  ) => WasmGlobal;
}

const api = (globalThis as { readonly WebAssembly?: WebAssemblyApi }).WebAssembly;
const [Module, Instance, Memory, Global] = [api?.Module, api?.Instance, api?.Memory, api?.Global];

/** Throws the engine's error if it refuses the bytes. */
export function compileWasm(bytes: Uint8Array): CompiledWasm {
  if (Module === undefined) throw new Error(absent);
  return new Module(bytes);
}

export function instantiateWasm(module: CompiledWasm, imports: object): WasmExports {
  if (Instance === undefined) throw new Error(absent);
  return new Instance(module, imports).exports;
}

/** So many pages. Throws the engine's RangeError if there is not so much. */
export function createWasmMemory(initial: number): WasmMemory {
  if (Memory === undefined) throw new Error(absent);
  // Without a prototype, which may have other ideas of what is left out.
  const limits: { initial: number } = Object.create(null);
  limits.initial = initial;
  return new Memory(limits);
}

/** A variable that code may set. */
export function createWasmGlobal(value: 'f64' | 'i64' | 'i32', initial: number | bigint): WasmGlobal {
  if (Global === undefined) throw new Error(absent);
  const description: { value: typeof value; mutable: boolean } = Object.create(null);
  description.value = value;
  description.mutable = true;
  return new Global(description, initial);
}

const absent = 'this JavaScript engine has no WebAssembly';

let missing: { readonly reason: string | undefined } | undefined;

/** Why modules with vectors cannot run here; undefined if they can. */
export function missingWebAssembly(): string | undefined {
  missing ??= { reason: findOut() };
  return missing.reason;
}

function findOut(): string | undefined {
  if (Module === undefined || Instance === undefined || Memory === undefined) return absent;
  try {
    instantiateWasm(compileWasm(probe()), {});
  } catch (error) {
    return `WebAssembly with vectors is refused: ${messageOf(error)}`;
  }
  try {
    createWasmMemory(1);
    return undefined;
  } catch (error) {
    // Engines set aside gigabytes of addresses for each.
    return `WebAssembly gets no memory: ${messageOf(error)}`;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A module with an instruction on vectors. */
function probe(): Uint8Array {
  const sink = new FunctionSink(new ByteSink(), 0);
  sink.lanes(1n);
  sink.op('v128.any_true');
  sink.op('end');
  const signature = { parameters: [], results: [ValueType.i32] };
  return writeModule({
    imports: [],
    globals: [],
    functions: [{ name: 'probe', signature, locals: [], body: sink.bytes.slice() }],
    exports: new Map([['probe', 0]]),
    memory: undefined,
    data: [],
    names: false,
  });
}
