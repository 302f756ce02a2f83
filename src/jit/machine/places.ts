/**
 * Locations of one function as operands of the assembler, and moves between them.
 *
 * The stack frame, from the bottom: arguments for callees, spill slots of several lanes, spill slots of one; above it the return address, and above that
 * the function's own stack arguments.
 */
import { FrameSlot, frameOffset } from '../../native/frame.ts';
import { slots } from '../../support/element.ts';
import type { Label } from '../code/label.ts';
import type { Assembler } from '../x64/assembler.ts';
import { instructionOf } from '../x64/instruction.ts';
import { type Mem, ptr, qwordPtr } from '../x64/memory.ts';
import { type Gp32, type Gp64, gp32, gp64, rsp, type Xmm, xmm, type Ymm, ymm } from '../x64/register.ts';
import {
  firstGeneralLocation,
  isMemory,
  isVectorRegister,
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
});

const scratchBytes = new Uint8Array(64);
const scratchWords = new Int32Array(scratchBytes.buffer);
const scratchLane = scratchBytes.subarray(0, 8);
const scratchPair = scratchBytes.subarray(0, 16);

/** What decides where the memory of a function is. */
export interface FrameShape {
  /** Bytes from the stack pointer to the return address, saved registers left out. */
  readonly stackFrameSize: number;
  /** Words at the bottom of the stack frame for arguments of callees. */
  readonly outgoingWords: number;
  /** Spill slots of several lanes, which come next. */
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
        return size(rsp, (this.#shape.outgoingWords + this.#shape.wideSlots * this.#fn.lanes + index) * 8);
      case MemoryKind.WideSpill:
        return size(rsp, (this.#shape.outgoingWords + index * this.#fn.lanes) * 8);
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
    const label = code.constant(
      kind === ConstantKind.Wide
        ? scratchPair
        : kind === ConstantKind.Lanes
          ? scratchBytes.subarray(0, this.#fn.lanes * 8)
          : scratchLane,
    );
    this.#constantLabels[index] = label;
    return label;
  }

  /** The register of a place, all lanes of it. */
  lanes(location: number): Xmm | Ymm {
    return this.#fn.lanes > 2 ? (ymm[location] as Ymm) : (xmm[location] as Xmm);
  }

  lanesOperand(location: number): Xmm | Ymm | Mem {
    return isMemory(location) ? this.memory(location) : this.lanes(location);
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

  /** As {@link move}, if whole vectors are what is moved: between registers always, since either may hold any. */
  #moveLanes(destination: number, source: number): boolean {
    const a = this.#assembler;
    const hasVex = this.#hasVex;
    const unaligned = hasVex ? mnemonic.vmovups : mnemonic.movups;
    if (isVectorRegister(destination) && isVectorRegister(source)) {
      a.emit(hasVex ? mnemonic.vmovaps : mnemonic.movaps, this.lanes(destination), this.lanes(source));
    } else if (isVectorRegister(destination) && this.#isWhole(source)) {
      a.emit(unaligned, this.lanes(destination), this.memory(source));
    } else if (isVectorRegister(source) && this.#isWhole(destination)) {
      a.emit(unaligned, this.memory(destination), this.lanes(source));
    } else {
      return false;
    }
    return true;
  }

  /** Is it memory that holds all lanes? Zeros are better made than loaded. */
  #isWhole(location: number): boolean {
    if (!isMemory(location)) return false;
    const kind = memoryKindOf(location);
    if (kind !== MemoryKind.Constant)
      return kind === MemoryKind.WideSpill || kind === MemoryKind.WideIncoming;
    const index = memoryIndexOf(location);
    const { constantLow, constantHigh, constantKinds } = this.#fn;
    return (
      constantKinds[index] === ConstantKind.Lanes && (constantLow[index] !== 0 || constantHigh[index] !== 0)
    );
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

/** The low half of a general register. */
export function low32(location: number): Gp32 {
  return gp32[location - firstGeneralLocation] as Gp32;
}
