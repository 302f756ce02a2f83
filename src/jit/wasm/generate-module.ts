/**
 * A module of IR as a module of WebAssembly.
 *
 *     const { bytes, tables } = generateModule(ir, { exports: ['f'], links: 'imports' });
 *
 * What code needs of the world around it, it imports, or has with it, as `links` says:
 *
 *     "exprjit" "memory"     the memory, as `memory-layout.ts` lays it out
 *     "exprjit" "refuel"     (function) → 1 to stop: gives the next slice of fuel, or sets the trap
 *     "exprjit" "look"       (function): sets the trap if rows are not to go on
 *     "math" NAME            functions of the math library
 *     "host" NUMBER          functions of the host, by their number in the module
 *     "global" NAME          variables of the module
 *
 * A module that has everything with it owns its memory and has no slices: where fuel is spent, the trap is set. It still imports
 * functions of the host, by their names, and `fma`.
 */
import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import { settings } from '../../support/settings.ts';
import { fuelCosts, type StandIn } from '../ir/cost.ts';
import { hostParameters, type IrFunction, type IrModule, type Value } from '../ir/function.ts';
import { op } from '../ir/opcode.ts';
import { legalise } from '../opt/legalise/legalise.ts';
import { ByteSink } from './byte-sink.ts';
import {
  type EntryParameter,
  encodeBase,
  encodeEvaluate,
  encodeMap,
  encodeSetFuel,
  encodeTrap,
  fuelSegment,
  kernelPlaces,
} from './entry-encoder.ts';
import { type Callee, encodeFunction, givenTypes } from './function-encoder.ts';
import { type FunctionFacts, factsOf, functionFacts } from './function-facts.ts';
import {
  encodeLook,
  encodeMath,
  encodeRefuel,
  encodeRepair,
  hostMath,
  lookSignature,
  mathArity,
  refuelSignature,
  tablesOf,
} from './math-encoder.ts';
import { firstFreeAddress, pageSize, tableAddress, tableBytes } from './memory-layout.ts';
import {
  type DataSegment,
  type DefinedFunction,
  doublesSignature,
  type ImportedFunction,
  type ImportedGlobal,
  type MemoryDeclaration,
  type Signature,
  writeModule,
} from './module-writer.ts';
import { ValueType, valueTypeOf } from './value-type.ts';
import { wasmTarget } from './wasm-target.ts';

export interface GenerateModuleOptions {
  /** Functions that others see, by their names. */
  readonly exports: readonly string[];
  readonly links: 'imports' | 'inside';
  /** A function that is entered as a kernel, and exported: it takes the address of the kernel frame, as 32 bits. */
  readonly kernel?: IrFunction;
  /**
   * How a module that has everything with it is entered: by the functions of `entry-encoder.ts`, which are exported then and nothing
   * else but memory.
   */
  readonly entry?: ModuleEntry;
  /** Does code spend fuel, as `ir/cost.ts` says? */
  readonly spendsFuel?: boolean;
  /** By functions that do the work of others. */
  readonly standIns?: ReadonlyMap<IrFunction, StandIn>;
}

export interface GeneratedModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Names of the tables that must be in memory. */
  readonly tables: readonly string[];
  /** Names of functions of the math library that are imported. */
  readonly math: readonly string[];
  /** Names of the module's variables that are imported. */
  readonly globals: readonly string[];
  readonly usesMemory: boolean;
  /** Of a function of the module. */
  factsOf(name: string): FunctionFacts;
}

/** A function of the module, or the kernel. */
export type ModuleEntry =
  | { readonly kind: 'function'; readonly name: string }
  | {
      readonly kind: 'kernel';
      readonly parameters: readonly EntryParameter[];
      readonly outputCount: number;
      /** Bytes of memory that the kernel uses behind its frame. */
      readonly stackBytes: number;
    };

/** The IR stays as it is. Throws WasmLimitError for functions that no engine would take. */
export function generateModule(module: IrModule, given: GenerateModuleOptions): GeneratedModule {
  return new ModuleGenerator(module, settings(given)).run();
}

/** What the functions of a module ask for. */
class Needs {
  readonly math = new Set<string>();
  readonly repairs = new Set<string>();
  readonly hosts = new Set<number>();
  readonly tables = new Set<string>();
  readonly globals = new Set<string>();
  refuels = false;
  looks = false;
  usesMemory = false;

  note({ op: opcode, immediate }: Value): void {
    switch (opcode) {
      case op.callmath:
        this.math.add(String(immediate));
        return;
      case op.frepair:
        this.math.add(String(immediate));
        this.repairs.add(String(immediate));
        return;
      case op.callhost:
        this.hosts.add(Number(immediate));
        return;
      case op.look:
        this.looks = true;
        this.usesMemory = true;
        return;
      case op.getglobal:
      case op.setglobal:
        this.globals.add(String(immediate));
        return;
      case op.bound:
      case op.membase:
      case op.msize:
      case op.load:
      case op.store:
      case op.pairs:
      case op.setfuel:
      case op.getfuel:
        this.usesMemory = true;
    }
  }
}

class ModuleGenerator {
  readonly #module: IrModule;
  readonly #options: GenerateModuleOptions;
  readonly #isInside: boolean;
  readonly #facts: ReadonlyMap<IrFunction, FunctionFacts>;
  /** Can a call from outside end at a limit? */
  readonly #mayTrap: boolean;
  readonly #byName: ReadonlyMap<string, IrFunction>;
  /** Legal, in the order of the module. */
  readonly #legal: readonly IrFunction[];
  readonly #needs = new Needs();
  readonly #imports: ImportedFunction[] = [];
  /** Functions that are written behind those of the module, and do not know their numbers yet. */
  readonly #inside: DefinedFunction[] = [];
  /** By what it is: `math sin`, `host 0`, `function f`. */
  readonly #numbers = new Map<string, number>();

  constructor(module: IrModule, options: GenerateModuleOptions) {
    const { kernel, standIns, spendsFuel = true } = options;
    this.#module = module;
    this.#options = options;
    this.#isInside = options.links === 'inside';
    const costs = spendsFuel ? fuelCosts(module) : undefined;
    this.#facts = functionFacts(module, { costs, standIns, kernel });
    this.#mayTrap = [...this.#facts.values()].some(({ mayTrap }) => mayTrap);
    this.#byName = new Map(module.functions.map((fn) => [fn.name, fn]));
    this.#legal = module.functions.map((fn) => legalise(fn, wasmTarget));
  }

  run(): GeneratedModule {
    const needs = this.#needs;
    this.#findNeeds();
    this.#number();
    const sink = new ByteSink();
    const functions = this.#legal.map((fn, index) =>
      this.#encode(fn, elementAt(this.#module.functions, index), sink),
    );
    for (const name of needs.repairs) functions.push(encodeRepair(name, this.#numberOf(`math ${name}`)));
    functions.push(...this.#inside);
    const entries = this.#entries();
    const first = this.#imports.length + functions.length;
    const { exports, kernel } = this.#options;
    const names = kernel === undefined ? exports : [...exports, kernel.name];
    const bytes = writeModule({
      imports: this.#imports,
      globals: [...needs.globals].map((name) => this.#global(name)),
      functions: [...functions, ...entries],
      exports: new Map(
        entries.length > 0
          ? entries.map(({ name }, index) => [name, first + index])
          : names.map((name) => [name, this.#numberOf(`function ${name}`)]),
      ),
      memory: this.#memory(),
      data: this.#data(),
      names: this.#isInside,
    });
    return {
      bytes,
      tables: [...needs.tables],
      math: this.#isInside ? [] : [...needs.math],
      globals: [...needs.globals],
      usesMemory: needs.usesMemory,
      factsOf: (name) => factsOf(this.#facts, this.#named(name)),
    };
  }

  #entries(): DefinedFunction[] {
    const { entry, kernel } = this.#options;
    if (entry === undefined) return [];
    const limits = this.#mayTrap ? [encodeTrap(), encodeSetFuel()] : [];
    if (entry.kind === 'function') {
      const index = this.#module.functions.indexOf(this.#named(entry.name));
      const number = this.#numberOf(`function ${entry.name}`);
      const signature = signatureOf(elementAt(this.#legal, index));
      return [encodeEvaluate(signature, number, this.#mayTrap), ...limits];
    }
    invariant(kernel !== undefined, 'an entry of a kernel has one');
    const { parameters, outputCount, stackBytes } = entry;
    const places = kernelPlaces(parameters, outputCount, stackBytes);
    const number = this.#numberOf(`function ${kernel.name}`);
    return [encodeMap(parameters, outputCount, places, number, this.#mayTrap), encodeBase(places), ...limits];
  }

  #global(name: string): ImportedGlobal {
    const global = this.#module.globals.find((each) => each.name === name);
    invariant(global !== undefined, `the module has no global ${name}`);
    return { module: 'global', name, type: valueTypeOf(global.type) };
  }

  #data(): DataSegment[] {
    if (!this.#isInside) return [];
    const tables = [...this.#needs.tables].map((name) => ({
      address: tableAddress(name),
      bytes: tableBytes(name),
    }));
    return this.#mayTrap ? [fuelSegment(), ...tables] : tables;
  }

  #findNeeds(): void {
    const needs = this.#needs;
    for (const fn of this.#legal) {
      for (const { instructions } of fn.blocks) for (const value of instructions) needs.note(value);
      for (const table of tablesOf(fn)) needs.tables.add(table);
    }
    for (const { cost } of this.#facts.values()) if (cost !== undefined) needs.refuels = true;
    if (this.#mayTrap) needs.usesMemory = true;
    if (!this.#isInside) return;
    for (const name of needs.math) {
      if (!hostMath.has(name)) for (const table of encodeMath(name).tables) needs.tables.add(table);
    }
    if (needs.tables.size > 0 || this.#options.kernel !== undefined) needs.usesMemory = true;
  }

  /** Gives every function its number: imports first. */
  #number(): void {
    const { math, hosts, repairs, refuels, looks } = this.#needs;
    const inside: [key: string, fn: DefinedFunction][] = [];
    for (const name of math) {
      if (this.#isInside && !hostMath.has(name)) inside.push([`math ${name}`, encodeMath(name).function]);
      else this.#import(`math ${name}`, 'math', name, doublesSignature(mathArity(name)));
    }
    for (const host of hosts) {
      const declared = elementAt(this.#module.hosts, host);
      const { name } = declared;
      const arity = hostParameters(declared).length;
      this.#import(`host ${host}`, 'host', this.#isInside ? name : String(host), doublesSignature(arity));
    }
    if (refuels && this.#isInside) inside.push(['refuel', encodeRefuel()]);
    else if (refuels) this.#import('refuel', 'exprjit', 'refuel', refuelSignature);
    if (looks && this.#isInside) inside.push(['look', encodeLook()]);
    else if (looks) this.#import('look', 'exprjit', 'look', lookSignature);
    let next = this.#imports.length;
    for (const { name } of this.#module.functions) this.#numbers.set(`function ${name}`, next++);
    for (const name of repairs) this.#numbers.set(`repair ${name}`, next++);
    for (const [key, fn] of inside) {
      this.#numbers.set(key, next++);
      this.#inside.push(fn);
    }
  }

  #import(key: string, module: string, name: string, signature: Signature): void {
    this.#numbers.set(key, this.#imports.length);
    this.#imports.push({ module, name, signature });
  }

  #encode(legal: IrFunction, fn: IrFunction, sink: ByteSink): DefinedFunction {
    const { index, cost, isRecursive } = factsOf(this.#facts, fn);
    const isKernel = fn === this.#options.kernel;
    return encodeFunction(
      legal,
      {
        name: fn.name,
        signature: isKernel ? kernelSignature : signatureOf(legal),
        functionIndex: index,
        cost,
        isRecursive,
        isKernel,
        calleeOf: this.#calleeOf,
        hostNumber: (host) => this.#numberOf(`host ${host}`),
        mathNumber: (name) => this.#numberOf(`math ${name}`),
        repairNumber: (name) => this.#numberOf(`repair ${name}`),
        globalNumber: (name) => [...this.#needs.globals].indexOf(name),
        refuelNumber: () => this.#numberOf('refuel'),
        lookNumber: () => this.#numberOf('look'),
      },
      sink,
    );
  }

  readonly #calleeOf = (name: string): Callee => {
    const fn = this.#named(name);
    const { mayTrap } = factsOf(this.#facts, fn);
    return { number: this.#numberOf(`function ${name}`), mayTrap, given: givenTypes(fn) };
  };

  #memory(): MemoryDeclaration | undefined {
    if (!this.#needs.usesMemory) return undefined;
    if (!this.#isInside) return { imported: ['exprjit', 'memory'], pages: 1 };
    return { imported: undefined, pages: Math.ceil(firstFreeAddress / pageSize) };
  }

  #named(name: string): IrFunction {
    const fn = this.#byName.get(name);
    invariant(fn !== undefined, `the module has no function ${name}`);
    return fn;
  }

  #numberOf(key: string): number {
    const number = this.#numbers.get(key);
    invariant(number !== undefined, `${key} has a number`);
    return number;
  }
}

const kernelSignature: Signature = { parameters: [ValueType.i32], results: [] };

function signatureOf(fn: IrFunction): Signature {
  const { parameters } = elementAt(fn.blocks, 0);
  const results = givenTypes(fn) ?? [fn.result];
  return { parameters: parameters.map(({ type }) => valueTypeOf(type)), results: results.map(valueTypeOf) };
}
