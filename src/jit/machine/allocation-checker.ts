/**
 * Proves a register allocation: that every operand is read from where its value is.
 *
 * The checker runs the allocated code symbolically. For each place it knows which values (vregs) the place holds for sure; a
 * move copies that knowledge, a definition replaces it, a call forgets all registers. Where edges meet, only what
 * all of them agree on is kept, until nothing changes. Then each operand of each instruction must be held by the
 * place it is read from, each argument by the place the callee or the target block takes it from, and no
 * two-operand constraint may be broken. It shares nothing with the allocator but the two data structures.
 */
import { elementAt, slots } from '../../support/element.ts';
import { InvariantError } from '../../support/invariant.ts';
import { AllocatedWord, type Allocation, allocatedWords } from './allocation.ts';
import { ArgumentAssigner, allocatableMasks, allocatableVectors, Gpr, resultLocation } from './convention.ts';
import { machineSuccessors } from './liveness.ts';
import {
  generalLocation,
  isMemory,
  isRegister,
  isVectorRegister,
  isWideMemory,
  locationName,
  MemoryKind,
  memoryIndexOf,
  memoryKindOf,
  memoryLocation,
  noLocation,
} from './location.ts';
import {
  ConstantKind,
  extraWords,
  instructionWords,
  type MachineFunction,
  Word,
} from './machine-function.ts';
import { MachineOp, type Operation, operations, RegisterClass } from './operations.ts';
import { printInstruction, vregName } from './printer.ts';
import type { AllocationOptions } from './register-allocator.ts';
import { registersOf } from './register-sets.ts';

/** By place, the vregs it holds; constants are always where they are born and are left out. */
type State = Map<number, ReadonlySet<number>>;

/** Throws an {@link InvariantError} that names the first instruction whose allocation is wrong. */
export function checkAllocation(
  fn: MachineFunction,
  allocation: Allocation,
  options: AllocationOptions,
): void {
  new Checker(fn, allocation, options).run();
}

class Checker {
  readonly #fn: MachineFunction;
  readonly #allocation: Allocation;
  readonly #options: AllocationOptions;
  readonly #entries: (State | undefined)[];

  constructor(fn: MachineFunction, allocation: Allocation, options: AllocationOptions) {
    this.#fn = fn;
    this.#allocation = allocation;
    this.#options = options;
    this.#entries = slots(fn.blockCount);
  }

  run(): void {
    this.#checkOrder();
    this.#entries[0] = this.#initialState();
    const pending = [0];
    for (let block = pending.pop(); block !== undefined; block = pending.pop()) {
      const state: State = new Map(elementAt(this.#entries, block));
      this.#block(block, state, false);
      for (const successor of machineSuccessors(this.#fn, block)) {
        if (successor >= 0 && this.#meet(successor, state)) pending.push(successor);
      }
    }
    for (let block = 0; block < this.#fn.blockCount; block++) {
      const entry = this.#entries[block];
      if (entry !== undefined) this.#block(block, new Map(entry), true);
    }
  }

  /** Every instruction of the machine function is there once, in its block, in order. */
  #checkOrder(): void {
    const { code, blockStart } = this.#allocation;
    const fn = this.#fn;
    for (let block = 0; block < fn.blockCount; block++) {
      let expected = fn.blockStart[block] as number;
      for (let i = blockStart[block] as number; i < (blockStart[block + 1] as number); i++) {
        const source = code[i * allocatedWords + AllocatedWord.Source] as number;
        if (source < 0) continue;
        if (source !== expected) this.#fail(source, `stands where ${expected} was expected`);
        if (code[i * allocatedWords + AllocatedWord.Operation] !== fn.code[source * instructionWords]) {
          this.#fail(source, 'changed its operation');
        }
        expected++;
      }
      if (expected !== fn.blockStart[block + 1]) this.#fail(expected, 'is missing');
    }
  }

  #initialState(): State {
    const state: State = new Map();
    const { parameters, parameterRegisters, homes } = this.#fn;
    parameters.forEach((vreg, index) => {
      const register = elementAt(parameterRegisters, index);
      state.set(register === noLocation ? (homes[vreg] as number) : register, new Set([vreg]));
    });
    return state;
  }

  /** Takes what holds at the end of a predecessor into the entry of `to`; says whether that changed it. */
  #meet(to: number, atEnd: State): boolean {
    const fn = this.#fn;
    const incoming: State = new Map(atEnd);
    const start = fn.blockParameters[to] as number;
    for (let i = 0; i < (fn.blockParameterCount[to] as number); i++) {
      const parameter = fn.extra[(start + i) * extraWords] as number;
      const place = this.#allocation.parameterLocations[parameter] as number;
      // In a loop the parameter of the previous round is gone, wherever it was.
      for (const [location, held] of incoming) {
        if (held.has(parameter)) incoming.set(location, without(held, parameter));
      }
      if (place === noLocation) continue;
      incoming.set(place, new Set([parameter]));
    }
    const known = this.#entries[to];
    if (known === undefined) {
      this.#entries[to] = incoming;
      return true;
    }
    let changed = false;
    for (const [location, held] of known) {
      const other = incoming.get(location);
      const common = new Set([...held].filter((vreg) => other?.has(vreg) === true));
      if (common.size === held.size) continue;
      changed = true;
      if (common.size === 0) known.delete(location);
      else known.set(location, common);
    }
    return changed;
  }

  #block(block: number, state: State, verifies: boolean): void {
    const { blockStart } = this.#allocation;
    const noted = new Set<number>();
    for (const held of state.values()) for (const vreg of held) noted.add(vreg);
    for (let i = blockStart[block] as number; i < (blockStart[block + 1] as number); i++) {
      this.#instruction(i * allocatedWords, state, noted, verifies);
    }
  }

  /** `noted` are all vregs that the state may have somewhere: most are defined for the first time, and need not be looked for. */
  #instruction(at: number, state: State, noted: Set<number>, verifies: boolean): void {
    const { code } = this.#allocation;
    const source = code[at + AllocatedWord.Source] as number;
    const result = code[at + AllocatedWord.Result] as number;
    const first = code[at + AllocatedWord.A] as number;
    if (source < 0) {
      if (verifies && isMemory(result) && isMemory(first)) {
        throw new InvariantError(`allocation of ${this.#fn.name}: a move from memory to memory`);
      }
      state.set(result, this.#fitting(this.#heldAt(first, state), result));
      return;
    }
    const operation = elementAt(operations, code[at + AllocatedWord.Operation] as number);
    if (verifies) this.#verify(source, operation, at, state);
    if (operation.kind === 'call') {
      for (const location of [...state.keys()]) {
        if (this.#isLostAtCall(source, location)) state.delete(location);
      }
    }
    const vreg = this.#fn.code[source * instructionWords + Word.Result] as number;
    if (vreg < 0) return;
    // A value of the previous round of a loop is no longer this value.
    if (noted.has(vreg)) {
      for (const [location, held] of state) {
        if (held.has(vreg)) state.set(location, without(held, vreg));
      }
    }
    noted.add(vreg);
    state.set(result, new Set([vreg]));
  }

  /** What of these values a place has room for: a word of memory holds one lane, and so does a general register. */
  #fitting(held: ReadonlySet<number>, location: number): ReadonlySet<number> {
    const fn = this.#fn;
    const isWhole = isMemory(location) ? this.#isWhole(location) : isVectorRegister(location);
    if (fn.lanes === 1 || isWhole) return held;
    return new Set([...held].filter((held) => !this.#hasLanes(held)));
  }

  /** Of a value, or of a constant as it is noted. */
  #hasLanes(held: number): boolean {
    if (held >= 0) return this.#fn.hasLanes(held);
    const kind = this.#fn.constantKinds[-1 - held];
    return kind === ConstantKind.Lanes || kind === ConstantKind.Iota;
  }

  /** Callees own the places where they find their arguments. */
  #isLostAtCall(source: number, location: number): boolean {
    if (isRegister(location)) {
      const words = source * instructionWords;
      if (this.#fn.code[words] !== MachineOp.CallMath) return true;
      const lost = this.#options.overwritten(this.#fn.code[words + Word.C] as number);
      return (
        (registersOf(lost, location >> 5) & (1 << (location & 31))) !== 0 ||
        location === resultLocation(RegisterClass.Vector)
      );
    }
    const kind = memoryKindOf(location);
    return kind === MemoryKind.Outgoing || kind === MemoryKind.WideOutgoing;
  }

  #heldAt(location: number, state: State): ReadonlySet<number> {
    const held = state.get(location);
    if (held !== undefined) return held;
    if (isMemory(location) && memoryKindOf(location) === MemoryKind.Constant) {
      return new Set([-1 - memoryIndexOf(location)]);
    }
    return new Set();
  }

  /** Does the place hold the value, or the constant that the value is? */
  #holds(location: number, vreg: number, state: State): boolean {
    const held = this.#heldAt(location, state);
    if (held.has(vreg)) return true;
    return this.#fn.isConstant(vreg) && held.has(-1 - memoryIndexOf(this.#fn.homes[vreg] as number));
  }

  #verify(source: number, operation: Operation, at: number, state: State): void {
    const { code } = this.#allocation;
    const fn = this.#fn;
    const words = source * instructionWords;
    if (operation.kind === 'call') {
      this.#verifyCall(source, state);
      return;
    }
    if (operation.kind === 'jump') {
      this.#verifyJump(source, state);
      return;
    }
    const places = operation.operands.map((_, k) => code[at + AllocatedWord.A + k] as number);
    const vregs = operation.operands.map((_, k) => fn.code[words + Word.A + k] as number);
    const agree = (order: readonly number[]) =>
      order.every((k, index) => this.#holds(elementAt(places, index), elementAt(vregs, k), state));
    const straight = vregs.map((_, k) => k);
    const exchanged = [1, 0, ...straight.slice(2)];
    if (!agree(straight) && !(operation.commutative && agree(exchanged))) {
      const expected = vregs.map((vreg) => vregName(fn, vreg)).join(', ');
      this.#fail(source, `reads ${places.map(locationName).join(', ')} for ${expected}`);
    }
    this.#verifyPlaces(source, operation, places, code[at + AllocatedWord.Result] as number);
  }

  #verifyPlaces(source: number, operation: Operation, places: readonly number[], result: number): void {
    let inMemory = 0;
    places.forEach((place, k) => {
      if (operation.kind === 'return') {
        this.#verifyReturn(source, place);
        return;
      }
      if (!isMemory(place)) {
        this.#verifyClass(source, place, elementAt(operation.operands, k));
        return;
      }
      inMemory++;
      if ((operation.foldable & (1 << k)) === 0) this.#fail(source, `cannot take operand ${k} from memory`);
      if (operation.wide && !this.#isWhole(place)) this.#fail(source, 'reads a whole register from one lane');
    });
    if (inMemory > 1) this.#fail(source, 'has two operands in memory');
    if (operation.kind === 'shift' && places[1] !== generalLocation(Gpr.Rcx)) {
      this.#fail(source, 'has its count elsewhere than in rcx');
    }
    if (operation.result === undefined) return;
    this.#verifyClass(source, result, operation.result);
    const isTied = operation.tied === 'always' || (operation.tied === 'sse' && !this.#options.hasVex);
    if (!isTied || result === places[0]) return;
    places.forEach((place, k) => {
      if (k === 0 || place !== result || (operation.commutative && k === 1)) return;
      this.#fail(source, `overwrites operand ${k} before it is read`);
    });
  }

  /** Does the memory hold a whole register? */
  #isWhole(place: number): boolean {
    const kind = memoryKindOf(place);
    if (kind !== MemoryKind.Constant) return isWideMemory(place);
    const constant = this.#fn.constantKinds[memoryIndexOf(place)];
    return constant !== ConstantKind.Lane && constant !== ConstantKind.Integer;
  }

  #verifyReturn(source: number, place: number): void {
    const returned = this.#fn.code[source * instructionWords + Word.A] as number;
    const expected = resultLocation(this.#fn.classes[returned] as number);
    if (this.#options.isFrameBody ? !isRegister(place) : place !== expected) {
      this.#fail(source, `returns from ${locationName(place)}`);
    }
  }

  #verifyClass(source: number, place: number, registerClass: number): void {
    const actual = place >> 5;
    if (!isRegister(place) || actual !== registerClass) {
      this.#fail(source, `uses ${locationName(place)}, which is of another class`);
    }
    if ((this.#allowed(actual) & (1 << (place & 31))) === 0) {
      this.#fail(source, `uses ${locationName(place)}, which is reserved`);
    }
  }

  /** Registers of a class that values may have. */
  #allowed(registerClass: number): number {
    if (registerClass === RegisterClass.General) return this.#options.generalRegisters;
    if (registerClass === RegisterClass.Mask) return allocatableMasks;
    return allocatableVectors(this.#fn.lanes);
  }

  #verifyCall(source: number, state: State): void {
    const fn = this.#fn;
    const words = source * instructionWords;
    const start = fn.code[words + Word.A] as number;
    const isHostCall = fn.code[words] === MachineOp.CallHost;
    const isOnLanes = fn.code[words] === MachineOp.CallLanes;
    const assigner = new ArgumentAssigner(this.#options.convention, MemoryKind.Outgoing);
    let [wide, next] = [0, fn.immediates[source] as number];
    const inLaneFrame = (vreg: number): number => {
      if (!fn.hasLanes(vreg)) return memoryLocation(MemoryKind.Outgoing, next++);
      wide += fn.lanes;
      return memoryLocation(MemoryKind.WideOutgoing, wide - fn.lanes);
    };
    for (let i = 0; i < (fn.code[words + Word.B] as number); i++) {
      const vreg = fn.extra[(start + i) * extraWords] as number;
      const place = isHostCall
        ? memoryLocation(MemoryKind.FrameArgument, i)
        : isOnLanes
          ? inLaneFrame(vreg)
          : assigner.next(fn.classes[vreg] as number);
      if (!this.#holds(place, vreg, state)) {
        this.#fail(source, `passes ${vregName(fn, vreg)} in ${locationName(place)}, which does not hold it`);
      }
    }
    if (Math.max(assigner.stackWords, isOnLanes ? next : 0) > this.#allocation.outgoingWords)
      this.#fail(source, 'has no room for its arguments');
  }

  #verifyJump(source: number, state: State): void {
    const fn = this.#fn;
    const words = source * instructionWords;
    const start = fn.code[words + Word.A] as number;
    const target = fn.code[words + Word.C] as number;
    const parameters = fn.blockParameters[target] as number;
    for (let i = 0; i < (fn.code[words + Word.B] as number); i++) {
      const vreg = fn.extra[(start + i) * extraWords] as number;
      const parameter = fn.extra[(parameters + i) * extraWords] as number;
      const place = this.#allocation.parameterLocations[parameter] as number;
      if (place === noLocation) continue;
      if (!this.#holds(place, vreg, state)) {
        this.#fail(source, `passes ${vregName(fn, vreg)} in ${locationName(place)}, which does not hold it`);
      }
    }
  }

  #fail(source: number, complaint: string): never {
    const text = printInstruction(this.#fn, source);
    throw new InvariantError(
      `allocation of ${this.#fn.name}: instruction ${source}, '${text}', ${complaint}`,
    );
  }
}

function without(set: ReadonlySet<number>, vreg: number): ReadonlySet<number> {
  const rest = new Set(set);
  rest.delete(vreg);
  return rest;
}
