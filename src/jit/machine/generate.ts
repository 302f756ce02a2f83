/**
 * Code generation: a module of IR to machine code without an address.
 *
 *     const generated = generate(module, hostTarget(addon));
 *     const compiled = runtime.add(generated.code);       // symbols: 'f' and 'f$frame'
 *     generated.of('f').mayTrap;                          // what callers need to know of it
 *
 * Each function passes selection, register allocation and emission, callees before callers. A function `f` has an
 * entry `f` in the platform's calling convention, with the native frame's address in `rbx`; an exported one also has
 * a frame entry `f$frame`, a `void (frame *)` that takes arguments from the native frame and leaves the result there.
 * In the System V convention, what nobody else calls and what cannot trap is its own frame entry, without a call
 * between the two, and has no other.
 */
import { type Address, addressAt } from '../../native/address.ts';
import { maxArguments } from '../../native/frame.ts';
import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import { noOptions, settings } from '../../support/settings.ts';
import { CodeHolder } from '../code/code-holder.ts';
import type { Label } from '../code/label.ts';
import { callGraph, withCallers } from '../ir/call-graph.ts';
import { type FuelCosts, type FunctionCost, fuelCosts, type StandIn } from '../ir/cost.ts';
import type { IrFunction, IrModule, Value } from '../ir/function.ts';
import { op } from '../ir/opcode.ts';
import { lanesOf } from '../ir/type.ts';
import { legalise } from '../opt/legalise/legalise.ts';
import { Assembler, type AssemblerOptions } from '../x64/assembler.ts';
import { checkAllocation } from './allocation-checker.ts';
import { allocatableGeneral, allocatableInKernels, type Convention } from './convention.ts';
import { emit, stackFrameSize } from './emission.ts';
import { type FeatureLevel, type LevelTraits, lanesOfLevel, traitsOf } from './feature-level.ts';
import { emitFrameEntry } from './frame-entry.ts';
import { type LaneFrame, laneFrame } from './lane-frame.ts';
import { callStack, repairStack } from './lane-repairs.ts';
import { MachineFunction } from './machine-function.ts';
import type { MathLinks } from './math-links.ts';
import { printAllocation, printMachineFunction } from './printer.ts';
import { emitRefuel } from './refuel.ts';
import { RegisterAllocator } from './register-allocator.ts';
import { everyRegister, type RegisterSets } from './register-sets.ts';
import { select } from './selection.ts';
import type { ValueOrigins } from './value-origins.ts';

/** The machine that code is generated for. */
export interface Target {
  readonly level: FeatureLevel;
  readonly convention: Convention;
  /** Entry points of arithmetic that the addon does, by name. */
  readonly arithmetic: Readonly<Record<string, Address>>;
  readonly math: MathLinks;
  /** Does code spend fuel, as `ir/cost.ts` says? Without, a runaway loop never ends. */
  readonly fuel: boolean;
}

export interface GenerateOptions {
  /** Functions that get a frame entry; all if left out. */
  readonly exports?: Iterable<string>;
  /** Is reset and filled, so that its buffers are used again. */
  readonly code?: CodeHolder;
  /** Receives the instructions, for `formatListing`. */
  readonly log?: AssemblerOptions['log'];
  /** Hears which value each instruction of `log` is for. */
  readonly origins?: ValueOrigins;
  /** A function that is entered as a kernel, `void (kernel frame *)`, by the label of its name. */
  readonly kernel?: IrFunction;
  /** Proves each register allocation; for tests. */
  readonly check?: boolean;
  /** Where the variables of the module are, in its order, 8 bytes each. */
  readonly globals?: Address;
  /** By functions that do the work of others. */
  readonly standIns?: ReadonlyMap<IrFunction, StandIn>;
  /** Receives the machine code of each function after selection and after register allocation, as text. */
  readonly dump?: (stage: 'selection' | 'allocation', text: string) => void;
  /** Called when a stage of a function has ended, for those who measure. */
  readonly lap?: (stage: 'loop' | 'select' | 'allocate' | 'prove' | 'emit') => void;
}

/** What its callers need to know of a function, once its code is there. */
export interface FunctionFacts {
  /** Undefined if it is its own frame entry. */
  readonly entry: Label | undefined;
  /** Undefined unless it is exported. */
  readonly frameEntry: Label | undefined;
  /** Bytes of its stack frame. */
  readonly frameSize: number;
  /** Registers that its own code overwrites, of those that values may have. */
  readonly overwritten: RegisterSets;
  /** Can control leave it by a trap: at a limit of fuel, time or stack, or by an exception of the host? */
  readonly mayTrap: boolean;
  /** Does it spend fuel, or what it calls? */
  readonly usesFuel: boolean;
  /** Does it call functions of the host, or what it calls? */
  readonly callsHost: boolean;
}

/** The code of a module, and the facts of its functions. Their labels are those of `code`, until its next reset. */
export class GeneratedCode {
  readonly code: CodeHolder;
  readonly #functions: ReadonlyMap<string, FunctionFacts>;

  constructor(code: CodeHolder, functions: ReadonlyMap<string, FunctionFacts>) {
    this.code = code;
    this.#functions = functions;
  }

  /** The facts of a function of the module. */
  of(name: string): FunctionFacts {
    const facts = this.#functions.get(name);
    invariant(facts !== undefined, `the module has no function ${name}`);
    return facts;
  }
}

/** The symbol of a function's frame entry. */
export function frameEntryName(name: string): string {
  return `${name}$frame`;
}

/** Stack that a thread keeps in reserve below its limit covers calls that together need less than this, in bytes. */
const uncheckedStack = 4096;

/** Above this many words the scratch of a compilation is given back instead of kept for the next. */
const scratchToKeep = 1 << 21;

interface Scratch {
  readonly machine: MachineFunction;
  readonly allocator: RegisterAllocator;
}

/** What no compilation uses at the moment; after an error scratch is dropped, for its state is unknown. */
const scratches: Scratch[] = [];

/** The module stays as it is. */
export function generate(
  module: IrModule,
  target: Target,
  given: GenerateOptions = noOptions,
): GeneratedCode {
  const options = settings(given);
  const code = options.code ?? new CodeHolder();
  code.reset();
  const scratch = scratches.pop() ?? { machine: new MachineFunction(), allocator: new RegisterAllocator() };
  const generated = new Generator(module, target, options, code, scratch).run();
  if (scratch.machine.code.length <= scratchToKeep) scratches.push(scratch);
  return generated;
}

/** What is known of a function when its callers are compiled. */
class Summary implements FunctionFacts {
  readonly index: number;
  readonly fn: IrFunction;
  readonly isExported: boolean;
  readonly callsFunctions: boolean;
  readonly checksBounds: boolean;
  /** Bytes of stack that calls of the math library take. */
  readonly mathStack: number;
  callsHost: boolean;
  /** Of a function on lanes; undefined for others. */
  readonly laneFrame: LaneFrame | undefined;
  isRecursive = false;
  callees: readonly Summary[] = [];
  isCalled = false;
  mayTrap = false;
  usesFuel = false;
  /** What it charges; undefined: nothing. */
  cost: FunctionCost | undefined = undefined;
  /** Bytes of stack that it and its callees use without checking. */
  stackDepth = 0;
  frameSize = 0;
  overwritten = everyRegister;
  entry: Label | undefined = undefined;
  frameEntry: Label | undefined = undefined;

  constructor(index: number, fn: IrFunction, isExported: boolean) {
    this.index = index;
    this.fn = fn;
    this.isExported = isExported;
    let callsFunctions = false;
    let callsHost = false;
    let checksBounds = false;
    let mathStack = 0;
    let given = 0;
    for (const { instructions } of fn.blocks) {
      for (let i = 0; i < instructions.length; i++) {
        const opcode = (instructions[i] as Value).op;
        if (opcode === op.call) callsFunctions = true;
        else if (opcode === op.callhost) callsHost = true;
        else if (opcode === op.bound) checksBounds = true;
        else if (opcode === op.frepair) mathStack = repairStack;
        else if (opcode === op.callmath) mathStack = Math.max(mathStack, callStack);
        else if (opcode === op.give) given++;
      }
    }
    const parameters = elementAt(fn.blocks, 0).parameters;
    this.laneFrame =
      given === 0
        ? undefined
        : laneFrame(
            parameters.map(({ type }) => type),
            given,
          );
    this.callsFunctions = callsFunctions;
    this.callsHost = callsHost;
    this.checksBounds = checksBounds;
    this.mathStack = mathStack;
  }
}

class Generator {
  readonly #module: IrModule;
  readonly #target: Target;
  readonly #options: GenerateOptions;
  readonly #code: CodeHolder;
  readonly #scratch: Scratch;
  readonly #assembler: Assembler;
  readonly #traits: LevelTraits;
  readonly #mathNames: string[] = [];
  readonly #tableNames: string[] = [];
  readonly #summaries: Summary[] = [];
  readonly #byName = new Map<string, Summary>();
  readonly #costs: FuelCosts | undefined;
  #refuelLabel: Label | undefined;
  #wideRefuelLabel: Label | undefined;

  constructor(
    module: IrModule,
    target: Target,
    options: GenerateOptions,
    code: CodeHolder,
    scratch: Scratch,
  ) {
    this.#scratch = scratch;
    this.#module = module;
    this.#target = target;
    this.#options = options;
    this.#code = code;
    this.#assembler = new Assembler(code, options.log === undefined ? undefined : { log: options.log });
    this.#traits = traitsOf(target.level);
    this.#costs = target.fuel ? fuelCosts(module) : undefined;
  }

  run(): GeneratedCode {
    const { functions } = this.#module;
    const { exports } = this.#options;
    const exported = exports === undefined ? undefined : new Set(exports);
    for (let i = 0; i < functions.length; i++) {
      const fn = functions[i] as IrFunction;
      const summary = new Summary(i, fn, exported === undefined || exported.has(fn.name));
      this.#summaries.push(summary);
      this.#byName.set(fn.name, summary);
    }
    const order = this.#summaries.some(callsFunctions) ? this.#calleesFirst() : this.#summaries;
    for (const summary of order) this.#characterize(summary);
    for (const summary of order) this.#function(summary);
    const { convention } = this.#target;
    if (this.#refuelLabel !== undefined) emitRefuel(this.#assembler, convention, this.#refuelLabel, 1);
    if (this.#wideRefuelLabel !== undefined) {
      emitRefuel(this.#assembler, convention, this.#wideRefuelLabel, lanesOfLevel(this.#target.level));
    }
    return new GeneratedCode(this.#code, this.#byName);
  }

  /** All functions, callees before callers, with their callees, and with what they inherit whatever the order. */
  #calleesFirst(): Summary[] {
    const graph = callGraph(this.#module);
    const order = graph.calleesFirst.map((fn) => this.#named(fn.name));
    for (const summary of order) {
      summary.isRecursive = graph.recursive.has(summary.fn);
      summary.callees = elementAt(graph.callees, summary.index).map((index) =>
        elementAt(this.#summaries, index),
      );
      for (const callee of summary.callees) callee.isCalled = true;
    }
    const hosting = order.filter(callsHost).map(({ index }) => index);
    for (const index of withCallers(graph, hosting)) elementAt(this.#summaries, index).callsHost = true;
    return order;
  }

  #characterize(summary: Summary): void {
    const { fn, callees, isRecursive } = summary;
    const arity = elementAt(fn.blocks, 0).parameters.length;
    invariant(!summary.isExported || arity <= maxArguments, `${fn.name} has more parameters than a frame`);
    const isKernel = fn === this.#options.kernel;
    const cost = isKernel ? undefined : (this.#options.standIns?.get(fn)?.cost ?? this.#costs?.of(fn));
    if (cost !== undefined && cost.entry > 0) summary.cost = cost;
    summary.usesFuel = summary.cost !== undefined || callees.some(usesFuel);
    summary.mayTrap =
      summary.usesFuel || isRecursive || summary.callsHost || summary.checksBounds || callees.some(mayTrap);
  }

  #function(summary: Summary): void {
    const { fn, isExported, isCalled, isRecursive, laneFrame: lanes } = summary;
    const isKernel = fn === this.#options.kernel;
    // Callees are compiled by now, and some of them check the stack.
    if (summary.callees.some(mayTrap)) summary.mayTrap = true;
    const { machine, allocator } = this.#scratch;
    const { convention } = this.#target;
    // A frame body saves nothing, so it is for platforms that preserve none of the registers that values have.
    const preservesNothing = convention.savedVectors.length === 0 && convention.savedGeneral.length === 0;
    const isFrameBody = isExported && !isCalled && !summary.mayTrap && preservesNothing;
    const { hasVex } = this.#traits;
    const widest = lanesOfLevel(this.#target.level);
    invariant(lanes === undefined || lanes.lanes <= widest, `${fn.name} has more lanes than registers`);

    const { origins } = this.#options;
    origins?.start(fn.name, fn.valueCount);
    select(legalise(fn, this.#traits), machine, {
      traits: this.#traits,
      convention,
      isFrameBody,
      isKernel,
      lanes: isKernel ? widthOf(fn) : (lanes?.lanes ?? 1),
      laneFrame: lanes,
      laneFrameOf: this.#laneFrameOf,
      fuel: summary.cost,
      functionIndex: this.#functionIndex,
      mathIndex: this.#mathIndex,
      tableIndex: this.#tableIndex,
      globalIndex: this.#globalIndex,
      origins,
    });
    this.#options.lap?.('select');
    this.#options.dump?.('selection', printMachineFunction(machine));
    const allocationOptions = {
      convention,
      hasVex,
      generalRegisters:
        isKernel && !summary.callsFunctions
          ? allocatableInKernels
          : isFrameBody
            ? allocatableGeneral & ~(1 << elementAt(convention.generalArguments, 0))
            : allocatableGeneral,
      isFrameBody,
      overwritten: this.#overwritten,
    };
    const allocation = allocator.allocate(machine, allocationOptions);
    this.#options.lap?.('allocate');
    this.#options.dump?.('allocation', printAllocation(machine, allocation));
    if (this.#options.check === true) {
      checkAllocation(machine, allocation, allocationOptions);
      this.#options.lap?.('prove');
    }

    let below = summary.mathStack;
    for (const callee of summary.callees) below = Math.max(below, callee.stackDepth);
    const size = stackFrameSize(machine, allocation, isFrameBody);
    summary.frameSize = size;
    summary.overwritten = { vectors: allocation.usedVectors, general: allocation.usedGeneral, masks: 0 };
    const depth = size + 16 + below;
    const needsCheck = !isKernel && (isRecursive || depth > uncheckedStack);
    if (isFrameBody && needsCheck) {
      summary.mayTrap = true;
      this.#function(summary);
      return;
    }
    if (needsCheck) summary.mayTrap = true;
    summary.stackDepth = needsCheck ? 0 : depth;

    this.#assembler.align(isKernel ? 32 : 16);
    this.#code.bind(isFrameBody ? this.#newFrameEntry(summary) : this.#entryOf(summary));
    emit(machine, allocation, this.#assembler, {
      convention,
      hasVex,
      isFrameBody,
      isKernel,
      catches: isKernel && summary.callsFunctions,
      functionIndex: this.#options.standIns?.get(fn)?.index ?? summary.index,
      stackCheck: needsCheck ? (depth > uncheckedStack ? depth : 0) : -1,
      entryFuel: summary.cost?.entry ?? 0,
      usesFuel: summary.usesFuel,
      functionLabel: this.#functionLabel,
      refuel: lanes === undefined ? this.#refuel : this.#wideRefuel,
      laneResults: lanes?.results ?? 0,
      mathAddress: this.#mathAddress,
      tablePlace: this.#tablePlace,
      globalAddress: this.#globalAddress,
      repair: this.#target.math.repairOf,
      repairLanes: widest,
      mathName: this.#mathName,
      hostName: this.#hostName,
      origins,
    });
    if (isExported && !isFrameBody) this.#frameEntry(summary);
    this.#options.lap?.('emit');
  }

  #frameEntry(summary: Summary): void {
    const { fn } = summary;
    this.#assembler.align(16);
    this.#code.bind(this.#newFrameEntry(summary));
    emitFrameEntry(this.#assembler, {
      convention: this.#target.convention,
      hasVex: this.#traits.hasVex,
      parameters: elementAt(fn.blocks, 0).parameters.map((parameter) => parameter.type),
      result: fn.result,
      target: this.#entryOf(summary),
      mayTrap: summary.mayTrap,
      usesFuel: summary.usesFuel,
      hasRawIntegers: false,
    });
  }

  #entryOf(summary: Summary): Label {
    summary.entry ??= this.#code.newLabel(summary.fn.name);
    return summary.entry;
  }

  #newFrameEntry(summary: Summary): Label {
    summary.frameEntry = this.#code.newLabel(frameEntryName(summary.fn.name));
    return summary.frameEntry;
  }

  readonly #functionLabel = (index: number): Label => this.#entryOf(elementAt(this.#summaries, index));

  readonly #refuel = (): Label => {
    this.#refuelLabel ??= this.#code.newLabel();
    return this.#refuelLabel;
  };

  readonly #wideRefuel = (): Label => {
    this.#wideRefuelLabel ??= this.#code.newLabel();
    return this.#wideRefuelLabel;
  };

  #named(name: string): Summary {
    const summary = this.#byName.get(name);
    invariant(summary !== undefined, `the module has no function ${name}`);
    return summary;
  }

  readonly #laneFrameOf = (name: string): LaneFrame | undefined => this.#named(name).laneFrame;

  readonly #functionIndex = (name: string): number => this.#named(name).index;

  readonly #mathIndex = (name: string): number => numberIn(this.#mathNames, name);

  readonly #globalIndex = (name: string): number =>
    this.#module.globals.findIndex((global) => global.name === name);

  readonly #globalAddress = (index: number): Address => {
    const { globals } = this.#options;
    invariant(globals !== undefined, 'the variables of the module have a place');
    return addressAt(globals, index * 8);
  };

  readonly #tableIndex = (name: string): number => numberIn(this.#tableNames, name);

  /** Where the addon has it, if it is its. */
  #arithmeticOf(name: string): Address | undefined {
    const { arithmetic } = this.#target;
    return Object.hasOwn(arithmetic, name) ? arithmetic[name] : undefined;
  }

  readonly #overwritten = (index: number): RegisterSets => {
    const name = this.#mathName(index);
    const isForeign = this.#arithmeticOf(name) !== undefined;
    return isForeign ? everyRegister : this.#target.math.overwrittenBy(name);
  };

  readonly #tablePlace = (index: number): Address | Label =>
    this.#target.math.tableOf(elementAt(this.#tableNames, index));

  readonly #mathName = (index: number): string => elementAt(this.#mathNames, index);

  readonly #hostName = (index: number): string => elementAt(this.#module.hosts, index).name;

  readonly #mathAddress = (index: number): Address => {
    const name = this.#mathName(index);
    return this.#arithmeticOf(name) ?? this.#target.math.entryOf(name);
  };
}

/** The number of a name in a list, to which it is added if it is new. */
function numberIn(names: string[], name: string): number {
  const known = names.indexOf(name);
  return known >= 0 ? known : names.push(name) - 1;
}

/** Lanes of the vectors of a kernel; 1 if it has none. */
function widthOf({ blocks }: IrFunction): number {
  for (const { instructions } of blocks) {
    for (const { type } of instructions) if (lanesOf(type) > 1) return lanesOf(type);
  }
  return 1;
}

const callsFunctions = (summary: Summary): boolean => summary.callsFunctions;
const callsHost = (summary: Summary): boolean => summary.callsHost;
const usesFuel = (summary: Summary): boolean => summary.usesFuel;
const mayTrap = (summary: Summary): boolean => summary.mayTrap;
