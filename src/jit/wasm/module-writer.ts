/** The sections of a WebAssembly module, in the order that the format has ("WebAssembly Core Specification 2.0", section 5.5). */
import { ByteSink } from './byte-sink.ts';
import type { FunctionSink } from './function-sink.ts';
import { wasm } from './instruction.ts';
import { ValueType } from './value-type.ts';

export interface Signature {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

export interface ImportedFunction {
  readonly module: string;
  readonly name: string;
  readonly signature: Signature;
}

/** One that code may set. */
export interface ImportedGlobal {
  readonly module: string;
  readonly name: string;
  readonly type: ValueType;
}

export interface DefinedFunction {
  readonly name: string;
  readonly signature: Signature;
  /** Locals behind the parameters. */
  readonly locals: readonly ValueType[];
  /** Instructions, with the last `end`. */
  readonly body: Uint8Array;
}

export interface ModuleParts {
  /** Numbered first, in this order. */
  readonly imports: readonly ImportedFunction[];
  readonly globals: readonly ImportedGlobal[];
  /** Numbered behind the imports. */
  readonly functions: readonly DefinedFunction[];
  /** Functions that others see: by their names, the numbers. */
  readonly exports: ReadonlyMap<string, number>;
  readonly memory: MemoryDeclaration | undefined;
  readonly data: readonly DataSegment[];
  /** Do functions keep their names, for those who look at them? */
  readonly names: boolean;
}

/** Imported, or the module's own, which it exports as `memory`. */
export interface MemoryDeclaration {
  readonly imported: readonly [module: string, name: string] | undefined;
  readonly pages: number;
}

export interface DataSegment {
  readonly address: number;
  readonly bytes: Uint8Array;
}

export const magic: readonly number[] = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

export const Section = Object.freeze({
  custom: 0,
  types: 1,
  imports: 2,
  functions: 3,
  memory: 5,
  exports: 7,
  code: 10,
  data: 11,
} as const);

export const Kind = Object.freeze({ function: 0, memory: 2, global: 3 } as const);
const mutable = 1;
const functionForm = 0x60;
/** Subsection of the section `name`. */
const functionNames = 1;

/** The bytes of a module. */
export function writeModule(parts: ModuleParts): Uint8Array<ArrayBuffer> {
  return new ModuleWriter(parts).run();
}

class ModuleWriter {
  readonly #parts: ModuleParts;
  readonly #sink = new ByteSink();
  readonly #types: Signature[] = [];
  /** By signature as text. */
  readonly #typeNumbers = new Map<string, number>();

  constructor(parts: ModuleParts) {
    this.#parts = parts;
  }

  run(): Uint8Array<ArrayBuffer> {
    const { imports, functions, memory, exports, data } = this.#parts;
    const importTypes = imports.map(({ signature }) => this.#typeNumber(signature));
    const functionTypes = functions.map(({ signature }) => this.#typeNumber(signature));
    this.#sink.append(Uint8Array.from(magic));
    this.#list(Section.types, this.#types, (sink, { parameters, results }) => {
      sink.byte(functionForm);
      sink.sized(Uint8Array.from(parameters));
      sink.sized(Uint8Array.from(results));
    });
    this.#imports(importTypes);
    this.#list(Section.functions, functionTypes, (sink, type) => sink.unsigned(type));
    if (memory !== undefined && memory.imported === undefined) {
      this.#list(Section.memory, [memory.pages], writeLimits);
    }
    this.#list(
      Section.exports,
      [
        ...Array.from(exports, ([name, number]) => [name, Kind.function, number] as const),
        ...(memory !== undefined && memory.imported === undefined
          ? [['memory', Kind.memory, 0] as const]
          : []),
      ],
      (sink, [name, kind, number]) => {
        sink.name(name);
        sink.byte(kind);
        sink.unsigned(number);
      },
    );
    this.#list(Section.code, functions, (sink, { locals, body }) => {
      const code = new ByteSink();
      writeLocals(code, locals);
      code.append(body);
      sink.sized(code.bytes);
    });
    this.#list(Section.data, data, (sink, { address, bytes }) => {
      // Of memory 0, at a constant address.
      sink.unsigned(0);
      sink.byte(wasm['i32.const']);
      sink.signed(address);
      sink.byte(wasm.end);
      sink.sized(bytes);
    });
    if (this.#parts.names) this.#names();
    return new Uint8Array(this.#sink.bytes);
  }

  #imports(types: readonly number[]): void {
    const { imports, memory, globals } = this.#parts;
    const entries: ((sink: ByteSink) => void)[] = imports.map(({ module, name }, number) => (sink) => {
      sink.name(module);
      sink.name(name);
      sink.byte(Kind.function);
      sink.unsigned(types[number] as number);
    });
    for (const { module, name, type } of globals) {
      entries.push((sink) => {
        sink.name(module);
        sink.name(name);
        sink.byte(Kind.global);
        sink.byte(type);
        sink.byte(mutable);
      });
    }
    if (memory?.imported !== undefined) {
      const [module, name] = memory.imported;
      entries.push((sink) => {
        sink.name(module);
        sink.name(name);
        sink.byte(Kind.memory);
        writeLimits(sink, memory.pages);
      });
    }
    this.#list(Section.imports, entries, (sink, write) => write(sink));
  }

  #names(): void {
    const { imports, functions } = this.#parts;
    const names = [
      ...imports.map(({ module, name }) => `${module}.${name}`),
      ...functions.map(({ name }) => name),
    ];
    const list = new ByteSink();
    list.unsigned(names.length);
    names.forEach((name, number) => {
      list.unsigned(number);
      list.name(name);
    });
    const section = new ByteSink();
    section.name('name');
    section.byte(functionNames);
    section.sized(list.bytes);
    this.#sink.byte(Section.custom);
    this.#sink.sized(section.bytes);
  }

  #list<Item>(id: number, items: readonly Item[], write: (sink: ByteSink, item: Item) => void): void {
    if (items.length === 0) return;
    const content = new ByteSink();
    content.unsigned(items.length);
    for (const item of items) write(content, item);
    this.#sink.byte(id);
    this.#sink.sized(content.bytes);
  }

  #typeNumber(signature: Signature): number {
    const key = `${signature.parameters.join()}>${signature.results.join()}`;
    let number = this.#typeNumbers.get(key);
    if (number === undefined) {
      number = this.#types.push(signature) - 1;
      this.#typeNumbers.set(key, number);
    }
    return number;
  }
}

/** No maximum. */
function writeLimits(sink: ByteSink, pages: number): void {
  sink.byte(0);
  sink.unsigned(pages);
}

/** Runs of the same type are written as one. */
function writeLocals(sink: ByteSink, locals: readonly ValueType[]): void {
  const runs: [type: ValueType, count: number][] = [];
  for (const type of locals) {
    const last = runs.at(-1);
    if (last?.[0] === type) last[1]++;
    else runs.push([type, 1]);
  }
  sink.unsigned(runs.length);
  for (const [type, count] of runs) {
    sink.unsigned(count);
    sink.byte(type);
  }
}

/** A function whose instructions were written, all but its last `end`. */
export function finishedFunction(name: string, signature: Signature, sink: FunctionSink): DefinedFunction {
  sink.op('end');
  return { name, signature, locals: sink.locals, body: sink.bytes.slice() };
}

/** Takes and gives doubles. */
export function doublesSignature(arity: number): Signature {
  return { parameters: new Array<ValueType>(arity).fill(ValueType.f64), results: [ValueType.f64] };
}
