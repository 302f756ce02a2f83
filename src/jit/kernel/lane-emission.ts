/**
 * From allocated lane programs to instructions. The same steps serve all copies of an unrolled body, which differ in
 * displacements and accumulators only, and the rows that remain at the end.
 */
import { KernelFrameSlot } from '../../native/kernel-frame.ts';
import { elementAt, slots } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import type { Label } from '../code/label.ts';
import type { Assembler } from '../x64/assembler.ts';
import { instructionOf } from '../x64/instruction.ts';
import { type Mem, ptr, qwordBroadcast, qwordPtr, type Scale } from '../x64/memory.ts';
import type { Operand } from '../x64/mnemonics.ts';
import { type Gp64, gp32, type KMask, k, k0, rsp, type Vec, xmm } from '../x64/register.ts';
import { addressScratch, type KernelRegisters, valueScratch, valueScratch32 } from './kernel-registers.ts';
import { type ColumnType, elementSize, type OutputType } from './kernel-spec.ts';
import type { KernelStack } from './kernel-stack.ts';
import {
  accumulatorPlace,
  firstMask,
  firstSpill,
  firstTemporaryMask,
  home,
  type LaneAllocation,
  type LaneStep,
  type LaneTemporaries,
  type Place,
} from './lane-allocator.ts';
import {
  emitLoad,
  emitStore,
  laneCounts,
  type MakeMemory,
  type RowExtent,
  vectorRegister,
} from './lane-memory.ts';
import type { LaneFamily } from './lane-operations.ts';
import type { LaneInstruction, LaneValue } from './lane-program.ts';
import { reductionLanes } from './reductions.ts';

export interface LaneEmitterOptions {
  readonly family: LaneFamily;
  readonly registers: KernelRegisters;
  readonly columns: readonly ColumnType[];
  readonly outputs: readonly OutputType[];
  /** Registers that hold the addresses of columns and outputs; others are fetched each time. */
  readonly columnPointers: readonly (Gp64 | undefined)[];
  readonly outputPointers: readonly (Gp64 | undefined)[];
  readonly stack: KernelStack;
  /** Slots of the values that the prologue leaves on the stack. */
  readonly hoistedSlots: ReadonlyMap<LaneValue, number>;
  /** By reduction: the register of its accumulator in the first copy. */
  readonly accumulators: readonly Place[];
  /** Loads that became operands in memory. */
  readonly loads: ReadonlyMap<LaneValue, LaneInstruction>;
  /** Of kernels that call functions on lanes. */
  readonly rows: LaneRows | undefined;
}

/** Where functions on lanes find what they are passed, and leave what they give; offsets from `rsp` by number and copy. */
export interface LaneRows {
  readonly argument: (position: number, copy: number) => number;
  readonly result: (position: number, copy: number) => number;
}

/** Where in the rows of an iteration a copy of the body is. */
export interface LanePosition {
  readonly copy: number;
  readonly extent: RowExtent;
  /** Number among interleaved copies: which set of temporary registers it has. */
  readonly strand: number;
  readonly temporaries: LaneTemporaries | undefined;
  /** For `loadUpper`: how many lanes above those of `loadAccumulator` it reads. */
  readonly distance: number;
}

/** The first copy, alone. */
export function lonePosition(extent: RowExtent): LanePosition {
  return { copy: 0, extent, strand: 0, temporaries: undefined, distance: 0 };
}

const vex = {
  move: instructionOf('vmovaps'),
  moveUnaligned: instructionOf('vmovups'),
  moveLow: instructionOf('vmovsd'),
} as const;
const sse = {
  move: instructionOf('movaps'),
  moveUnaligned: instructionOf('movups'),
  moveLow: instructionOf('movsd'),
} as const;

const broadcastDouble = instructionOf('vbroadcastsd');

export class LaneEmitter {
  readonly assembler: Assembler;
  readonly family: LaneFamily;
  readonly lanes: number;
  readonly #options: LaneEmitterOptions;
  readonly #moves: typeof sse | typeof vex;

  constructor(assembler: Assembler, options: LaneEmitterOptions) {
    this.assembler = assembler;
    this.#options = options;
    this.family = options.family;
    this.lanes = laneCounts[options.family];
    this.#moves = options.family === 'sse' ? sse : vex;
  }

  emit(allocation: LaneAllocation, position: LanePosition): void {
    for (const step of allocation.steps) this.#step(step, position);
  }

  /** Several copies of the body, from `first` on, with their instructions in turn, and each with registers of its own. */
  emitInterleaved(allocation: LaneAllocation, first: number, count: number): void {
    for (const step of allocation.steps) {
      for (let strand = 0; strand < count; strand++) {
        this.#step(step, {
          copy: first + strand,
          extent: 'whole',
          strand,
          temporaries: allocation.temporaries,
          distance: 0,
        });
      }
    }
  }

  /** A value from its home to a register. */
  loadHome(value: LaneValue, to: Place, position: LanePosition = lonePosition('whole')): void {
    const a = this.assembler;
    const load = this.#options.loads.get(value);
    if (load !== undefined) {
      this.#load(load, to, position);
    } else if (to >= firstMask) {
      a.kmovw(maskRegister(to), this.#homeMemory(value));
    } else if (value.constant === 0n && to < 16) {
      const low = elementAt(xmm, to);
      if (this.family === 'sse') a.xorps(low, low);
      else a.vxorps(low, low, low);
    } else if (value.constant !== undefined && this.family === 'evex') {
      a.emit(broadcastDouble, this.#vector(to), ptr(a.code.int64(value.constant)));
    } else {
      a.emit(this.#moves.move, this.#vector(to), this.#homeMemory(value));
    }
  }

  /** A whole register to the stack. */
  store(from: Place, offset: number): void {
    this.assembler.emit(this.#moves.move, ptr(rsp, offset), this.#vector(from));
  }

  load(to: Place, offset: number): void {
    this.assembler.emit(this.#moves.move, this.#vector(to), ptr(rsp, offset));
  }

  /** A double in all lanes, or several that repeat. */
  constant(values: readonly number[]): Label {
    const doubles = new Float64Array(this.lanes);
    for (let lane = 0; lane < this.lanes; lane++) doubles[lane] = elementAt(values, lane % values.length);
    return this.assembler.code.constant(new Uint8Array(doubles.buffer));
  }

  /** Sets `to` to the number of the row of each lane. */
  startIndex(to: Place): void {
    const { row } = this.#options.registers;
    const numbers = this.constant(Array.from(slots(this.lanes), (_, lane) => lane));
    this.#broadcastInteger(to, row);
    this.#add(to, to, ptr(numbers));
  }

  advanceIndex(index: Place, rows: number): void {
    this.#add(index, index, ptr(this.constant([rows])));
  }

  #broadcastInteger(to: Place, source: Gp64 | Mem): void {
    const a = this.assembler;
    const low = elementAt(xmm, to);
    if (this.family === 'sse') {
      a.xorps(low, low);
      a.cvtsi2sd(low, source);
      a.unpcklpd(low, low);
      return;
    }
    // `vcvtsi2sd` keeps the upper half of its second operand: a register that is always at hand.
    if (to < 16) a.vxorps(low, low, low);
    a.vcvtsi2sd(low, low, source);
    a.emit(broadcastDouble, this.#vector(to), low);
  }

  #add(to: Place, from: Place, operand: Mem): void {
    const a = this.assembler;
    if (this.family === 'sse') {
      if (to !== from) a.movaps(elementAt(xmm, to), elementAt(xmm, from));
      a.addpd(elementAt(xmm, to), operand);
    } else {
      a.vaddpd(this.#vector(to), this.#vector(from), operand);
    }
  }

  #vector(place: Place): Vec {
    return vectorRegister(this.family, place);
  }

  /** The register that a copy has for what the allocation placed there; other places as they are. */
  #renamed(place: Place, { copy, strand, temporaries }: LanePosition): Place {
    if (place >= firstSpill || place < 0) return place;
    if (place >= accumulatorPlace) {
      return elementAt(this.#options.accumulators, place - accumulatorPlace) + copy;
    }
    if (strand === 0 || temporaries === undefined) return place;
    if (place < temporaries.vectors) return place + strand * temporaries.vectors;
    const mask = place - firstTemporaryMask;
    return mask >= 0 && mask < temporaries.masks ? place + strand * temporaries.masks : place;
  }

  #homeMemory(value: LaneValue): Mem {
    if (value.constant !== undefined) {
      return ptr(this.assembler.code.int64(value.constant, this.lanes));
    }
    const slot = this.#options.hoistedSlots.get(value);
    invariant(slot !== undefined, `v${value.id} has no home`);
    return ptr(rsp, this.#options.stack.hoisted(slot));
  }

  #spill(place: Place): Mem {
    return ptr(rsp, this.#options.stack.spill(place - firstSpill));
  }

  #step(step: LaneStep, position: LanePosition): void {
    if (step.kind === 'move') {
      const { value, from, to } = step;
      this.#move(value, this.#renamed(from, position), this.#renamed(to, position), position);
      return;
    }
    const operands = step.operands.map((place) => this.#renamed(place, position));
    this.#operation({ ...step, operands, result: this.#renamed(step.result, position) }, position);
  }

  #move(value: LaneValue, from: Place, to: Place, position: LanePosition): void {
    const a = this.assembler;
    if (from === home) {
      this.loadHome(value, to, position);
    } else if (value.class === 'mask') {
      if (to >= firstSpill) a.kmovw(this.#spill(to), maskRegister(from));
      else a.kmovw(maskRegister(to), from >= firstSpill ? this.#spill(from) : maskRegister(from));
    } else if (to >= firstSpill) {
      a.emit(this.#moves.move, this.#spill(to), this.#vector(from));
    } else {
      a.emit(this.#moves.move, this.#vector(to), from >= firstSpill ? this.#spill(from) : this.#vector(from));
    }
  }

  #operation(step: LaneStep & { kind: 'operation' }, position: LanePosition): void {
    const { instruction } = step;
    const { operation, operands: values, immediate } = instruction;
    const { resultWidth, operandWidth, tied, masking } = operation;
    const { result } = step;
    if (operation.instruction === undefined) {
      this.#memoryOperation(step, position);
      return;
    }
    if (tied >= 0) {
      const from = elementAt(step.operands, tied);
      if (from !== result) this.#move(elementAt(values, tied), from, result, position);
    }
    const operands: Operand[] = [];
    step.operands.forEach((place, index) => {
      const isMask = masking !== 'none' && index === step.operands.length - 1;
      if (index === tied || isMask) return;
      const value = elementAt(values, index);
      operands.push(this.#operand(value, place, operandWidth, operation.broadcasts, position));
    });
    if (immediate >= 0) operands.push(immediate);
    const a = this.assembler;
    if (masking !== 'none') {
      const mask = maskRegister(elementAt(step.operands, step.operands.length - 1));
      if (masking === 'zero') a.kz(mask);
      else a.k(mask);
    }
    const target =
      operation.result === 'mask' ? maskRegister(result) : vectorRegister(this.family, result, resultWidth);
    const [first, second, third] = operands;
    a.emit(operation.instruction, target, first, second, third);
  }

  #operand(
    value: LaneValue,
    place: Place,
    width: 'full' | 'half' | 'low',
    broadcasts: boolean,
    position: LanePosition,
  ): Operand {
    if (place >= firstSpill) return this.#spill(place);
    if (place !== home) {
      return value.class === 'mask' ? maskRegister(place) : vectorRegister(this.family, place, width);
    }
    const load = this.#options.loads.get(value);
    if (load !== undefined) {
      const type = elementAt(this.#options.columns, load.immediate);
      return this.#element(this.#columnAddress(load.immediate), elementSize(type), position)(ptr);
    }
    if (broadcasts && value.constant !== undefined) {
      return qwordBroadcast(this.assembler.code.int64(value.constant));
    }
    return this.#homeMemory(value);
  }

  // Memory

  #columnAddress(column: number): Gp64 {
    return this.#address(this.#options.columnPointers.at(column), KernelFrameSlot.Columns, column);
  }

  #address(pointer: Gp64 | undefined, slot: number, index: number): Gp64 {
    if (pointer !== undefined) return pointer;
    const a = this.assembler;
    a.mov(addressScratch, ptr(this.#options.registers.frame, slot * 8));
    a.mov(addressScratch, ptr(addressScratch, index * 8));
    return addressScratch;
  }

  #element(base: Gp64, size: Scale, { copy }: LanePosition): MakeMemory {
    const { row } = this.#options.registers;
    return (operand) => operand(base, row, size, copy * this.lanes * size);
  }

  #load({ immediate }: LaneInstruction, to: Place, position: LanePosition): void {
    const type = elementAt(this.#options.columns, immediate);
    const memory = this.#element(this.#columnAddress(immediate), elementSize(type), position);
    emitLoad(this.assembler, this.family, position.extent, type, to, memory);
  }

  #memoryOperation(step: LaneStep & { kind: 'operation' }, position: LanePosition): void {
    const a = this.assembler;
    const { instruction, result } = step;
    const { immediate, operation } = instruction;
    const { stack, outputs, outputPointers, registers, rows } = this.#options;
    const [source = 0] = step.operands;
    switch (operation.name) {
      case 'load':
      case 'extend':
        this.#load(instruction, result, position);
        return;
      case 'store': {
        const type = elementAt(outputs, immediate);
        const base = this.#address(outputPointers.at(immediate), KernelFrameSlot.Outputs, immediate);
        const memory = this.#element(base, elementSize(type), position);
        emitStore(a, this.family, position.extent, type, source, memory);
        return;
      }
      case 'mask':
        if (immediate === 1) a.kxnorw(maskRegister(result), k0, k0);
        else a.kxorw(maskRegister(result), k0, k0);
        return;
      case 'uniform':
        a.mov(valueScratch, ptr(registers.frame, KernelFrameSlot.Uniforms * 8));
        this.#broadcast(result, ptr(valueScratch, immediate * 8));
        return;
      case 'length':
        this.#broadcastInteger(result, qwordPtr(registers.frame, KernelFrameSlot.Length * 8));
        return;
      case 'index':
        if (position.copy === 0) a.emit(this.#moves.move, this.#vector(result), this.#vector(source));
        else this.#add(result, source, ptr(this.constant([position.copy * this.lanes])));
        return;
      case 'load accumulator':
        this.#accumulator(immediate, position, 0, (memory, isWhole) =>
          isWhole
            ? a.emit(this.#moves.moveUnaligned, this.#vector(result), memory)
            : a.emit(this.#moves.moveLow, elementAt(xmm, result), memory),
        );
        return;
      case 'load upper':
        this.#accumulator(immediate, position, position.distance, (memory) =>
          a.emit(this.#moves.moveUnaligned, this.#vector(result), memory),
        );
        return;
      case 'store accumulator':
        this.#accumulator(immediate, position, 0, (memory, isWhole) =>
          isWhole
            ? a.emit(this.#moves.moveUnaligned, memory, this.#vector(source))
            : a.emit(this.#moves.moveLow, memory, elementAt(xmm, source)),
        );
        return;
      case 'store invariant': {
        const memory = ptr(rsp, stack.hoisted(immediate));
        if (source >= firstMask) a.kmovw(memory, maskRegister(source));
        else a.emit(this.#moves.move, memory, this.#vector(source));
        return;
      }
      case 'load result':
        if (rows !== undefined && position.extent === 'whole') {
          this.load(result, rows.result(immediate, position.copy));
          return;
        }
        a.emit(this.#moves.moveLow, elementAt(xmm, result), ptr(rsp, stack.word(immediate)));
        return;
      case 'store argument':
        if (rows !== undefined && position.extent === 'whole') {
          this.store(source, rows.argument(immediate, position.copy));
          return;
        }
        a.emit(this.#moves.moveLow, ptr(rsp, stack.word(immediate)), elementAt(xmm, source));
        return;
      default:
        invariant(false, `no code for ${operation.name}`);
    }
  }

  /** The accumulators of a copy, or the one of the row; kernels that go by rows and vectors in turn count from the row. */
  #accumulator(
    reduction: number,
    { copy, extent, distance: ofTree }: LanePosition,
    distance: number,
    access: (memory: Mem, isWhole: boolean) => void,
  ): void {
    const { stack, registers, rows } = this.#options;
    const isWhole = extent === 'whole';
    // The tree at the end of a block always counts from the first.
    if (isWhole && (rows === undefined || ofTree > 0)) {
      access(ptr(rsp, stack.accumulator(reduction, copy * this.lanes + distance)), true);
      return;
    }
    const a = this.assembler;
    a.mov(valueScratch32, elementAt(gp32, registers.row.id));
    a.and(valueScratch32, reductionLanes - 1);
    const lane = isWhole ? copy * this.lanes + distance : 0;
    access(ptr(rsp, valueScratch, 8, stack.accumulator(reduction, lane)), isWhole);
  }

  #broadcast(to: Place, memory: Mem): void {
    const a = this.assembler;
    if (this.family === 'sse') {
      const register = elementAt(xmm, to);
      a.movsd(register, memory);
      a.unpcklpd(register, register);
    } else {
      a.emit(broadcastDouble, this.#vector(to), memory);
    }
  }
}

function maskRegister(place: Place): KMask {
  return elementAt(k, place - firstMask);
}
