/**
 * A kernel row by row, for functions that vectors cannot do: a loop that loads a row of the columns, calls the
 * functions' own code, and stores their results.
 *
 * The loop is a caller like a frame entry (`machine/frame-entry.ts`): it sets up `rbx` and the fuel register, and the place to
 * which traps unwind, which is behind its call. Each row has all the fuel that the native frame names, as each call from outside would
 * have. So rows of little cost would never run out of a slice: the loop adds up what they spend, and asks the host now
 * and then whether to stop. What is converted between elements and doubles are lane programs, of one row or of a vector of them.
 *
 * Functions that were vectorised (`opt/vectorise`) are called for several vectors of rows at once, as long as so many are left.
 * They get fuel as one row does. If it does not last for all rows together, or the stack, nothing has been stored yet, and these
 * rows are done one by one: so the row that traps, if one does, is that which a single call would have trapped with.
 */
import { FrameSlot, frameOffset, hostRequest, Trap } from '../../native/frame.ts';
import { KernelFrameSlot, reductionBlock } from '../../native/kernel-frame.ts';
import { elementAt, slots } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import { hasOwn } from '../../support/own.ts';
import type { Label } from '../code/label.ts';
import { ArgumentAssigner, type Convention, frameRegister, fuelRegister } from '../machine/convention.ts';
import { type FeatureLevel, traitsOf } from '../machine/feature-level.ts';
import { isMemory, MemoryKind, memoryIndexOf } from '../machine/location.ts';
import { RegisterClass } from '../machine/operations.ts';
import type { Assembler } from '../x64/assembler.ts';
import { dwordPtr, type Mem, ptr, qwordPtr } from '../x64/memory.ts';
import { type Gp64, gp64, rax, rsp, xmm } from '../x64/register.ts';
import {
  emitKernelEntry,
  emitKernelExit,
  type KernelEntryOptions,
  savedVectorsOf,
} from './kernel-frame-entry.ts';
import { emitIdentities, ReductionTree } from './kernel-reductions.ts';
import { rowKernelRegisters as registers, valueScratch } from './kernel-registers.ts';
import {
  columnTypesOf,
  isVarying,
  type KernelSpec,
  outputTypesOf,
  type ReductionKind,
} from './kernel-spec.ts';
import { KernelStack } from './kernel-stack.ts';
import { checkLaneAllocation } from './lane-allocation-checker.ts';
import { allocateLanes, type LaneAllocation } from './lane-allocator.ts';
import { loadColumn } from './lane-columns.ts';
import { LaneEmitter, type LaneRows, lonePosition } from './lane-emission.ts';
import { LaneIntegers } from './lane-integers.ts';
import { laneCounts } from './lane-memory.ts';
import { type LaneProgram, withAccumulatorsInMemory } from './lane-program.ts';
import { outputNumbers, storeResult } from './lane-selection.ts';
import type { RowVectors } from './row-vectors.ts';

/** A function that is called for each row. */
export interface RowFunction {
  readonly name: string;
  readonly entry: Label;
  /** Its number in the module. */
  readonly index: number;
  /** Units of fuel that a call takes at the least. */
  readonly units: number;
  /** It spends fuel itself. */
  readonly usesFuel: boolean;
  /** Its result is a truth value in a general register. */
  readonly returnsBool: boolean;
}

export interface RowKernelOptions {
  readonly level: FeatureLevel;
  readonly convention: Convention;
  readonly name: string;
  readonly functions: readonly RowFunction[];
  /** Undefined if there are none. */
  readonly vectors: RowVectors | undefined;
  /** Proves the register allocation of conversions. */
  readonly check: boolean;
}

const frame = elementAt(gp64, frameRegister);
const fuel = elementAt(gp64, fuelRegister);
const fuelSlot = ptr(frame, frameOffset(FrameSlot.Fuel));
const reserveSlot = ptr(frame, frameOffset(FrameSlot.FuelReserve));
const rowFuelSlot = qwordPtr(frame, frameOffset(FrameSlot.RowFuel));
const unwindSlot = frameOffset(FrameSlot.UnwindStack);
const conversionRegisters = [0, 1, 2, 3, 4, 5];

/** What one instruction can subtract. */
const mostUnits = 2 ** 31 - 1;

export function emitRowKernel(a: Assembler, spec: KernelSpec, options: RowKernelOptions): void {
  new RowKernel(a, spec, options).run();
}

class RowKernel {
  readonly #a: Assembler;
  readonly #spec: KernelSpec;
  readonly #options: RowKernelOptions;
  readonly #family: 'sse' | 'vex';
  readonly #stack: KernelStack;
  readonly #emitter: LaneEmitter;
  readonly #loads: LaneAllocation;
  readonly #stores: LaneAllocation;
  readonly #kinds: readonly ReductionKind[];
  /** Does anything but single doubles move between memory and registers: conversions, accumulators, spilled values? */
  readonly #usesUpper: boolean;
  /** What stands behind the kernel, out of the way. */
  readonly #later: (() => void)[] = [];
  /** Words of the stack frame behind the parameters and the results of the functions. */
  readonly #fuelWord: number;
  readonly #reserveWord: number;
  readonly #unwindWord: number;
  /** The first row beyond those of the loop; the register may name one before it. */
  readonly #endWord: number;
  /** Where functions on vectors have their arguments and results. */
  readonly #laneRowsOfKernel: LaneRows | undefined;
  /** Rows that functions on vectors take at once. */
  readonly #rowsOfVectors: number;

  constructor(a: Assembler, spec: KernelSpec, options: RowKernelOptions) {
    this.#a = a;
    this.#spec = spec;
    this.#options = options;
    this.#family = traitsOf(options.level).hasVex ? 'vex' : 'sse';
    this.#kinds = spec.outputs.flatMap((output) => (hasOwn(output, 'reduce') ? [output.reduce] : []));
    this.#loads = this.#allocate(this.#loadProgram());
    this.#stores = this.#allocate(this.#storeProgram());
    this.#usesUpper =
      this.#kinds.length > 0 ||
      this.#loads.spillSlots + this.#stores.spillSlots > 0 ||
      [...columnTypesOf(spec), ...outputTypesOf(spec)].some((type) => type !== 'f64');
    const words = spec.parameters.length + options.functions.length;
    this.#fuelWord = words;
    this.#reserveWord = words + 1;
    this.#unwindWord = words + 2;
    this.#endWord = words + 3;
    const { vectors } = options;
    this.#rowsOfVectors = (vectors?.strands ?? 0) * this.#lanes;
    this.#stack = new KernelStack({
      outgoing: Math.max(this.#argumentPlaces().outgoing, (vectors?.frame.words ?? 0) * 8),
      words: words + 4,
      laneResults: this.#copiesResults ? (vectors?.strands ?? 0) * options.functions.length : 0,
      reductions: this.#kinds.length,
      hoisted: 0,
      spills: Math.max(this.#loads.spillSlots, this.#stores.spillSlots),
      vectorSize: 32,
      savedVectors: options.convention.savedVectors.length,
    });
    this.#laneRowsOfKernel = vectors && this.#laneRows(vectors);
    this.#emitter = new LaneEmitter(a, {
      family: this.#family,
      registers,
      columns: columnTypesOf(spec),
      outputs: outputTypesOf(spec),
      columnPointers: [],
      outputPointers: [],
      stack: this.#stack,
      hoistedSlots: new Map(),
      accumulators: [],
      loads: new Map(),
      rows: this.#laneRowsOfKernel,
    });
  }

  get #lanes(): number {
    return laneCounts[this.#family];
  }

  /** Do several functions leave their results in one place? Nothing is stored before all of them have run. */
  get #copiesResults(): boolean {
    return this.#options.functions.length > 1;
  }

  #laneRows({ frame: places, strands }: RowVectors): LaneRows {
    const { parameters } = this.#spec;
    // Each vector of a parameter is a parameter of the function on lanes.
    const first: number[] = [];
    let next = 0;
    for (const { kind } of parameters) {
      first.push(next);
      next += isVarying(kind) ? strands : 1;
    }
    return {
      argument: (position, copy) => elementAt(places.arguments, elementAt(first, position) + copy) * 8,
      result: (position, copy) =>
        this.#copiesResults
          ? this.#stack.laneResult((position - parameters.length) * strands + copy)
          : (places.results + copy * this.#lanes) * 8,
    };
  }

  run(): void {
    const a = this.#a;
    const { convention } = this.#options;
    const entry: KernelEntryOptions = {
      convention,
      stack: this.#stack,
      general: [registers.frame, registers.row, registers.end, frame, fuel].concat(
        convention.savedGeneral.map((id) => elementAt(gp64, id)),
      ),
      vectors: convention.savedVectors.reduce((set, id) => set | (1 << id), 0),
      hasVex: this.#family === 'vex',
    };
    invariant(
      savedVectorsOf(convention, entry.vectors).length === convention.savedVectors.length,
      'calls may overwrite all vector registers',
    );
    const [exit, trapped] = [a.code.newLabel(), a.code.newLabel()];
    a.align(32);
    a.bind(a.code.newLabel(this.#options.name));
    emitKernelEntry(a, registers.frame, entry);
    this.#enter();
    if (this.#kinds.length > 0) this.#blocks(exit, trapped);
    else this.#rows(trapped);
    a.bind(exit);
    this.#leave();
    emitKernelExit(a, entry);
    for (const emit of this.#later) emit();
    a.bind(trapped);
    a.mov(ptr(registers.frame, KernelFrameSlot.TrapRow * 8), registers.row);
    a.jmp(exit);
  }

  #word(index: number) {
    return ptr(rsp, this.#stack.word(index));
  }

  #enter(): void {
    const a = this.#a;
    const { row, end, frame: kernelFrame } = registers;
    a.mov(frame, ptr(kernelFrame, KernelFrameSlot.Frame * 8));
    a.mov(rax, fuelSlot);
    a.mov(this.#word(this.#fuelWord), rax);
    a.mov(rax, reserveSlot);
    a.mov(this.#word(this.#reserveWord), rax);
    a.mov(rax, ptr(frame, unwindSlot));
    a.mov(this.#word(this.#unwindWord), rax);
    a.lea(rax, ptr(rsp, -8));
    a.mov(ptr(frame, unwindSlot), rax);
    a.mov(row, ptr(kernelFrame, KernelFrameSlot.FirstRow * 8));
    a.mov(end, row);
    a.add(end, ptr(kernelFrame, KernelFrameSlot.RowCount * 8));
  }

  #leave(): void {
    const a = this.#a;
    a.mov(rax, this.#word(this.#fuelWord));
    a.mov(fuelSlot, rax);
    a.mov(rax, this.#word(this.#unwindWord));
    a.mov(ptr(frame, unwindSlot), rax);
  }

  /** All rows up to `end`: on vectors as long as there are enough, and the others one by one. */
  #rows(trapped: Label): void {
    const a = this.#a;
    const { row, end } = registers;
    const { vectors } = this.#options;
    if (vectors === undefined) {
      this.#singleRows(trapped);
      return;
    }
    const [again, next, single, dry] = [
      a.code.newLabel(),
      a.code.newLabel(),
      a.code.newLabel(),
      a.code.newLabel(),
    ];
    a.mov(this.#word(this.#endWord), end);
    a.bind(again);
    this.#sharedArguments(vectors);
    a.bind(next);
    a.lea(rax, ptr(row, this.#rowsOfVectors));
    a.cmp(rax, end);
    a.jg(single);
    this.#vectors(vectors, dry, trapped);
    a.jmp(next);

    a.bind(dry);
    a.cmp(dwordPtr(frame, frameOffset(FrameSlot.Trap)), Trap.Stopped);
    a.je(trapped);
    a.mov(dwordPtr(frame, frameOffset(FrameSlot.Trap)), Trap.None);
    this.#restoreReserve();
    a.lea(end, ptr(row, this.#rowsOfVectors));
    a.bind(single);
    if (this.#family === 'vex') a.vzeroupper();
    this.#singleRows(trapped);
    a.mov(end, this.#word(this.#endWord));
    a.cmp(row, end);
    a.jl(again);
  }

  /** What all rows share, where functions on lanes expect it. Calls for single rows may use the same memory. */
  #sharedArguments({ frame: places, strands }: RowVectors): void {
    const a = this.#a;
    let place = 0;
    let uniforms = 0;
    for (const { kind } of this.#spec.parameters) {
      if (isVarying(kind)) {
        place += strands;
        continue;
      }
      const word = ptr(rsp, elementAt(places.arguments, place++) * 8);
      if (kind === 'uniform') {
        a.mov(rax, ptr(registers.frame, KernelFrameSlot.Uniforms * 8));
        a.mov(rax, ptr(rax, uniforms++ * 8));
        a.mov(word, rax);
      } else {
        this.#storeInteger(qwordPtr(registers.frame, KernelFrameSlot.Length * 8), word);
      }
    }
  }

  /** The rows of one call on vectors. */
  #vectors({ strands, frame: places, functions }: RowVectors, dry: Label, trapped: Label): void {
    const a = this.#a;
    const emitter = this.#emitter;
    const { lanes } = emitter;
    const rows = this.#laneRowsOfKernel;
    invariant(rows !== undefined, 'functions on vectors have their arguments somewhere');
    const copies = Array.from(slots(strands), (_, copy) => copy);
    const [goOn, look] = [a.code.newLabel(), a.code.newLabel()];
    for (const copy of copies) emitter.emit(this.#loads, { ...lonePosition('whole'), copy });
    this.#spec.parameters.forEach(({ kind }, position) => {
      if (kind !== 'index') return;
      for (const copy of copies) {
        emitter.startIndex(0);
        if (copy > 0) emitter.advanceIndex(0, copy * lanes);
        emitter.store(0, rows.argument(position, copy));
      }
    });
    functions.forEach(({ entry, mayTrap, usesFuel }, index) => {
      if (usesFuel) {
        a.mov(fuel, this.#word(this.#fuelWord));
        if (index > 0) this.#restoreReserve();
      }
      a.call(entry);
      if (mayTrap) {
        a.cmp(dwordPtr(frame, frameOffset(FrameSlot.Trap)), 0);
        a.jne(dry);
      }
      if (usesFuel) {
        a.sub(fuel, this.#word(this.#fuelWord));
        a.add(rowFuelSlot, fuel);
      }
      if (!this.#copiesResults) return;
      for (const copy of copies) {
        emitter.load(0, (places.results + copy * lanes) * 8);
        emitter.store(0, this.#stack.laneResult(index * strands + copy));
      }
    });
    for (const copy of copies) emitter.emit(this.#stores, { ...lonePosition('whole'), copy });
    this.#account(this.#rowsOfVectors, functions);
    a.jl(look);
    a.bind(goOn);
    a.add(registers.row, this.#rowsOfVectors);
    this.#later.push(() => {
      a.bind(look);
      if (this.#family === 'vex') a.vzeroupper();
      this.#look(trapped);
      a.jmp(goOn);
    });
  }

  /**
   * Pays for so many rows of functions that do not pay for themselves, as `called` says; less than nothing is left if it is time
   * to look.
   */
  #account(rows: number, called: readonly Pick<RowFunction, 'usesFuel'>[]): void {
    // What spends fuel itself spends one unit at the least, and has been accounted for by its calls.
    const units = this.#options.functions.reduce(
      (sum, fn, index) => sum + (elementAt(called, index).usesFuel ? 0 : fn.units * rows),
      0,
    );
    if (units === 0) this.#a.cmp(rowFuelSlot, 0);
    else this.#a.sub(rowFuelSlot, Math.min(units, mostUnits));
  }

  /** All rows up to `end`, one by one. */
  #singleRows(trapped: Label): void {
    const a = this.#a;
    const { row, end } = registers;
    const [next, done, look, goOn] = [
      a.code.newLabel(),
      a.code.newLabel(),
      a.code.newLabel(),
      a.code.newLabel(),
    ];
    a.cmp(row, end);
    a.jge(done);
    a.align(16);
    a.bind(next);
    this.#arguments();
    this.#calls(trapped);
    this.#emitter.emit(this.#stores, lonePosition('part'));
    this.#account(1, this.#options.functions);
    a.jl(look);
    a.bind(goOn);
    a.add(row, 1);
    a.cmp(row, end);
    a.jl(next);
    a.jmp(done);
    a.bind(look);
    this.#look(trapped);
    a.jmp(goOn);
    a.bind(done);
  }

  #restoreReserve(): void {
    this.#a.mov(rax, this.#word(this.#reserveWord));
    this.#a.mov(reserveSlot, rax);
  }

  /** A row that was given more fuel leaves none for rows, and so comes here too. */
  #look(trapped: Label): void {
    const a = this.#a;
    this.#restoreReserve();
    const { convention, functions } = this.#options;
    const request = frameOffset(FrameSlot.HostCall);
    a.mov(dwordPtr(frame, request), hostRequest.Look);
    a.mov(dwordPtr(frame, request + 4), elementAt(functions, 0).index);
    a.mov(
      elementAt(gp64, elementAt(convention.generalArguments, 0)),
      ptr(frame, frameOffset(FrameSlot.HostCallContext)),
    );
    a.callThrough(qwordPtr(frame, frameOffset(FrameSlot.HostCallEntry)), 'host', 'look');
    a.cmp(dwordPtr(frame, frameOffset(FrameSlot.Trap)), 0);
    a.jne(trapped);
  }

  #blocks(exit: Label, trapped: Label): void {
    const a = this.#a;
    const { row, end, frame: kernelFrame } = registers;
    const block = a.code.newLabel();
    const tree = new ReductionTree(this.#kinds, this.#family, this.#options.level);
    a.bind(block);
    a.mov(end, ptr(kernelFrame, KernelFrameSlot.FirstRow * 8));
    a.add(end, ptr(kernelFrame, KernelFrameSlot.RowCount * 8));
    a.cmp(row, end);
    a.jge(exit);
    a.lea(valueScratch, ptr(row, reductionBlock));
    a.cmp(valueScratch, end);
    a.cmovl(end, valueScratch);
    emitIdentities(this.#emitter, this.#kinds, this.#stack);
    this.#rows(trapped);
    tree.emit(a, this.#emitter, this.#stack, registers);
    a.jmp(block);
  }

  /** The parameters of the row, as doubles, to words of the stack frame. */
  #arguments(): void {
    const a = this.#a;
    const { frame: kernelFrame, row } = registers;
    let uniforms = 0;
    this.#emitter.emit(this.#loads, lonePosition('part'));
    this.#spec.parameters.forEach(({ kind }, position) => {
      if (kind === 'column') return;
      if (kind === 'uniform') {
        a.mov(rax, ptr(kernelFrame, KernelFrameSlot.Uniforms * 8));
        a.mov(rax, ptr(rax, uniforms++ * 8));
        a.mov(this.#word(position), rax);
        return;
      }
      const source = kind === 'index' ? row : qwordPtr(kernelFrame, KernelFrameSlot.Length * 8);
      this.#storeInteger(source, this.#word(position));
    });
  }

  /** An integer as a double. */
  #storeInteger(source: Gp64 | Mem, place: Mem): void {
    const a = this.#a;
    const number = elementAt(xmm, 0);
    if (this.#family === 'vex') {
      a.vxorps(number, number, number);
      a.vcvtsi2sd(number, number, source);
      a.vmovsd(place, number);
    } else {
      a.xorps(number, number);
      a.cvtsi2sd(number, source);
      a.movsd(place, number);
    }
  }

  #calls(trapped: Label): void {
    const a = this.#a;
    const isVex = this.#family === 'vex';
    const { places } = this.#argumentPlaces();
    const results = this.#spec.parameters.length;
    // Plain SSE code in libraries must not meet upper halves that were left behind.
    if (isVex && this.#usesUpper) a.vzeroupper();
    this.#options.functions.forEach(({ entry, usesFuel, returnsBool }, index) => {
      places.forEach((place, position) => {
        if (!isMemory(place)) {
          const register = elementAt(xmm, place);
          if (isVex) a.vmovsd(register, this.#word(position));
          else a.movsd(register, this.#word(position));
          return;
        }
        a.mov(rax, this.#word(position));
        a.mov(ptr(rsp, memoryIndexOf(place) * 8), rax);
      });
      if (usesFuel) {
        a.mov(fuel, this.#word(this.#fuelWord));
        if (index > 0) this.#restoreReserve();
      }
      a.call(entry);
      a.cmp(dwordPtr(frame, frameOffset(FrameSlot.Trap)), 0);
      a.jne(trapped);
      if (usesFuel) {
        a.sub(fuel, this.#word(this.#fuelWord));
        a.add(rowFuelSlot, fuel);
      }
      const result = elementAt(xmm, 0);
      if (returnsBool) {
        a.and(rax, 1);
        a.xorps(result, result);
        a.cvtsi2sd(result, rax);
      }
      if (isVex) a.vmovsd(this.#word(results + index), result);
      else a.movsd(this.#word(results + index), result);
    });
  }

  #argumentPlaces(): { places: number[]; outgoing: number } {
    const assigner = new ArgumentAssigner(this.#options.convention, MemoryKind.Outgoing);
    const places = this.#spec.parameters.map(() => assigner.next(RegisterClass.Vector));
    return { places, outgoing: assigner.stackWords * 8 };
  }

  #loadProgram(): LaneProgram {
    const lanes = this.#builder();
    let column = 0;
    this.#spec.parameters.forEach((parameter, position) => {
      if (parameter.kind !== 'column') return;
      lanes.store('storeArgument', loadColumn(lanes, parameter.type, column++), position);
    });
    return lanes.finish();
  }

  #storeProgram(): LaneProgram {
    const lanes = this.#builder();
    const { outputs, parameters } = this.#spec;
    const numbers = outputNumbers(outputs);
    outputs.forEach((output, position) => {
      const fn = this.#options.functions.findIndex(({ name }) => name === output.function);
      const value = lanes.load('loadResult', parameters.length + fn);
      storeResult(lanes, output, elementAt(numbers, position), value, 'f64');
    });
    return withAccumulatorsInMemory(lanes.finish());
  }

  #builder(): LaneIntegers {
    return new LaneIntegers(this.#family, traitsOf(this.#options.level).hasRound);
  }

  #allocate(program: LaneProgram): LaneAllocation {
    invariant(program.prologue.length === 0, 'conversions need no preparation');
    const options = {
      vectors: conversionRegisters,
      masks: [],
      pinned: new Map(),
      foldsColumns: false,
      maySpill: true,
    };
    const allocation = allocateLanes(program.body, program, options);
    invariant(allocation !== undefined, 'conversions fit the registers');
    if (this.#options.check) checkLaneAllocation(program.body, program, options, allocation);
    return allocation;
  }
}
