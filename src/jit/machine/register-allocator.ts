/**
 * Register allocation: one pass over the code in order, keeping track of which value is in which register.
 *
 * The idea is that of second-chance binpacking (Traub, Holloway, Smith, "Quality and Speed in Linear-scan Register
 * Allocation", 1998), with Belady's choice as Braun and Hack apply it to SSA ("Register Spilling and Live-Range
 * Splitting for SSA-Form Programs", 2009). A value gets a register when it is defined, loses it to another value
 * when its own next use is the farthest, or to a call, and gets one again where it is next used, unless that
 * instruction can take it from memory. So live ranges are split wherever that helps, and each instruction costs a
 * bounded number of steps. `register-state.ts` says what is kept in memory, `block-edges.ts` what happens between blocks.
 *
 * All registers that values may have are lost at a call, but at those of the math library only some. Two-operand encodings are met by choosing the result's
 * register: that of the first operand if it dies, else one that no other operand is in; emission adds the copy.
 */
import { lowestBit } from '../../support/lowest-bit.ts';
import type { Allocation } from './allocation.ts';
import { BlockEdges } from './block-edges.ts';
import {
  ArgumentAssigner,
  allocatableMasks,
  allocatableVectors,
  type Convention,
  Gpr,
  resultLocation,
} from './convention.ts';
import { analyse } from './liveness.ts';
import {
  firstGeneralLocation,
  firstMemoryLocation,
  generalLocation,
  isMemory,
  MemoryKind,
  memoryIndexOf,
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
import { ParallelMove } from './parallel-move.ts';
import { everyRegister, type RegisterSets, registersOf } from './register-sets.ts';
import { RegisterState } from './register-state.ts';

export interface AllocationOptions {
  readonly convention: Convention;
  /** Three-operand encodings: results that plain SSE ties to an operand are free. */
  readonly hasVex: boolean;
  /** General registers that values may have, as a bit set of hardware numbers. */
  readonly generalRegisters: number;
  /** Does the function leave its result in the native frame, not in a register? */
  readonly isFrameBody: boolean;
  /** What a function of the math library overwrites, by its number, at least where its arguments and its result are. */
  readonly overwritten: (index: number) => RegisterSets;
  /** Entries of live-in lists beyond which values become resident, see `liveness.ts`; for tests. */
  readonly affordableEntries?: number;
}

const rcx = generalLocation(Gpr.Rcx);

/** Reusable: its arrays serve one function after another. */
export class RegisterAllocator {
  readonly #state = new RegisterState();
  readonly #moves = new ParallelMove();
  readonly #edges = new BlockEdges(this.#state, this.#moves);
  readonly #emitMove = (destination: number, source: number): void => this.#state.move(destination, source);
  /** Locations and vregs of the operands of the current instruction, in the order in which it takes them. */
  readonly #places = new Int32Array(3);
  readonly #vregs = new Int32Array(3);

  /** The result is scratch: valid until the next call. */
  allocate(fn: MachineFunction, options: AllocationOptions): Allocation {
    const state = this.#state;
    analyse(fn, state.liveness, {
      convention: options.convention,
      returnsInRegister: !options.isFrameBody,
      affordableEntries: options.affordableEntries,
    });
    const masks = fn.hasMasks ? allocatableMasks : 0;
    state.reset(fn, allocatableVectors(fn.lanes), options.generalRegisters, masks);
    const { out } = state;
    const hasEdges = fn.blockCount > 1;
    if (hasEdges) this.#edges.reset();
    for (let block = 0; block < fn.blockCount; block++) {
      const first = fn.blockStart[block] as number;
      const end = fn.blockStart[block + 1] as number;
      state.block = block;
      state.position = first;
      out.blockStart[block] = out.count;
      if (block === 0) this.#functionParameters();
      else this.#edges.enter(block);
      for (let i = first; i < end; i++) {
        state.position = i + 1;
        this.#instruction(i, options);
      }
    }
    out.blockStart[fn.blockCount] = out.count;
    out.slotCount = state.slotCount;
    out.wideSlotCount = state.wideSlotCount;
    out.usedVectors = state.used[RegisterClass.Vector] as number;
    out.usedGeneral = state.used[RegisterClass.General] as number;
    return out;
  }

  #functionParameters(): void {
    const state = this.#state;
    const { parameters, parameterRegisters } = state.fn;
    for (let i = 0; i < parameters.length; i++) {
      const vreg = parameters[i] as number;
      const register = parameterRegisters[i] as number;
      if (register === noLocation || state.next[vreg] === 0) continue;
      state.bind(vreg, register);
      state.saveResident(vreg);
    }
  }

  #instruction(index: number, options: AllocationOptions): void {
    const state = this.#state;
    const { code } = state.fn;
    const at = index * instructionWords;
    const operation = operations[code[at] as number] as Operation;
    switch (operation.kind) {
      case 'plain':
      case 'repair':
        this.#plain(index, at, operation, options.hasVex);
        return;
      case 'call':
        this.#call(index, at, operation, options);
        return;
      case 'return':
        this.#return(index, at, options.isFrameBody);
        return;
      case 'branch':
        this.#operands(at, operation);
        this.#append(index, at, operation, noLocation);
        this.#edges.branch(code[at + Word.C] as number, code[at + Word.NextC] as number);
        return;
      case 'jump':
        this.#jump(index, at);
        return;
      case 'shift':
        this.#shift(index, at, operation);
        return;
    }
  }

  #plain(index: number, at: number, operation: Operation, hasVex: boolean): void {
    const state = this.#state;
    this.#operands(at, operation);
    const result = state.fn.code[at + Word.Result] as number;
    let place = noLocation;
    if (result >= 0) {
      const isTied = operation.tied === 'always' || (operation.tied === 'sse' && !hasVex);
      if (isTied) {
        place = this.#tiedPlace(result, operation);
        this.#releaseDead(operation.operands.length);
      } else {
        const dying = this.#dyingPlace(operation);
        this.#releaseDead(operation.operands.length);
        const wish = state.wishOf(result);
        const prefers = wish >= 0 && wish < firstMemoryLocation && state.isFree(wish);
        place = state.take(result, prefers ? wish : dying);
      }
      this.#define(result, place);
    } else {
      this.#releaseDead(operation.operands.length);
    }
    this.#append(index, at, operation, place);
    if (result >= 0) state.saveResident(result);
  }

  #append(index: number, at: number, operation: Operation, result: number): void {
    const places = this.#places;
    const { code } = this.#state.fn;
    const count = operation.operands.length;
    this.#state.out.append(
      index,
      operation.index,
      result,
      count > 0 ? (places[0] as number) : noLocation,
      count > 1 ? (places[1] as number) : noLocation,
      count > 2 ? (places[2] as number) : (code[at + Word.C] as number),
    );
  }

  /** Brings the operands to registers, but one to memory where it can stay there; advances their next uses. */
  #operands(at: number, operation: Operation): void {
    const state = this.#state;
    const { code } = state.fn;
    const { registers, next } = state;
    const count = operation.operands.length;
    const places = this.#places;
    const vregs = this.#vregs;
    state.pinned.fill(0);
    for (let k = 0; k < count; k++) {
      const vreg = code[at + Word.A + k] as number;
      vregs[k] = vreg;
      places[k] = registers[vreg] as number;
      if ((places[k] as number) >= 0) state.pin(places[k] as number);
    }
    // The second operand of a commutative operation can be in memory, and the first can be overwritten.
    if (operation.commutative && this.#prefersExchange(at, operation)) this.#exchange();
    let isFolded = false;
    for (let k = count - 1; k >= 0; k--) {
      if ((places[k] as number) >= 0) continue;
      const vreg = vregs[k] as number;
      if (!isFolded && (operation.foldable & (1 << k)) !== 0 && this.#staysInMemory(vreg, at, operation)) {
        places[k] = state.homes[vreg] as number;
        isFolded = true;
        continue;
      }
      // The same value may have been loaded for a later operand.
      const loaded = registers[vreg] as number;
      places[k] = loaded >= 0 ? loaded : this.#load(vreg);
    }
    for (let k = 0; k < count; k++) {
      next[code[at + Word.A + k] as number] = code[at + Word.NextA + k] as number;
    }
  }

  #load(vreg: number): number {
    const state = this.#state;
    const register = state.take(vreg, state.wishOf(vreg));
    state.move(register, state.homes[vreg] as number);
    state.bind(vreg, register);
    state.pin(register);
    return register;
  }

  /** Is it better to read an operand from memory than to load it for this use and later ones? */
  #staysInMemory(vreg: number, at: number, operation: Operation): boolean {
    const state = this.#state;
    const { fn } = state;
    const hasLanes = fn.hasLanes(vreg);
    if (fn.isConstant(vreg)) {
      if (!operation.wide || hasLanes) return true;
      const index = memoryIndexOf(state.homes[vreg] as number);
      return fn.constantKinds[index] === ConstantKind.Wide;
    }
    if (operation.wide && !hasLanes) return false;
    const next = this.#nextUse(vreg, at, operation);
    // A register that is lost at the end of the block, as in each round of a loop, is not worth a load of its own.
    if (hasLanes && next >= (fn.blockStart[state.block + 1] as number) + 1) return true;
    return next === 0 || state.free[fn.classes[vreg] as number] === 0;
  }

  /** Position of the next use after the instruction at `at`, which uses `vreg`. */
  #nextUse(vreg: number, at: number, operation: Operation): number {
    const { code } = this.#state.fn;
    let k = operation.operands.length - 1;
    while (k > 0 && code[at + Word.A + k] !== vreg) k--;
    return code[at + Word.NextA + k] as number;
  }

  #prefersExchange(at: number, operation: Operation): boolean {
    const [first, second] = this.#vregs as unknown as [number, number];
    const places = this.#places;
    const isFirstInRegister = (places[0] as number) >= 0;
    const isSecondInRegister = (places[1] as number) >= 0;
    if (isFirstInRegister !== isSecondInRegister) return isSecondInRegister;
    if (!isFirstInRegister && this.#state.fn.isConstant(second)) return false;
    if (!isFirstInRegister && this.#state.fn.isConstant(first)) return true;
    return this.#nextUse(first, at, operation) !== 0 && this.#nextUse(second, at, operation) === 0
      ? isFirstInRegister
      : !isFirstInRegister && this.#nextUse(first, at, operation) === 0;
  }

  #exchange(): void {
    const places = this.#places;
    const vregs = this.#vregs;
    const place = places[0] as number;
    places[0] = places[1] as number;
    places[1] = place;
    const vreg = vregs[0] as number;
    vregs[0] = vregs[1] as number;
    vregs[1] = vreg;
  }

  /** The register for a result that overwrites the first operand. */
  #tiedPlace(result: number, operation: Operation): number {
    const state = this.#state;
    const places = this.#places;
    const vregs = this.#vregs;
    if (state.next[vregs[0] as number] === 0) return places[0] as number;
    if (operation.commutative && state.next[vregs[1] as number] === 0 && !isMemory(places[1] as number)) {
      return places[1] as number;
    }
    return state.take(result, state.wishOf(result));
  }

  /** The register of an operand that dies, if it is of the result's class. */
  #dyingPlace(operation: Operation): number {
    const state = this.#state;
    for (let k = 0; k < operation.operands.length; k++) {
      const place = this.#places[k] as number;
      if (
        !isMemory(place) &&
        state.next[this.#vregs[k] as number] === 0 &&
        operation.operands[k] === operation.result
      ) {
        return place;
      }
    }
    return noLocation;
  }

  #releaseDead(count: number): void {
    const { next, registers } = this.#state;
    for (let k = 0; k < count; k++) {
      const vreg = this.#vregs[k] as number;
      if (next[vreg] === 0 && (registers[vreg] as number) >= 0) this.#state.unbind(vreg);
    }
  }

  #define(vreg: number, place: number): void {
    if (this.#state.next[vreg] !== 0) this.#state.bind(vreg, place);
  }

  /** A shift by a variable count, which stands in `cl`. */
  #shift(index: number, at: number, operation: Operation): void {
    const state = this.#state;
    const { code } = state.fn;
    const value = code[at + Word.A] as number;
    const count = code[at + Word.B] as number;
    state.pinned.fill(0);
    state.pin(rcx);
    if (state.registers[count] !== rcx) {
      const holder = state.holders[rcx] as number;
      if (holder >= 0) this.#displace(holder);
      state.move(rcx, state.locationOf(count));
      state.occupy(rcx);
    }
    let place = state.registers[value] as number;
    if (place < 0) place = this.#load(value);
    state.pin(place);
    state.next[value] = code[at + Word.NextA] as number;
    state.next[count] = code[at + Word.NextB] as number;
    const result = code[at + Word.Result] as number;
    const isOverwritten = state.next[value] === 0 && place !== rcx;
    if (isOverwritten) state.unbind(value);
    const resultPlace = isOverwritten ? place : state.take(result, state.wishOf(result));
    this.#define(result, resultPlace);
    state.out.append(index, operation.index, resultPlace, place, rcx, noLocation);
    state.saveResident(result);
    for (const operand of [value, count]) {
      if (state.next[operand] === 0 && (state.registers[operand] as number) >= 0) state.unbind(operand);
    }
    if ((state.holders[rcx] as number) < 0) state.vacate(rcx);
  }

  /** Moves a value to another register of its class if one is free, else to memory. */
  #displace(vreg: number): void {
    const state = this.#state;
    const registerClass = state.fn.classes[vreg] as number;
    if (state.free[registerClass] === 0) {
      state.save(vreg);
      state.unbind(vreg);
      return;
    }
    const from = state.registers[vreg] as number;
    const to = state.take(vreg, noLocation);
    state.move(to, from);
    state.unbind(vreg);
    state.bind(vreg, to);
  }

  #call(
    index: number,
    at: number,
    operation: Operation,
    { convention, overwritten }: AllocationOptions,
  ): void {
    const state = this.#state;
    const { fn, holders, next, out } = state;
    const { code, extra } = fn;
    const start = code[at + Word.A] as number;
    const end = start + (code[at + Word.B] as number);
    for (let i = start; i < end; i++) {
      next[extra[i * extraWords] as number] = extra[i * extraWords + 1] as number;
    }
    const lost =
      operation.index === MachineOp.CallMath ? overwritten(code[at + Word.C] as number) : everyRegister;
    for (let registerClass = 0; registerClass < 3; registerClass++) {
      const base = registerClass * firstGeneralLocation;
      const ofClass = registersOf(lost, registerClass);
      for (let set = state.occupied(registerClass) & ofClass; set !== 0; set &= set - 1) {
        const holder = holders[base + lowestBit(set)] as number;
        if (holder >= 0 && next[holder] !== 0) state.save(holder);
      }
    }
    let stackWords = convention.shadowSpace >> 3;
    if (operation.index === MachineOp.CallMath) {
      // Up to three doubles, which every convention passes in the first vector registers.
      for (let i = start; i < end; i++) {
        this.#moves.add(i - start, state.locationOf(extra[i * extraWords] as number));
      }
    } else if (operation.index === MachineOp.CallHost) {
      for (let i = start; i < end; i++) {
        const place = memoryLocation(MemoryKind.FrameArgument, i - start);
        this.#moves.add(place, state.locationOf(extra[i * extraWords] as number));
      }
    } else if (operation.index === MachineOp.CallLanes) {
      let [wide, next] = [0, fn.immediates[index] as number];
      for (let i = start; i < end; i++) {
        const vreg = extra[i * extraWords] as number;
        const hasLanes = fn.hasLanes(vreg);
        const place = hasLanes
          ? memoryLocation(MemoryKind.WideOutgoing, wide)
          : memoryLocation(MemoryKind.Outgoing, next++);
        if (hasLanes) wide += fn.lanes;
        this.#moves.add(place, state.locationOf(vreg));
      }
      stackWords = next;
    } else {
      const assigner = new ArgumentAssigner(convention, MemoryKind.Outgoing);
      for (let i = start; i < end; i++) {
        const vreg = extra[i * extraWords] as number;
        this.#moves.add(assigner.next(fn.classes[vreg] as number), state.locationOf(vreg));
      }
      stackWords = assigner.stackWords;
    }
    this.#moves.resolve(this.#emitMove);
    if (stackWords > out.outgoingWords) out.outgoingWords = stackWords;
    out.hasCalls = true;
    state.forget(lost);
    // Arguments that die here may stand in registers that the callee preserves.
    for (let i = start; i < end; i++) {
      const vreg = extra[i * extraWords] as number;
      if (next[vreg] === 0 && (state.registers[vreg] as number) >= 0) state.unbind(vreg);
    }
    const result = code[at + Word.Result] as number;
    const place = resultLocation(fn.classes[result] as number);
    this.#define(result, place);
    out.append(index, operation.index, place, noLocation, noLocation, code[at + Word.C] as number);
    state.saveResident(result);
  }

  #return(index: number, at: number, isFrameBody: boolean): void {
    const state = this.#state;
    const operation = operations[MachineOp.Return] as Operation;
    const returned = state.fn.code[at + Word.A] as number;
    let place = state.locationOf(returned);
    if (!isFrameBody) {
      const wanted = resultLocation(state.fn.classes[returned] as number);
      if (place !== wanted) state.move(wanted, place);
      place = wanted;
    } else if (isMemory(place)) {
      place = this.#load(returned);
    }
    state.out.append(index, operation.index, noLocation, place, noLocation, noLocation);
  }

  #jump(index: number, at: number): void {
    const state = this.#state;
    const { code, extra } = state.fn;
    const start = code[at + Word.A] as number;
    const end = start + (code[at + Word.B] as number);
    for (let i = start; i < end; i++) {
      state.next[extra[i * extraWords] as number] = extra[i * extraWords + 1] as number;
    }
    const target = code[at + Word.C] as number;
    this.#edges.jump(target, start);
    state.out.append(index, MachineOp.Jump, noLocation, noLocation, noLocation, target);
  }
}
