/**
 * Code generation: a module of IR to machine code without an address.
 *
 *     const code = generate(module, hostTarget(addon));
 *     const compiled = runtime.add(code);       // symbols: 'f' and 'f$frame'
 *
 * Each function passes selection, register allocation and emission, callees before callers. A function `f` has an
 * entry `f` in the platform's calling convention, with the native frame's address in `rbx`; an exported one also has
 * a frame entry `f$frame`, a `void (frame *)` that takes arguments from the native frame and leaves the result there.
 * What nobody else calls and what cannot trap is its own frame entry, without a call between the two, and has no symbol `f`.
 */
import type { Addon } from '../native/addon.ts';
import type { Address } from '../native/address.ts';
import { elementAt } from '../support/element.ts';
import { invariant } from '../support/invariant.ts';
import { CodeHolder } from './code-holder.ts';
import { callGraph } from './ir/call-graph.ts';
import { reversePostorder, successorAt, successorCount } from './ir/control-flow.ts';
import type { IrFunction, IrModule } from './ir/function.ts';
import { op } from './ir/opcode.ts';
import type { Label } from './label.ts';
import { checkAllocation } from './machine/allocation-checker.ts';
import { allocatableGeneral, type Convention, sysv, win64 } from './machine/convention.ts';
import { emit, stackFrameSize } from './machine/emission.ts';
import { type FeatureLevel, type LevelTraits, levelsOf, traitsOf } from './machine/feature-level.ts';
import { emitFrameEntry } from './machine/frame-entry.ts';
import { MachineFunction } from './machine/machine-function.ts';
import { printAllocation, printMachineFunction } from './machine/printer.ts';
import { RegisterAllocator } from './machine/register-allocator.ts';
import { select } from './machine/selection.ts';
import { Assembler, type AssemblerOptions } from './x64/assembler.ts';

/** The machine that code is generated for. */
export interface Target {
  readonly level: FeatureLevel;
  readonly convention: Convention;
  /** Entry points of the math library, by name. */
  readonly mathLibrary: Readonly<Record<string, Address>>;
  /** Do loops and recursive calls spend fuel? Without, a runaway loop never ends. */
  readonly fuel: boolean;
}

export interface GenerateOptions {
  /** Functions that get a frame entry; all if left out. */
  readonly exports?: Iterable<string>;
  /** Is reset and filled, so that its buffers are used again. */
  readonly code?: CodeHolder;
  /** Receives the instructions, for `formatListing`. */
  readonly log?: AssemblerOptions['log'];
  /** Proves each register allocation; for tests. */
  readonly check?: boolean;
  /** Receives the machine code of each function after selection and after register allocation, as text. */
  readonly dump?: (stage: 'selection' | 'allocation', text: string) => void;
}

/** This process's CPU and platform. `level` defaults to the highest that the CPU has. */
export function hostTarget(addon: Addon, overrides: Partial<Target> = {}): Target {
  const levels = levelsOf(addon.cpuInfo().features);
  return {
    level: levels[levels.length - 1] ?? 'sse2',
    convention: process.platform === 'win32' ? win64 : sysv,
    mathLibrary: addon.mathLibrary(),
    fuel: true,
    ...overrides,
  };
}

/** The symbol of a function's frame entry. */
export function frameEntryName(name: string): string {
  return `${name}$frame`;
}

/** Stack that a thread keeps in reserve below its limit covers calls that together need less than this, in bytes. */
const uncheckedStack = 4096;

/** Above this many words the scratch of a compilation is given back instead of kept for the next. */
const scratchToKeep = 1 << 20;

let scratch = { machine: new MachineFunction(), allocator: new RegisterAllocator() };

export function generate(module: IrModule, target: Target, options: GenerateOptions = {}): CodeHolder {
  const code = options.code ?? new CodeHolder();
  code.reset();
  const generator = new Generator(module, target, options, code);
  generator.run();
  if (scratch.machine.code.length > scratchToKeep) {
    scratch = { machine: new MachineFunction(), allocator: new RegisterAllocator() };
  }
  return code;
}

/** What is known of a function when its callers are compiled. */
interface Summary {
  readonly index: number;
  readonly fn: IrFunction;
  readonly isExported: boolean;
  readonly isRecursive: boolean;
  isCalled: boolean;
  callees: readonly Summary[];
  /** Can control leave it by a trap? */
  mayTrap: boolean;
  usesFuel: boolean;
  /** Bytes of stack that it and its callees use without checking. */
  stackDepth: number;
  label: Label | undefined;
  /** Behind the spending of fuel at the entry, which a call from outside does not pay; undefined if there is none. */
  afterFuel: Label | undefined;
}

class Generator {
  readonly #module: IrModule;
  readonly #target: Target;
  readonly #options: GenerateOptions;
  readonly #code: CodeHolder;
  readonly #assembler: Assembler;
  readonly #traits: LevelTraits;
  readonly #mathNames: string[] = [];
  readonly #summaries: Summary[] = [];

  constructor(module: IrModule, target: Target, options: GenerateOptions, code: CodeHolder) {
    this.#module = module;
    this.#target = target;
    this.#options = options;
    this.#code = code;
    this.#assembler = new Assembler(code, options.log === undefined ? {} : { log: options.log });
    this.#traits = traitsOf(target.level);
  }

  run(): void {
    for (const summary of this.#summarize()) this.#function(summary);
  }

  /** Summaries, callees before callers. */
  #summarize(): Summary[] {
    const { functions } = this.#module;
    const exported = this.#options.exports === undefined ? undefined : new Set(this.#options.exports);
    const only = functions.length === 1 ? functions[0] : undefined;
    const graph = only !== undefined && !hasCalls(only) ? undefined : callGraph(this.#module);
    const byFunction = new Map<IrFunction, Summary>();
    functions.forEach((fn, index) => {
      const summary: Summary = {
        index,
        fn,
        isExported: exported === undefined || exported.has(fn.name),
        isRecursive: graph?.recursive.has(fn) ?? false,
        isCalled: false,
        callees: [],
        mayTrap: false,
        usesFuel: false,
        stackDepth: 0,
        label: undefined,
        afterFuel: undefined,
      };
      this.#summaries.push(summary);
      byFunction.set(fn, summary);
    });
    if (graph === undefined) {
      const [summary] = this.#summaries;
      if (summary !== undefined) this.#characterize(summary);
      return this.#summaries;
    }
    const byName = new Map(this.#summaries.map((summary) => [summary.fn.name, summary]));
    const order = graph.calleesFirst.map((fn) => byFunction.get(fn) as Summary);
    for (const summary of order) {
      summary.callees = calleesOf(summary.fn, byName);
      for (const callee of summary.callees) callee.isCalled = true;
    }
    for (const summary of order) this.#characterize(summary);
    return order;
  }

  #characterize(summary: Summary): void {
    const { fn, callees, isRecursive } = summary;
    const spendsFuel = this.#target.fuel && (isRecursive || hasLoop(fn));
    summary.usesFuel = spendsFuel || callees.some((callee) => callee.usesFuel);
    summary.mayTrap = spendsFuel || isRecursive || callsHost(fn) || callees.some((callee) => callee.mayTrap);
  }

  #function(summary: Summary): void {
    const { fn, isExported, isCalled, isRecursive } = summary;
    // Callees are compiled by now, and some of them check the stack.
    if (summary.callees.some((callee) => callee.mayTrap)) summary.mayTrap = true;
    const isFrameBody = isExported && !isCalled && !summary.mayTrap;
    const { machine, allocator } = scratch;
    const { convention } = this.#target;
    const { hasVex } = this.#traits;

    select(fn, machine, {
      traits: this.#traits,
      convention,
      isFrameBody,
      spendsFuel: this.#target.fuel,
      functionIndex: this.#functionIndex,
      mathIndex: this.#mathIndex,
    });
    this.#options.dump?.('selection', printMachineFunction(machine));
    const allocationOptions = {
      convention,
      hasVex,
      generalRegisters: isFrameBody
        ? allocatableGeneral & ~(1 << elementAt(convention.generalArguments, 0))
        : allocatableGeneral,
      isFrameBody,
    };
    const allocation = allocator.allocate(machine, allocationOptions);
    this.#options.dump?.('allocation', printAllocation(machine, allocation));
    if (this.#options.check === true) checkAllocation(machine, allocation, allocationOptions);

    let below = 0;
    for (const callee of summary.callees) below = Math.max(below, callee.stackDepth);
    const depth = stackFrameSize(allocation, isFrameBody) + 16 + below;
    const needsCheck = isRecursive || depth > uncheckedStack;
    if (isFrameBody && needsCheck) {
      summary.mayTrap = true;
      this.#function(summary);
      return;
    }
    if (needsCheck) summary.mayTrap = true;
    summary.stackDepth = needsCheck ? 0 : depth;

    if (isRecursive && this.#target.fuel) summary.afterFuel = this.#code.newLabel();
    this.#assembler.align(16);
    this.#code.bind(isFrameBody ? this.#code.newLabel(frameEntryName(fn.name)) : this.#labelOf(summary));
    emit(machine, allocation, this.#assembler, {
      convention,
      hasVex,
      isFrameBody,
      functionIndex: summary.index,
      stackCheck: needsCheck ? (depth > uncheckedStack ? depth : 0) : -1,
      afterFuel: summary.afterFuel,
      usesFuel: summary.usesFuel,
      functionLabel: this.#functionLabel,
      mathAddress: this.#mathAddress,
    });
    if (isExported && !isFrameBody) this.#frameEntry(summary);
  }

  #frameEntry(summary: Summary): void {
    const { fn } = summary;
    this.#assembler.align(16);
    this.#code.bind(this.#code.newLabel(frameEntryName(fn.name)));
    emitFrameEntry(this.#assembler, {
      convention: this.#target.convention,
      hasVex: this.#traits.hasVex,
      parameters: elementAt(fn.blocks, 0).parameters.map((parameter) => parameter.type),
      result: fn.result,
      target: summary.afterFuel ?? this.#labelOf(summary),
      mayTrap: summary.mayTrap,
      usesFuel: summary.usesFuel,
    });
  }

  #labelOf(summary: Summary): Label {
    summary.label ??= this.#code.newLabel(summary.fn.name);
    return summary.label;
  }

  readonly #functionLabel = (index: number): Label => this.#labelOf(elementAt(this.#summaries, index));

  readonly #functionIndex = (name: string): number => {
    const index = this.#module.functions.findIndex((fn) => fn.name === name);
    invariant(index >= 0, `the module has no function ${name}`);
    return index;
  };

  readonly #mathIndex = (name: string): number => {
    const known = this.#mathNames.indexOf(name);
    return known >= 0 ? known : this.#mathNames.push(name) - 1;
  };

  readonly #mathAddress = (index: number): Address => {
    const name = elementAt(this.#mathNames, index);
    const address = this.#target.mathLibrary[name];
    invariant(address !== undefined, `the math library has no function ${name}`);
    return address;
  };
}

function hasCalls(fn: IrFunction): boolean {
  return fn.blocks.some((block) => block.instructions.some((value) => value.op === op.call));
}

function callsHost(fn: IrFunction): boolean {
  return fn.blocks.some((block) => block.instructions.some((value) => value.op === op.callhost));
}

function calleesOf(fn: IrFunction, byName: ReadonlyMap<string, Summary>): Summary[] {
  const callees = new Set<Summary>();
  for (const block of fn.blocks) {
    for (const value of block.instructions) {
      if (value.op !== op.call) continue;
      const callee = byName.get(String(value.immediate));
      invariant(callee !== undefined, `the module has no function ${String(value.immediate)}`);
      callees.add(callee);
    }
  }
  return [...callees];
}

/** Does any edge lead back? */
function hasLoop(fn: IrFunction): boolean {
  if (fn.blocks.length === 1) return false;
  const order = reversePostorder(fn);
  const rank = new Int32Array(fn.blockCount);
  order.forEach((block, position) => {
    rank[block.id] = position;
  });
  return order.some((block) => {
    for (let i = 0; i < successorCount(block); i++) {
      const target = successorAt(block, i)?.target;
      if (target !== undefined && (rank[target.id] as number) <= (rank[block.id] as number)) return true;
    }
    return false;
  });
}
