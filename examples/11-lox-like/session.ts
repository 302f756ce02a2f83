import type { Engine } from 'exprjit';
import { compileIr, type IrCode, JitMemory } from 'exprjit/ir';
import { builtins, compileUnit } from './compile-body.ts';
import { type FunctionDeclaration, splitProgram } from './tokens.ts';
import { globalBytes, Unit } from './unit.ts';

export interface SessionOptions {
  readonly compile?: { readonly engine?: Engine; readonly level?: 0 | 1 };
  readonly print?: (value: number) => void;
}

/** After so many runs that did not call it the code of a function is released. */
const patience = 8;
const mostBytes = 1 << 28;

interface CompiledUnit {
  readonly code: IrCode<
    Record<string, { readonly parameters: readonly ['memory', ...'f64'[]]; readonly result: 'f64' }>
  >;
  readonly members: ReadonlySet<string>;
  readonly lastUse: number;
}

/**
 * A program that grows while it runs.
 *
 * When a function is called from outside or from the outermost level, it is compiled in one module with all that it calls: calls within
 * are direct, and what two functions share is compiled twice. To redefine a function releases every unit that it is part of; the next call
 * compiles anew. Statements of the outermost level are a module of their own, which is released when they are done.
 */
export class Session implements Disposable {
  readonly #options: SessionOptions;
  readonly #memory = new JitMemory(1 << 16, { maxByteLength: mostBytes });
  readonly #names = { functions: new Map<string, FunctionDeclaration>(), globals: new Map<string, number>() };
  readonly #units = new Map<string, CompiledUnit>();
  #top = globalBytes;
  #runs = 0;

  constructor(options: SessionOptions = {}) {
    this.#options = options;
  }

  /** Functions that have code of their own now. */
  get compiled(): string[] {
    return [...this.#units.keys()];
  }

  /**
   * Defines the functions of the text and runs its statements.
   * @throws SyntaxError; RangeError for what is outside of an array or too large; TrapError at a limit
   */
  run(source: string): void {
    const { functions, main } = splitProgram(source);
    for (const declaration of functions) this.#define(declaration);
    this.#runs++;
    using code = this.#compile({ name: 'main', parameters: [], body: main }, true).code;
    code.functions['main']?.(this.#memory);
    for (const [name, { lastUse }] of this.#units) if (this.#runs - lastUse >= patience) this.#release(name);
  }

  /** @throws as {@link run} */
  call(name: string, ...args: number[]): number {
    const declaration = this.#names.functions.get(name);
    if (declaration?.parameters.length !== args.length) {
      throw new SyntaxError(`there is no function '${name}' of ${args.length}`);
    }
    const compiled = this.#units.get(name) ?? this.#compile(declaration, false);
    this.#units.set(name, { ...compiled, lastUse: this.#runs });
    return Number(compiled.code.functions[name]?.(this.#memory, ...args));
  }

  [Symbol.dispose](): void {
    for (const name of this.compiled) this.#release(name);
  }

  #define(declaration: FunctionDeclaration): void {
    const { name } = declaration;
    if (builtins.has(name)) throw new SyntaxError(`'${name}' is built in`);
    this.#names.functions.set(name, declaration);
    for (const [root, { members }] of this.#units) if (members.has(name)) this.#release(root);
  }

  #compile(first: FunctionDeclaration, isMain: boolean): CompiledUnit {
    const { compile, print = console.log } = this.#options;
    const { module, members } = compileUnit(new Unit(this.#names, first, isMain));
    const own = new Map(Object.entries({ fail, print, array: this.#newArray.bind(this) }));
    const hosts = module.hosts.map(({ name }) => [
      name,
      own.get(name) ?? this.call.bind(this, name.slice(5)),
    ]);
    const parameters = ['memory', ...first.parameters.map(() => 'f64' as const)] as const;
    const exports = { [first.name]: { parameters, result: 'f64' } } as const;
    const code = compileIr(module, { exports, hosts: Object.fromEntries(hosts), ...compile });
    return { code, members, lastUse: 0 };
  }

  /** Arrays lie one behind the other, and stay. */
  #newArray(length: number): number {
    const place = this.#top;
    const end = place + 8 + 8 * length;
    const fits = Number.isInteger(length) && length >= 0 && end <= mostBytes;
    if (!fits) throw new RangeError(`there is no room for an array of ${length}`);
    if (end > this.#memory.byteLength) this.#memory.grow(Math.min(mostBytes, 2 * end));
    const { buffer, byteOffset } = this.#memory.bytes;
    new BigInt64Array(buffer, byteOffset + place, 1)[0] = BigInt(length);
    this.#top = end;
    return place;
  }

  #release(name: string): void {
    this.#units.get(name)?.code.release();
    this.#units.delete(name);
  }
}

function fail(line: number): never {
  throw new RangeError(`line ${line}: there is no such element`);
}
