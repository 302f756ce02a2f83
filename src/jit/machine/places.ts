/**
 * Locations of one function as operands of the assembler, and moves between them.
 *
 * The stack frame, from the bottom: arguments for callees, memory of the function's own, spill slots of several lanes, spill slots of
 * one; above it the return address, and above that the function's own stack arguments.
 */
import { FrameSlot, frameOffset } from '../../native/frame.ts';
import { elementAt, slots } from '../../support/element.ts';
import type { Label } from '../code/label.ts';
import type { Assembler } from '../x64/assembler.ts';
import { instructionOf } from '../x64/instruction.ts';
import { type Mem, ptr, qwordBroadcast, qwordPtr } from '../x64/memory.ts';
import {
  type Gp32,
  type Gp64,
  gp32,
  gp64,
  type KMask,
  k,
  rsp,
  type Vec,
  type Xmm,
  xmm,
  ymm,
  zmm,
} from '../x64/register.ts';
import {
  firstGeneralLocation,
  firstMaskLocation,
  isMaskRegister,
  isMemory,
  isVectorRegister,
  isWideMemory,
  MemoryKind,
  memoryIndexOf,
  memoryKindOf,
} from './location.ts';
import { ConstantKind, type MachineFunction } from './machine-function.ts';

const mnemonic = Object.freeze({
  mov: instructionOf('mov'),
  movaps: instructionOf('movaps'),
  movsd: instructionOf('movsd'),
  movq: instructionOf('movq'),
  xorps: instructionOf('xorps'),
  vmovaps: instructionOf('vmovaps'),
  movups: instructionOf('movups'),
  vmovups: instructionOf('vmovups'),
  vmovsd: instructionOf('vmovsd'),
  vmovq: instructionOf('vmovq'),
  vxorps: instructionOf('vxorps'),
  vxorpd: instructionOf('vxorpd'),
  kmovw: instructionOf('kmovw'),
  vbroadcastsd: instructionOf('vbroadcastsd'),
});

const scratchBytes = new Uint8Array(64);
const scratchWords = new Int32Array(scratchBytes.buffer);
const scratchDoubles = new Float64Array(scratchBytes.buffer);
const scratchLane = scratchBytes.subarray(0, 8);
const scratchPair = scratchBytes.subarray(0, 16);

/** What decides where the memory of a function is. */
export interface FrameShape {
  /** Bytes from the stack pointer to the return address, saved registers left out. */
  readonly stackFrameSize: number;
  /** Where spill slots begin, in words from the bottom. */
  readonly firstSlot: number;
  /** Spill slots of several lanes, which come first. */
  readonly wideSlots: number;
  /** Holds the address of the native frame. */
  readonly frame: Gp64;
}

export class Places {
  readonly #fn: MachineFunction;
  readonly #assembler: Assembler;
  readonly #shape: FrameShape;
  readonly #hasVex: boolean;
  /** By number of the constant. */
  readonly #constantLabels: (Label | undefined)[];

  constructor(fn: MachineFunction, assembler: Assembler, shape: FrameShape, hasVex: boolean) {
    this.#fn = fn;
    this.#assembler = assembler;
    this.#shape = shape;
    this.#hasVex = hasVex;
    this.#constantLabels = slots(fn.constantCount);
  }

  /** A location in memory; `size` is one of the functions that make memory operands. */
  memory(location: number, size: typeof ptr = ptr): Mem {
    const index = memoryIndexOf(location);
    switch (memoryKindOf(location)) {
      case MemoryKind.Spill:
        return size(rsp, (this.#shape.firstSlot + this.#shape.wideSlots * this.#fn.lanes + index) * 8);
      case MemoryKind.WideSpill:
        return size(rsp, (this.#shape.firstSlot + index * this.#fn.lanes) * 8);
      case MemoryKind.Constant:
        return size(this.#constant(index));
      case MemoryKind.FrameArgument:
        return size(this.#shape.frame, frameOffset(FrameSlot.Arguments + index));
      case MemoryKind.Incoming:
      case MemoryKind.WideIncoming:
        return size(rsp, this.#shape.stackFrameSize + 8 + index * 8);
      default:
        return size(rsp, index * 8);
    }
  }

  #constant(index: number): Label {
    const known = this.#constantLabels[index];
    if (known !== undefined) return known;
    const { constantLow, constantHigh, constantKinds } = this.#fn;
    const kind = constantKinds[index];
    const low = constantLow[index] as number;
    const high = constantHigh[index] as number;
    for (let lane = 0; lane < scratchWords.length; lane += 2) {
      scratchWords[lane] = low;
      scratchWords[lane + 1] = high;
    }
    const { code } = this.#assembler;
    if (kind === ConstantKind.Iota) {
      for (let lane = 0; lane < scratchDoubles.length; lane++) scratchDoubles[lane] = lane;
    }
    const label = code.constant(
      kind === ConstantKind.Wide
        ? scratchPair
        : kind === ConstantKind.Lanes || kind === ConstantKind.Iota
          ? scratchBytes.subarray(0, this.#fn.lanes * 8)
          : scratchLane,
    );
    this.#constantLabels[index] = label;
    return label;
  }

  /** How many lanes the vectors of the function have. */
  get lanes(): number {
    return this.#fn.lanes;
  }

  /** The register of a place, all lanes of it. */
  laneRegister(location: number): Vec {
    const { lanes } = this.#fn;
    return elementAt<Vec>(lanes > 4 ? zmm : lanes > 2 ? ymm : xmm, location);
  }

  /** Are vectors those of EVEX? */
  get isWide(): boolean {
    return this.#fn.hasMasks;
  }

  lanesOperand(location: number): Vec | Mem {
    return isMemory(location) ? this.memory(location) : this.laneRegister(location);
  }

  /** As {@link lanesOperand}, of an instruction that can repeat a lane of memory in all lanes. */
  broadcastOperand(location: number): Vec | Mem {
    return this.#isRepeated(location)
      ? qwordBroadcast(this.#lane(memoryIndexOf(location)))
      : this.lanesOperand(location);
  }

  #isRepeated(location: number): boolean {
    if (!isMemory(location) || memoryKindOf(location) !== MemoryKind.Constant) return false;
    return this.#fn.constantKinds[memoryIndexOf(location)] === ConstantKind.Lanes;
  }

  /** One lane of a constant of several. */
  #lane(index: number): Label {
    const high = this.#fn.constantHigh[index] as number;
    const low = this.#fn.constantLow[index] as number;
    return this.#assembler.code.int64((BigInt(high) << 32n) | BigInt(low >>> 0));
  }

  vectorOperand(location: number): Xmm | Mem {
    return isMemory(location) ? this.memory(location) : vector(location);
  }

  /** An operand of an instruction on general registers: constants that fit become immediates. */
  generalOperand(location: number): Gp64 | Mem | number {
    if (!isMemory(location)) return general(location);
    if (memoryKindOf(location) === MemoryKind.Constant) {
      const index = memoryIndexOf(location);
      const low = this.#fn.constantLow[index] as number;
      if (this.#fn.constantHigh[index] === low >> 31) return low;
    }
    return this.memory(location, qwordPtr);
  }

  /** Copies from one location to another, of which at most one is memory. Leaves the flags alone. */
  move(destination: number, source: number): void {
    if (destination === source) return;
    if (this.#fn.lanes > 1 && this.#moveLanes(destination, source)) return;
    const a = this.#assembler;
    const hasVex = this.#hasVex;
    if (isMaskRegister(destination) || isMaskRegister(source)) {
      a.emit(mnemonic.kmovw, this.#maskOperand(destination), this.#maskOperand(source));
      return;
    }
    if (isMemory(destination)) {
      const place = this.memory(destination);
      if (isVectorRegister(source)) a.emit(hasVex ? mnemonic.vmovsd : mnemonic.movsd, place, vector(source));
      else a.emit(mnemonic.mov, place, general(source));
      return;
    }
    if (isMemory(source)) {
      if (memoryKindOf(source) === MemoryKind.Constant)
        this.#loadConstant(destination, memoryIndexOf(source));
      else if (isVectorRegister(destination)) {
        a.emit(hasVex ? mnemonic.vmovsd : mnemonic.movsd, vector(destination), this.memory(source));
      } else a.emit(mnemonic.mov, general(destination), this.memory(source));
      return;
    }
    if (isVectorRegister(destination) && isVectorRegister(source)) {
      a.emit(hasVex ? mnemonic.vmovaps : mnemonic.movaps, vector(destination), vector(source));
    } else if (isVectorRegister(destination)) {
      a.emit(hasVex ? mnemonic.vmovq : mnemonic.movq, vector(destination), general(source));
    } else if (isVectorRegister(source)) {
      a.emit(hasVex ? mnemonic.vmovq : mnemonic.movq, general(destination), vector(source));
    } else {
      a.emit(mnemonic.mov, general(destination), general(source));
    }
  }

  /** A vector from the word of the stack that is so far from the stack pointer, and to it. */
  loadLanes(destination: number, word: number): void {
    const instruction = this.#hasVex ? mnemonic.vmovups : mnemonic.movups;
    this.#assembler.emit(instruction, this.laneRegister(destination), ptr(rsp, word * 8));
  }

  storeLanes(word: number, source: number): void {
    const instruction = this.#hasVex ? mnemonic.vmovups : mnemonic.movups;
    this.#assembler.emit(instruction, ptr(rsp, word * 8), this.laneRegister(source));
  }

  #maskOperand(location: number): KMask | Mem {
    return isMemory(location) ? this.memory(location) : mask(location);
  }

  /** As {@link move}, if whole vectors are what is moved: between registers always, since either may hold any. */
  #moveLanes(destination: number, source: number): boolean {
    const a = this.#assembler;
    const hasVex = this.#hasVex;
    const unaligned = hasVex ? mnemonic.vmovups : mnemonic.movups;
    if (isVectorRegister(destination) && isVectorRegister(source)) {
      a.emit(
        hasVex ? mnemonic.vmovaps : mnemonic.movaps,
        this.laneRegister(destination),
        this.laneRegister(source),
      );
    } else if (isVectorRegister(destination) && this.#fn.hasMasks && this.#isRepeated(source)) {
      const index = memoryIndexOf(source);
      if (this.#isZero(index))
        a.emit(
          mnemonic.vxorpd,
          this.laneRegister(destination),
          this.laneRegister(destination),
          this.laneRegister(destination),
        );
      else a.emit(mnemonic.vbroadcastsd, this.laneRegister(destination), ptr(this.#lane(index)));
    } else if (isVectorRegister(destination) && this.#isWhole(source)) {
      a.emit(unaligned, this.laneRegister(destination), this.memory(source));
    } else if (isVectorRegister(source) && this.#isWhole(destination)) {
      a.emit(unaligned, this.memory(destination), this.laneRegister(source));
    } else {
      return false;
    }
    return true;
  }

  /** Is it memory that holds all lanes? Zeros are better made than loaded. */
  #isWhole(location: number): boolean {
    if (!isMemory(location)) return false;
    if (memoryKindOf(location) !== MemoryKind.Constant) return isWideMemory(location);
    const index = memoryIndexOf(location);
    const constantKind = this.#fn.constantKinds[index];
    return (
      constantKind === ConstantKind.Iota || (constantKind === ConstantKind.Lanes && !this.#isZero(index))
    );
  }

  #isZero(index: number): boolean {
    return this.#fn.constantLow[index] === 0 && this.#fn.constantHigh[index] === 0;
  }

  #loadConstant(destination: number, index: number): void {
    const a = this.#assembler;
    const hasVex = this.#hasVex;
    const low = this.#fn.constantLow[index] as number;
    const high = this.#fn.constantHigh[index] as number;
    if (isVectorRegister(destination)) {
      const register = vector(destination);
      if (low === 0 && high === 0) {
        if (hasVex) a.emit(mnemonic.vxorps, register, register, register);
        else a.emit(mnemonic.xorps, register, register);
      } else if (this.#fn.constantKinds[index] === ConstantKind.Wide) {
        const place = ptr(this.#constant(index));
        a.emit(hasVex ? mnemonic.vmovaps : mnemonic.movaps, register, place);
      } else {
        a.emit(hasVex ? mnemonic.vmovsd : mnemonic.movsd, register, ptr(this.#constant(index)));
      }
      return;
    }
    // Not by `xor`: a copy must leave the flags alone.
    if (high === 0) {
      a.emit(mnemonic.mov, low32(destination), low >>> 0);
    } else if (high === low >> 31) {
      a.emit(mnemonic.mov, general(destination), low);
    } else {
      const value = (BigInt(high) << 32n) | BigInt(low >>> 0);
      a.movabs(general(destination), value);
    }
  }
}

export function vector(location: number): Xmm {
  return xmm[location] as Xmm;
}

export function general(location: number): Gp64 {
  return gp64[location - firstGeneralLocation] as Gp64;
}

/** A mask register. */
export function mask(location: number): KMask {
  return elementAt(k, location - firstMaskLocation);
}

/** The low half of a general register. */
export function low32(location: number): Gp32 {
  return gp32[location - firstGeneralLocation] as Gp32;
}
