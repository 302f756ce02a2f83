/**
 * Register allocation for lane programs: straight-line code, so one pass with Belady's choice is nearly the best there is.
 *
 * Some values are *pinned*: the caller keeps them in registers of their own throughout. All other invariant values have a
 * *home* in memory, constants in `.rodata` and the rest on the stack, from which an instruction takes them as an operand or
 * they are loaded. A column that is used once, by an instruction that can take it from memory, is not loaded either. If the
 * registers do not suffice, the value whose next use is farthest goes to a spill slot, or the attempt fails: inside the
 * main loop nothing may spill, and the caller pins fewer values.
 *
 * Results that overwrite an operand take its register if it dies there, else another that no operand is in, into which
 * emission copies the operand first.
 */
import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import type { LaneClass } from './lane-operations.ts';
import {
  type LaneInstruction,
  type LaneProgram,
  type LaneUses,
  type LaneValue,
  usesOf,
} from './lane-program.ts';

/**
 * Where a value is: 0 to 31 vector registers; 32 to 39 mask registers; from {@link accumulatorPlace} on the register of an
 * accumulator, which depends on the copy of the body; {@link home}; from {@link firstSpill} on spill slots.
 */
export type Place = number;

export const firstMask = 32;
/** `k0` masks nothing. */
export const firstTemporaryMask = firstMask + 1;
export const accumulatorPlace = 40;
export const firstSpill = 128;
export const home = -1;
const nowhere = -2;

export type LaneStep =
  | {
      readonly kind: 'operation';
      readonly instruction: LaneInstruction;
      readonly operands: readonly Place[];
      readonly result: Place;
    }
  /** A value from its home or a spill slot to a register, or from a register to a spill slot. */
  | { readonly kind: 'move'; readonly value: LaneValue; readonly from: Place; readonly to: Place };

/** How many registers of each class a piece of code has for itself: the lowest, beside those of pinned values. */
export interface LaneTemporaries {
  readonly vectors: number;
  readonly masks: number;
}

export interface LaneAllocation {
  readonly steps: readonly LaneStep[];
  readonly spillSlots: number;
  readonly temporaries: LaneTemporaries;
}

export interface LaneAllocationOptions {
  /** Registers that the code may use, those of pinned values among them, in the order in which they are taken. */
  readonly vectors: readonly Place[];
  readonly masks: readonly Place[];
  /** Values in registers of their own. */
  readonly pinned: ReadonlyMap<LaneValue, Place>;
  /** Whole vectors: columns can be operands in memory. */
  readonly foldsColumns: boolean;
  readonly maySpill: boolean;
}

/** Thrown and caught in this file alone. */
class OutOfRegisters extends Error {}

/** Undefined if it would have to spill and may not. */
export function allocateLanes(
  code: readonly LaneInstruction[],
  program: LaneProgram,
  options: LaneAllocationOptions,
  uses: LaneUses = usesOf(code, program.valueCount),
): LaneAllocation | undefined {
  try {
    return new LaneAllocator(code, program, options, uses).run();
  } catch (error) {
    if (error instanceof OutOfRegisters) return undefined;
    throw error;
  }
}

class LaneAllocator {
  readonly #code: readonly LaneInstruction[];
  readonly #program: LaneProgram;
  readonly #options: LaneAllocationOptions;
  readonly #uses: LaneUses;
  /** By value: how many of its uses have passed. */
  readonly #passed: Uint32Array;
  readonly #free: Record<LaneClass, Place[]>;
  readonly #holders = new Map<Place, LaneValue>();
  readonly #places = new Map<LaneValue, Place>();
  readonly #spills = new Map<LaneValue, Place>();
  readonly #deferred = new Set<LaneValue>();
  readonly #freeSpills: Place[] = [];
  /** Slots of values that die in the current instruction, which may still read them. */
  readonly #dyingSpills: Place[] = [];
  #spillSlots = 0;
  #vectorEnd = 0;
  #maskEnd = firstTemporaryMask;
  readonly #steps: LaneStep[] = [];

  constructor(
    code: readonly LaneInstruction[],
    program: LaneProgram,
    options: LaneAllocationOptions,
    uses: LaneUses,
  ) {
    this.#code = code;
    this.#program = program;
    this.#options = options;
    this.#uses = uses;
    this.#passed = new Uint32Array(program.valueCount);
    const pinned = new Set(options.pinned.values());
    // Taken from the end.
    const unpinned = (places: readonly Place[]): Place[] =>
      places.filter((place) => !pinned.has(place)).reverse();
    this.#free = { vector: unpinned(options.vectors), mask: unpinned(options.masks) };
    for (const [value, place] of options.pinned) this.#places.set(value, place);
    program.accumulations.forEach(({ before }, number) => {
      this.#places.set(before, accumulatorPlace + number);
    });
  }

  run(): LaneAllocation {
    for (const instruction of this.#code) {
      if (this.#isDeferrable(instruction)) this.#deferred.add(instruction.result as LaneValue);
      else this.#instruction(instruction);
    }
    return {
      steps: this.#steps,
      spillSlots: this.#spillSlots,
      temporaries: { vectors: this.#vectorEnd, masks: this.#maskEnd - firstTemporaryMask },
    };
  }

  /** Is it a load that its one user does itself? */
  #isDeferrable({ operation, result }: LaneInstruction): boolean {
    if (!this.#options.foldsColumns || result === undefined) return false;
    if (operation.name !== 'load') return false;
    const { start, positions } = this.#uses;
    const first = start[result.id] as number;
    if ((start[result.id + 1] as number) !== first + 1) return false;
    const user = elementAt(this.#code, positions[first] as number);
    const { fold, foldsColumns, commutative, operandWidth } = user.operation;
    if (fold < 0 || !foldsColumns || operandWidth !== operation.resultWidth) return false;
    return user.operands[fold] === result || (commutative && user.operands.at(1 - fold) === result);
  }

  #instruction(instruction: LaneInstruction): void {
    const { operation, result } = instruction;
    const operands = this.#ordered(instruction);
    const protectedPlaces = new Set<Place>();
    for (const operand of operands) {
      const place = this.#places.get(operand);
      if (place !== undefined) protectedPlaces.add(place);
    }
    const places = operands.map((operand, index): Place => {
      const place = this.#places.get(operand);
      if (place !== undefined) return place;
      const inMemory = this.#spills.get(operand) ?? home;
      if ((index === operation.fold && operands.indexOf(operand) === index) || index === operation.tied) {
        return inMemory;
      }
      return this.#load(operand, inMemory, protectedPlaces);
    });
    // An operand that occurs twice may have been loaded for its second place.
    operands.forEach((operand, index) => {
      const place = this.#places.get(operand);
      if (place !== undefined) places[index] = place;
    });
    for (const { id } of operands) this.#passed[id] = (this.#passed[id] as number) + 1;
    const resultPlace = this.#resultPlace(instruction, operands, places);
    this.#steps.push({
      kind: 'operation',
      instruction: operands === instruction.operands ? instruction : { ...instruction, operands },
      operands: places,
      result: resultPlace,
    });
    this.#freeSpills.push(...this.#dyingSpills.splice(0));
    if (result === undefined || this.#nextUse(result) !== Number.POSITIVE_INFINITY) return;
    if (this.#holders.get(resultPlace) === result) this.#release(result);
  }

  /** Operands in an order in which the second can be in memory and the first be overwritten. */
  #ordered({ operation, operands, result }: LaneInstruction): readonly LaneValue[] {
    const [first, second] = operands;
    if (!operation.commutative || first === undefined || second === undefined) return operands;
    const accumulation = this.#program.accumulations.find(({ after }) => after === result);
    if (accumulation !== undefined) return accumulation.before === second ? [second, first] : operands;
    const isFirstHere = this.#places.has(first);
    const isSecondHere = this.#places.has(second);
    const exchanged = [second, first];
    if (isFirstHere !== isSecondHere) return isFirstHere ? operands : exchanged;
    if (!isFirstHere) return this.#deferred.has(first) && !this.#deferred.has(second) ? exchanged : operands;
    const overwrites = operation.tied === 0 && !this.#diesNow(first) && this.#diesNow(second);
    return overwrites ? exchanged : operands;
  }

  #diesNow(value: LaneValue): boolean {
    return !this.#isPinned(value) && (this.#passed[value.id] as number) + 1 >= this.#useCount(value);
  }

  #isPinned(value: LaneValue): boolean {
    const place = this.#places.get(value);
    return place !== undefined && this.#holders.get(place) !== value;
  }

  #nextUse(value: LaneValue): number {
    const passed = this.#passed[value.id] as number;
    if (passed >= this.#useCount(value)) return Number.POSITIVE_INFINITY;
    return this.#uses.positions[(this.#uses.start[value.id] as number) + passed] as number;
  }

  #useCount({ id }: LaneValue): number {
    const { start } = this.#uses;
    return (start[id + 1] as number) - (start[id] as number);
  }

  /** Gives back the registers of operands that die here, and finds one for the result, if there is a result. */
  #resultPlace(
    { operation, result }: LaneInstruction,
    operands: readonly LaneValue[],
    places: readonly Place[],
  ): Place {
    const dying = operands.filter(
      (operand) => this.#nextUse(operand) === Number.POSITIVE_INFINITY && !this.#isPinned(operand),
    );
    const accumulator = this.#program.accumulations.findIndex(({ after }) => after === result);
    if (result === undefined || accumulator >= 0) {
      for (const operand of dying) this.#release(operand);
      return result === undefined ? nowhere : accumulatorPlace + accumulator;
    }
    const tied = operation.tied < 0 ? undefined : operands[operation.tied];
    if (tied === undefined) {
      for (const operand of dying) this.#release(operand);
      return this.#bind(result, this.#take(operation.result as LaneClass, new Set(places)));
    }
    const tiedPlace = places[operation.tied] as Place;
    const isOverwritten = dying.includes(tied) && tiedPlace >= 0 && tiedPlace < firstSpill;
    if (isOverwritten) {
      for (const operand of dying) this.#release(operand);
      const free = this.#free[operation.result as LaneClass];
      free.splice(free.indexOf(tiedPlace), 1);
      return this.#bind(result, tiedPlace);
    }
    // The copy comes before the operation, so not even the register of a dying operand may be its target.
    const place = this.#take(operation.result as LaneClass, new Set(places));
    for (const operand of dying) this.#release(operand);
    return this.#bind(result, place);
  }

  #load(value: LaneValue, from: Place, protectedPlaces: Set<Place>): Place {
    const to = this.#take(value.class, protectedPlaces);
    this.#steps.push({ kind: 'move', value, from, to });
    protectedPlaces.add(to);
    return this.#bind(value, to);
  }

  #bind(value: LaneValue, place: Place): Place {
    this.#holders.set(place, value);
    this.#places.set(value, place);
    if (place < firstMask) this.#vectorEnd = Math.max(this.#vectorEnd, place + 1);
    else this.#maskEnd = Math.max(this.#maskEnd, place + 1);
    return place;
  }

  #release(value: LaneValue): void {
    const place = this.#places.get(value);
    const spill = this.#spills.get(value);
    if (spill !== undefined && this.#nextUse(value) === Number.POSITIVE_INFINITY) {
      this.#spills.delete(value);
      this.#dyingSpills.push(spill);
    }
    if (place === undefined || this.#holders.get(place) !== value) return;
    this.#places.delete(value);
    this.#holders.delete(place);
    this.#free[value.class].push(place);
  }

  #take(laneClass: LaneClass, protectedPlaces: ReadonlySet<Place>): Place {
    const free = this.#free[laneClass].pop();
    if (free !== undefined) return free;
    let victim: LaneValue | undefined;
    for (const [place, holder] of this.#holders) {
      if (holder.class !== laneClass || protectedPlaces.has(place)) continue;
      if (victim === undefined || this.#nextUse(holder) > this.#nextUse(victim)) victim = holder;
    }
    if (victim === undefined) throw new OutOfRegisters();
    this.#evict(victim);
    const place = this.#free[laneClass].pop();
    invariant(place !== undefined, 'eviction frees a register');
    return place;
  }

  #evict(value: LaneValue): void {
    const place = this.#places.get(value) as Place;
    if (this.#uses.defined[value.id] === 1 && !this.#spills.has(value)) {
      if (!this.#options.maySpill) throw new OutOfRegisters();
      const slot = this.#freeSpills.pop() ?? firstSpill + this.#spillSlots++;
      this.#spills.set(value, slot);
      this.#steps.push({ kind: 'move', value, from: place, to: slot });
    }
    this.#places.delete(value);
    this.#holders.delete(place);
    this.#free[value.class].push(place);
  }
}
