/**
 * The register allocator's picture of one moment: which value is in which register, and where else values are.
 *
 * Values are defined once, so memory that holds one never gets stale. A value is stored when it first loses its
 * register, and not again where a block that stored it dominates. Constants and arguments that are born in memory
 * are never stored.
 */

import { withRoom } from '../../support/growable.ts';
import { invariant } from '../../support/invariant.ts';
import { lowestBit } from '../../support/lowest-bit.ts';
import { Allocation } from './allocation.ts';
import { Liveness } from './liveness.ts';
import {
  firstGeneralLocation,
  firstMemoryLocation,
  MemoryKind,
  memoryKindOf,
  memoryLocation,
  noLocation,
} from './location.ts';
import { MachineFunction } from './machine-function.ts';
import { MachineOp, RegisterClass } from './operations.ts';
import { everyRegister, type RegisterSets } from './register-sets.ts';
import { SpillSlots } from './spill-slots.ts';

export class RegisterState {
  fn = new MachineFunction();
  readonly liveness = new Liveness();
  readonly out = new Allocation();
  readonly #slots = new SpillSlots();
  readonly #wideSlots = new SpillSlots();

  /** Where the allocator stands: block, and position of the instruction. */
  block = 0;
  position = 0;

  /** By register: the vreg in it, or -1. */
  readonly holders = new Int32Array(firstMemoryLocation).fill(-1);
  /** By class: bit sets, by number in the class, of registers without a holder and of those in use by the instruction. */
  readonly free = new Int32Array(3);
  readonly pinned = new Int32Array(3);
  /** By class: registers that any value has had. */
  readonly used = new Int32Array(3);
  readonly #allocatable = new Int32Array(3);
  /** Vector registers for values of one lane: where not all encodings name all registers, those that all do. */
  #narrow = 0;

  /** By vreg: its register, or -1. */
  registers = new Int32Array(256);
  /** By vreg: its place in memory, or -1. */
  homes = new Int32Array(256);
  /** By vreg: position of its next use, 0 if there is none. */
  next = new Int32Array(256);
  /** By vreg: a block in which it was stored, or -1. */
  #storedIn = new Int32Array(256);

  /** `vectors`, `general` and `masks` are the registers that values may have, as bit sets. */
  reset(fn: MachineFunction, vectors: number, general: number, masks: number): void {
    this.fn = fn;
    this.clear();
    this.used.fill(0);
    this.#slots.reset();
    this.#wideSlots.reset();
    this.out.reset(fn.vregCount, fn.blockCount);
    this.#allocatable[RegisterClass.Vector] = vectors;
    this.#allocatable[RegisterClass.General] = general;
    this.#allocatable[RegisterClass.Mask] = masks;
    this.#narrow = vectors & 0xffff;
    this.registers = withRoom(this.registers, fn.vregCount);
    this.homes = withRoom(this.homes, fn.vregCount);
    this.next = withRoom(this.next, fn.vregCount);
    this.#storedIn = withRoom(this.#storedIn, fn.vregCount);
    for (let vreg = 0; vreg < fn.vregCount; vreg++) {
      this.registers[vreg] = -1;
      this.#storedIn[vreg] = -1;
      this.homes[vreg] = fn.homes[vreg] as number;
      this.next[vreg] = this.liveness.firstUse[vreg] as number;
    }
    this.free[RegisterClass.Vector] = vectors;
    this.free[RegisterClass.General] = general;
    this.free[RegisterClass.Mask] = masks;
  }

  get slotCount(): number {
    return this.#slots.count;
  }

  get wideSlotCount(): number {
    return this.#wideSlots.count;
  }

  /** Forgets all registers' holders. */
  clear(): void {
    this.forget(everyRegister);
  }

  /** Forgets the holders of registers that something overwrites. */
  forget({ vectors, general, masks }: RegisterSets): void {
    this.#forgetClass(RegisterClass.Vector, vectors);
    this.#forgetClass(RegisterClass.General, general);
    if (this.#allocatable[RegisterClass.Mask] !== 0) this.#forgetClass(RegisterClass.Mask, masks);
  }

  #forgetClass(registerClass: number, lost: number): void {
    const { holders, registers } = this;
    const base = registerClass * firstGeneralLocation;
    for (let set = this.occupied(registerClass) & lost; set !== 0; set &= set - 1) {
      const location = base + lowestBit(set);
      const vreg = holders[location] as number;
      if (vreg < 0) continue;
      registers[vreg] = -1;
      holders[location] = -1;
    }
    const vacated = (this.#allocatable[registerClass] as number) & lost;
    this.free[registerClass] = (this.free[registerClass] as number) | vacated;
  }

  /** The registers of a class that are not free, as a bit set. */
  occupied(registerClass: number): number {
    return (this.#allocatable[registerClass] as number) & ~(this.free[registerClass] as number);
  }

  /** The register of a value, or else its place in memory. */
  locationOf(vreg: number): number {
    const register = this.registers[vreg] as number;
    return register >= 0 ? register : (this.homes[vreg] as number);
  }

  bind(vreg: number, location: number): void {
    this.registers[vreg] = location;
    this.holders[location] = vreg;
    this.occupy(location);
  }

  unbind(vreg: number): void {
    const location = this.registers[vreg] as number;
    this.registers[vreg] = -1;
    this.holders[location] = -1;
    this.vacate(location);
  }

  /** Takes a register out of the free ones, with or without a holder. */
  occupy(location: number): void {
    const registerClass = location >> 5;
    const bit = 1 << (location & 31);
    this.free[registerClass] = (this.free[registerClass] as number) & ~bit;
    this.used[registerClass] = (this.used[registerClass] as number) | bit;
  }

  vacate(location: number): void {
    const registerClass = location >> 5;
    const bit = 1 << (location & 31);
    this.free[registerClass] =
      (this.free[registerClass] as number) | (bit & (this.#allocatable[registerClass] as number));
  }

  /** Keeps a register from being taken during the current instruction. */
  pin(location: number): void {
    const registerClass = location >> 5;
    this.pinned[registerClass] = (this.pinned[registerClass] as number) | (1 << (location & 31));
  }

  isFree(location: number): boolean {
    return ((this.free[location >> 5] as number) & (1 << (location & 31))) !== 0;
  }

  get hasMasks(): boolean {
    return this.#allocatable[RegisterClass.Mask] !== 0;
  }

  /** How many registers of the class values may have. */
  capacity(registerClass: number): number {
    let count = 0;
    for (let set = this.#allocatable[registerClass] as number; set !== 0; set &= set - 1) count++;
    return count;
  }

  /** May the value have the register? */
  isAllocatable(vreg: number, location: number): boolean {
    return (this.#allowed(vreg) & (1 << (location & 31))) !== 0;
  }

  /** Registers that the value may have, as a bit set. */
  #allowed(vreg: number): number {
    const registerClass = this.fn.classes[vreg] as number;
    return registerClass === RegisterClass.Vector && !this.fn.hasLanes(vreg)
      ? this.#narrow
      : (this.#allocatable[registerClass] as number);
  }

  /** A register for the value: the wished one if it is free, else any free one, else one taken from another value. */
  take(vreg: number, wish: number): number {
    const registerClass = this.fn.classes[vreg] as number;
    const allowed = this.#allowed(vreg);
    const free = (this.free[registerClass] as number) & allowed;
    if (free === 0) return this.#takeFromFarthest(registerClass, allowed);
    const hasWish = wish >= 0 && wish >> 5 === registerClass && (free & (1 << (wish & 31))) !== 0;
    const number = hasWish ? wish & 31 : lowestBit(free);
    // Also what nobody reads is written somewhere.
    this.used[registerClass] = (this.used[registerClass] as number) | (1 << number);
    return registerClass * firstGeneralLocation + number;
  }

  /** The register that the hint of `vreg` stands for at this moment, or -1. */
  wishOf(vreg: number): number {
    const hint = this.liveness.hints[vreg] as number;
    if (hint >= -1) return hint;
    // The other value is a block parameter: it has a place once an edge to its block has been seen.
    return this.out.parameterLocations[-2 - hint] as number;
  }

  #takeFromFarthest(registerClass: number, allowed: number): number {
    const base = registerClass * firstGeneralLocation;
    let candidates = allowed & ~(this.pinned[registerClass] as number);
    let farthest = -1;
    let distance = -1;
    while (candidates !== 0) {
      const number = lowestBit(candidates);
      candidates &= candidates - 1;
      const holder = this.holders[base + number] as number;
      if (holder < 0) continue;
      const next = this.next[holder] as number;
      // Of two that are needed equally late, the one that need not be stored.
      const rank = next * 2 + (this.isInMemory(holder) ? 1 : 0);
      if (rank > distance) {
        distance = rank;
        farthest = base + number;
      }
    }
    invariant(farthest >= 0, 'an instruction needs more registers than there are');
    const evicted = this.holders[farthest] as number;
    this.save(evicted);
    this.unbind(evicted);
    return farthest;
  }

  /** Does memory hold the value here, whichever way control came? */
  isInMemory(vreg: number): boolean {
    const home = this.homes[vreg] as number;
    if (home === noLocation) return false;
    const kind = memoryKindOf(home);
    if (kind !== MemoryKind.Spill && kind !== MemoryKind.WideSpill) return true;
    const storedIn = this.#storedIn[vreg] as number;
    return storedIn >= 0 && this.fn.dominates(storedIn, this.block);
  }

  /** Makes sure that memory holds a value that is in a register. */
  save(vreg: number): void {
    if (this.isInMemory(vreg)) return;
    if (this.homes[vreg] === noLocation) this.giveSlot(vreg);
    this.#storedIn[vreg] = this.block;
    this.move(this.homes[vreg] as number, this.registers[vreg] as number);
  }

  /** Stores a value that was just defined if it is resident: then memory holds it wherever it is used. */
  saveResident(vreg: number): void {
    const { hasResidents, isResident } = this.liveness;
    if (hasResidents && isResident[vreg] === 1) this.save(vreg);
  }

  /** A spill slot as the home of a value from here on. */
  giveSlot(vreg: number): void {
    const last = this.liveness.lastPosition[vreg] as number;
    this.homes[vreg] = this.fn.hasLanes(vreg)
      ? memoryLocation(MemoryKind.WideSpill, this.#wideSlots.take(this.position, last))
      : memoryLocation(MemoryKind.Spill, this.#slots.take(this.position, last));
  }

  /** Notes that memory holds the value from the start of `block`: as a block parameter, or by moves on all its edges. */
  isStoredAt(vreg: number, block: number): void {
    this.#storedIn[vreg] = block;
  }

  move(destination: number, source: number): void {
    this.out.append(-1, MachineOp.Move, destination, source, -1, -1);
  }
}
