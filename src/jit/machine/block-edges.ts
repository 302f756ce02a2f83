/**
 * What the register allocator does where blocks begin and end.
 *
 * A block that only one edge leads to begins in the state in which that edge left. Where edges meet, the first to
 * come decides the state, and each later one moves values to where they are expected. A block with parameters, or
 * with several predecessors, is entered by jumps only, so those moves stand in front of the jump.
 *
 * At the head of a loop the first edge is the one from outside. What is going to lose its register inside (to a
 * call, or for want of registers) is stored in front of the loop, once.
 */
import { elementAt, slots } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import { firstGeneralLocation, firstMaskLocation, noLocation } from './location.ts';
import { extraWords, instructionWords, Word } from './machine-function.ts';
import { operations } from './operations.ts';
import type { ParallelMove } from './parallel-move.ts';
import type { RegisterState } from './register-state.ts';

/** Registers that values may have lie below these locations: where there are no masks, and where there are. */
const generalLimit = firstGeneralLocation + 16;
const maskLimit = firstMaskLocation + 8;

export class BlockEdges {
  readonly #state: RegisterState;
  readonly #moves: ParallelMove;
  /** By block: the vreg in each register when it begins; undefined until an edge has come. */
  #entries: (Int32Array | undefined)[] = [];
  /** By vreg: the block, plus one, at whose start it was last found live. */
  #liveAt = new Int32Array(0);
  /** By vreg: position of the next use from there. */
  #useThere = new Int32Array(0);
  /** By vreg, while an edge is handled: the register in which the target expects it, or -1. */
  #expected = new Int32Array(0);
  /** By block: calls in the blocks before it. */
  #callsBefore = new Int32Array(0);
  /** By class and block: values alive at once at the most. */
  #peaks: readonly Int32Array[] = [];
  /** One of the limits. */
  #locationLimit = generalLimit;
  readonly #emit: (destination: number, source: number) => void;

  constructor(state: RegisterState, moves: ParallelMove) {
    this.#state = state;
    this.#moves = moves;
    this.#emit = (destination, source) => state.move(destination, source);
  }

  /** Only for functions of several blocks. */
  reset(): void {
    const state = this.#state;
    const { fn } = state;
    this.#locationLimit = state.hasMasks ? maskLimit : generalLimit;
    this.#entries = slots(fn.blockCount);
    this.#liveAt = new Int32Array(fn.vregCount);
    this.#useThere = new Int32Array(fn.vregCount);
    this.#expected = new Int32Array(fn.vregCount).fill(-1);
    this.#measure();
  }

  /** Takes up the state in which `block` begins. */
  enter(block: number): void {
    const state = this.#state;
    const { fn } = state;
    const entry = elementAt(this.#entries, block);
    invariant(entry !== undefined, `no edge has come to block ${block} of ${fn.name}`);
    // Only to the head of a loop more edges are to come.
    if ((fn.loopEnd[block] as number) < 0) this.#entries[block] = undefined;
    state.clear();
    this.#findLive(block);
    for (let location = 0; location < this.#locationLimit; location++) {
      const vreg = entry[location] as number;
      if (vreg >= 0 && this.#liveAt[vreg] === block + 1) state.bind(vreg, location);
    }
    const { liveHead, nodeNext, nodeVreg, nodeUse } = state.liveness;
    for (let node = liveHead[block] as number; node >= 0; node = nodeNext[node] as number) {
      const vreg = nodeVreg[node] as number;
      state.next[vreg] = nodeUse[node] as number;
      // What is in no register is in memory, whichever edge was taken.
      if ((state.registers[vreg] as number) < 0 && !state.isInMemory(vreg)) state.isStoredAt(vreg, block);
    }
    const start = fn.blockParameters[block] as number;
    for (let i = 0; i < (fn.blockParameterCount[block] as number); i++) {
      const vreg = fn.extra[(start + i) * extraWords] as number;
      const location = state.out.parameterLocations[vreg] as number;
      if (location < 0 || location >= this.#locationLimit) continue;
      state.bind(vreg, location);
      state.saveResident(vreg);
    }
  }

  /** At a branch: both targets begin in the present state. */
  branch(whenTrue: number, whenFalse: number): void {
    const snapshot = this.#state.holders.slice(0, this.#locationLimit);
    this.#entries[whenTrue] = snapshot;
    this.#entries[whenFalse] = snapshot;
  }

  /** At a jump: moves everything to where `target` expects it. The arguments are entries of `extra` from `start` on. */
  jump(target: number, start: number): void {
    const state = this.#state;
    const { fn, liveness } = state;
    this.#findLive(target);
    let entry = this.#entries[target];
    if (entry === undefined) {
      entry = this.#decideEntry(target, start);
      this.#entries[target] = entry;
    }
    const expected = this.#expected;
    for (let location = 0; location < this.#locationLimit; location++) {
      const vreg = entry[location] as number;
      if (vreg >= 0) expected[vreg] = location;
    }
    for (let location = 0; location < this.#locationLimit; location++) {
      const vreg = state.holders[location] as number;
      if (vreg < 0 || this.#liveAt[vreg] !== target + 1) continue;
      if ((expected[vreg] as number) < 0) state.save(vreg);
    }
    for (let location = 0; location < this.#locationLimit; location++) {
      const vreg = entry[location] as number;
      if (vreg < 0) continue;
      expected[vreg] = -1;
      if (this.#liveAt[vreg] === target + 1) this.#moves.add(location, state.locationOf(vreg));
    }
    const parameters = fn.blockParameters[target] as number;
    for (let i = 0; i < (fn.blockParameterCount[target] as number); i++) {
      const parameter = fn.extra[(parameters + i) * extraWords] as number;
      if (liveness.firstUse[parameter] === 0) continue;
      const argument = fn.extra[(start + i) * extraWords] as number;
      this.#moves.add(state.out.parameterLocations[parameter] as number, state.locationOf(argument));
    }
    this.#moves.resolve(this.#emit);
  }

  /** The state in which `target` shall begin, decided at its first edge. */
  #decideEntry(target: number, start: number): Int32Array {
    const state = this.#state;
    const { fn } = state;
    const entry = new Int32Array(this.#locationLimit).fill(-1);
    for (let location = 0; location < this.#locationLimit; location++) {
      const vreg = state.holders[location] as number;
      if (vreg >= 0 && this.#liveAt[vreg] === target + 1) entry[location] = vreg;
    }
    const loopEnd = fn.loopEnd[target] as number;
    if (loopEnd >= 0) this.#prepareLoop(target, loopEnd, entry);
    this.#placeParameters(target, start, entry);
    return entry;
  }

  #prepareLoop(header: number, loopEnd: number, entry: Int32Array): void {
    const state = this.#state;
    const endPosition = state.fn.blockStart[loopEnd + 1] as number;
    const hasCall = this.#callsBefore[header] !== this.#callsBefore[loopEnd + 1];
    const pressure = this.#peaks.map((peak) => {
      let most = 0;
      for (let block = header; block <= loopEnd; block++) most = Math.max(most, peak[block] as number);
      return most;
    });
    for (let location = 0; location < this.#locationLimit; location++) {
      const vreg = entry[location] as number;
      if (vreg < 0) continue;
      const isTight = elementAt(pressure, location >> 5) > state.capacity(location >> 5);
      if (!hasCall && !isTight) continue;
      state.save(vreg);
      if (hasCall || (this.#useThere[vreg] as number) > endPosition) entry[location] = -1;
    }
  }

  #placeParameters(target: number, start: number, entry: Int32Array): void {
    const state = this.#state;
    const { fn, liveness, out } = state;
    const parameters = fn.blockParameters[target] as number;
    const count = fn.blockParameterCount[target] as number;
    // First those whose argument is in a register that nothing else wants, then the others.
    for (let i = 0; i < count; i++) {
      const parameter = fn.extra[(parameters + i) * extraWords] as number;
      out.parameterLocations[parameter] = noLocation;
      if (liveness.firstUse[parameter] === 0) continue;
      const register = state.registers[fn.extra[(start + i) * extraWords] as number] as number;
      if (register < 0 || entry[register] !== -1) continue;
      entry[register] = parameter;
      out.parameterLocations[parameter] = register;
    }
    for (let i = 0; i < count; i++) {
      const parameter = fn.extra[(parameters + i) * extraWords] as number;
      if (liveness.firstUse[parameter] === 0 || out.parameterLocations[parameter] !== noLocation) continue;
      const register = this.#registerFor(parameter, target, entry);
      if (register >= 0) {
        entry[register] = parameter;
        out.parameterLocations[parameter] = register;
      } else {
        state.giveSlot(parameter);
        out.parameterLocations[parameter] = state.homes[parameter] as number;
        state.isStoredAt(parameter, target);
      }
    }
    // Parameters are not live before the block: they are taken up by their locations, not by the entry.
    for (let i = 0; i < count; i++) {
      const location = out.parameterLocations[fn.extra[(parameters + i) * extraWords] as number] as number;
      if (location >= 0 && location < this.#locationLimit) entry[location] = -1;
    }
  }

  /** A register for a parameter: one that is free in `entry`, or that of a value needed later than it. */
  #registerFor(parameter: number, target: number, entry: Int32Array): number {
    const state = this.#state;
    const registerClass = state.fn.classes[parameter] as number;
    const base = registerClass * firstGeneralLocation;
    const wish = state.wishOf(parameter);
    if (
      wish >= 0 &&
      wish >> 5 === registerClass &&
      entry[wish] === -1 &&
      state.isAllocatable(parameter, wish)
    ) {
      return wish;
    }
    let farthest = -1;
    let distance = state.liveness.firstUse[parameter] as number;
    for (let location = base; location < base + 32 && location < this.#locationLimit; location++) {
      if (!state.isAllocatable(parameter, location)) continue;
      const holder = entry[location] as number;
      if (holder === -1) return location;
      if (this.#liveAt[holder] === target + 1 && (this.#useThere[holder] as number) > distance) {
        distance = this.#useThere[holder] as number;
        farthest = location;
      }
    }
    if (farthest >= 0) state.save(entry[farthest] as number);
    return farthest;
  }

  /** Marks what is live at the start of `block`, and notes its next uses. */
  #findLive(block: number): void {
    const { liveHead, nodeNext, nodeVreg, nodeUse } = this.#state.liveness;
    for (let node = liveHead[block] as number; node >= 0; node = nodeNext[node] as number) {
      const vreg = nodeVreg[node] as number;
      this.#liveAt[vreg] = block + 1;
      this.#useThere[vreg] = nodeUse[node] as number;
    }
  }

  /** Counts calls, and finds how many values of each class are alive at once at the most, block by block. */
  #measure(): void {
    const { fn } = this.#state;
    const { code, blockCount } = fn;
    const calls = new Int32Array(blockCount + 1);
    const peaks = Array.from(slots(3), () => new Int32Array(blockCount));
    const live = new Int32Array(3);
    const change = (vreg: number, by: number): void => {
      const registerClass = fn.classes[vreg] as number;
      live[registerClass] = (live[registerClass] as number) + by;
    };
    const note = (block: number): void => {
      for (let registerClass = 0; registerClass < 3; registerClass++) {
        const peak = elementAt(peaks, registerClass);
        peak[block] = Math.max(peak[block] as number, live[registerClass] as number);
      }
    };
    for (let block = 0; block < blockCount; block++) {
      calls[block + 1] = calls[block] as number;
      this.#countLiveIn(block, live, change);
      note(block);
      for (let i = fn.blockStart[block] as number; i < (fn.blockStart[block + 1] as number); i++) {
        const at = i * instructionWords;
        const { kind, operands } = elementAt(operations, code[at + Word.Operation] as number);
        if (kind === 'call') calls[block + 1] = (calls[block + 1] as number) + 1;
        for (let k = 0; k < operands.length; k++) {
          const vreg = code[at + Word.A + k] as number;
          if (code[at + Word.NextA + k] === 0 && !fn.isConstant(vreg)) change(vreg, -1);
        }
        const result = code[at + Word.Result] as number;
        if (result >= 0 && this.#state.liveness.firstUse[result] !== 0) change(result, 1);
        note(block);
      }
    }
    this.#callsBefore = calls;
    this.#peaks = peaks;
  }

  /** Sets `live` to what is alive where a block begins. */
  #countLiveIn(block: number, live: Int32Array, change: (vreg: number, by: number) => void): void {
    const { fn, liveness } = this.#state;
    live.fill(0);
    for (let node = liveness.liveHead[block] as number; node >= 0; node = liveness.nodeNext[node] as number) {
      change(liveness.nodeVreg[node] as number, 1);
    }
    const start = fn.blockParameters[block] as number;
    for (let i = start; i < start + (fn.blockParameterCount[block] as number); i++) {
      const parameter = fn.extra[i * extraWords] as number;
      if (liveness.firstUse[parameter] !== 0) change(parameter, 1);
    }
  }
}
