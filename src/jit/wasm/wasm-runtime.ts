/**
 * Where modules run: a memory, what stands in it for all of them, and the functions of the math library, each of which is
 * instantiated when a module first imports it.
 *
 * The runtime keeps no module. So one that nobody refers to any more is collected, with its code.
 */
import { FrameSlot } from '../../native/frame.ts';
import { invariant } from '../../support/invariant.ts';
import { noOptions } from '../../support/settings.ts';
import type { GeneratedModule } from './generate-module.ts';
import { encodeMath, hostMath } from './math-encoder.ts';
import { firstFreeAddress, frameAddress, pageSize, tableAddress, tableBytes } from './memory-layout.ts';
import { writeModule } from './module-writer.ts';
import {
  type CompiledWasm,
  compileWasm,
  createWasmMemory,
  instantiateWasm,
  type WasmExports,
  type WasmGlobal,
  type WasmMemory,
} from './web-assembly.ts';

/** What modules import besides memory and the math library; see `generate-module.ts`. */
export interface RuntimeLinks {
  readonly refuel: (functionIndex: number) => number;
  readonly look: (functionIndex: number) => void;
  /** Functions that are the host's also where the math library is not, by name. */
  readonly math: Readonly<Record<string, (...args: number[]) => number>>;
}

export type HostImport = (...args: number[]) => number;

/** Compiled once, and instantiated for each memory. */
const mathModules = new Map<string, CompiledWasm>();

export class WasmRuntime {
  readonly memory: WasmMemory;
  readonly #links: RuntimeLinks;
  readonly #tables = new Set<string>();
  readonly #math = new Map<string, unknown>();

  /** With room for so many bytes behind what code knows of. Throws RangeError if there is not so much memory. */
  constructor(links: RuntimeLinks, bytes = 0) {
    this.#links = links;
    this.memory = createWasmMemory(Math.ceil((firstFreeAddress + bytes) / pageSize));
  }

  /** The slots of the frame. Of no value any more once the memory has grown. */
  frame(): Float64Array {
    return new Float64Array(this.memory.buffer, frameAddress, FrameSlot.Arguments);
  }

  /** An instance of a module on this memory; `hosts` are the functions that it imports, by their numbers. */
  instantiate(
    module: CompiledWasm,
    { tables, math }: Pick<GeneratedModule, 'tables' | 'math'>,
    hosts: readonly HostImport[] = [],
    globals: Readonly<Record<string, WasmGlobal>> = noOptions,
  ): WasmExports {
    for (const table of tables) this.#place(table);
    const { refuel, look } = this.#links;
    return instantiateWasm(module, {
      exprjit: { memory: this.memory, refuel, look },
      math: Object.fromEntries(math.map((name) => [name, this.#mathFunction(name)])),
      host: hosts,
      global: globals,
    });
  }

  #place(table: string): void {
    if (this.#tables.has(table)) return;
    new Uint8Array(this.memory.buffer).set(tableBytes(table), tableAddress(table));
    this.#tables.add(table);
  }

  #mathFunction(name: string): unknown {
    if (hostMath.has(name)) {
      invariant(Object.hasOwn(this.#links.math, name), `the host computes ${name}`);
      return this.#links.math[name];
    }
    let fn = this.#math.get(name);
    if (fn === undefined) {
      const { tables } = encodeMath(name);
      fn = this.instantiate(mathModule(name), { tables, math: [] })[name];
      this.#math.set(name, fn);
    }
    return fn;
  }
}

function mathModule(name: string): CompiledWasm {
  const known = mathModules.get(name);
  if (known !== undefined) return known;
  const { function: fn, tables } = encodeMath(name);
  const bytes = writeModule({
    imports: [],
    globals: [],
    functions: [fn],
    exports: new Map([[name, 0]]),
    memory: tables.length > 0 ? { imported: ['exprjit', 'memory'], pages: 1 } : undefined,
    data: [],
    names: false,
  });
  const module = compileWasm(bytes);
  mathModules.set(name, module);
  return module;
}
