/**
 * Emission: allocated machine code of one function to bytes.
 *
 * Functions that call nothing keep no alignment of the stack. A frame body, which is entered with the native
 * frame's address instead of arguments, addresses the native frame by the register it came in as long as it calls
 * nothing, else by `rbx`, which it saves. Places of values are the business of `places.ts`, jumps of `block-jumps.ts`.
 */
import type { Address } from '../../native/address.ts';
import { FrameSlot, frameOffset, Trap } from '../../native/frame.ts';
import { alignUp } from '../../support/alignment.ts';
import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import type { CodeHolder } from '../code/code-holder.ts';
import type { Label } from '../code/label.ts';
import type { Assembler } from '../x64/assembler.ts';
import { instructionOf } from '../x64/instruction.ts';
import { dwordPtr, ptr, qwordPtr } from '../x64/memory.ts';
import { cl, type Gp64, gp8, gp32, gp64, rsp } from '../x64/register.ts';
import { AllocatedWord, type Allocation, allocatedWords } from './allocation.ts';
import { BlockJumps } from './block-jumps.ts';
import { type Convention, frameRegister, fuelRegister, generalScratch } from './convention.ts';
import {
  arithmetic,
  fusedMultiplyAdd,
  setters,
  shifts,
  type VectorEncoding,
  vectorEncodings,
} from './encodings.ts';
import { laneAlignment } from './lane-frame.ts';
import { firstGeneralLocation, isMemory, isVectorRegister } from './location.ts';
import { instructionWords, type MachineFunction, Word } from './machine-function.ts';
import { MachineOp, type Operation, operations } from './operations.ts';
import { isPacked, PackedEmission } from './packed-emission.ts';
import { general, low32, Places, vector } from './places.ts';

export interface EmissionOptions {
  readonly convention: Convention;
  readonly hasVex: boolean;
  readonly isFrameBody: boolean;
  /** Number of the function in its module, for trap reports. */
  readonly functionIndex: number;
  /** Bytes of stack that the function must find left, besides what every thread keeps in reserve; -1: no check. */
  readonly stackCheck: number;
  /** Units of fuel that the function spends at its entry. */
  readonly entryFuel: number;
  /** Does compiled code keep its fuel in a register, which host calls must see in the native frame? */
  readonly usesFuel: boolean;
  readonly functionLabel: (index: number) => Label;
  /** The routine of `refuel.ts`. */
  readonly refuel: () => Label;
  /** Of a function on lanes: the word above its return address from which on its results stand. */
  readonly laneResults: number;
  readonly mathAddress: (index: number) => Address;
  /** Names for listings. */
  readonly mathName: (index: number) => string;
  readonly hostName: (index: number) => string;
}

const pageSize = 4096;

const mnemonic = Object.freeze({
  movsd: instructionOf('movsd'),
  movq: instructionOf('movq'),
  movd: instructionOf('movd'),
  ucomisd: instructionOf('ucomisd'),
  vmovsd: instructionOf('vmovsd'),
  vmovq: instructionOf('vmovq'),
  vmovd: instructionOf('vmovd'),
  vucomisd: instructionOf('vucomisd'),
  cmp: instructionOf('cmp'),
});

/** Emits `allocation`, which belongs to `fn`, at the end of the assembler's code. */
export function emit(
  fn: MachineFunction,
  allocation: Allocation,
  assembler: Assembler,
  options: EmissionOptions,
): void {
  new Emitter(fn, allocation, assembler, options).run();
}

/** Bytes of the stack frame below the return address, saved registers left out. */
export function stackFrameSize(allocation: Allocation, isFrameBody: boolean, lanes = 1): number {
  const size = (allocation.outgoingWords + allocation.wideSlotCount * lanes + allocation.slotCount) * 8;
  // Callers align what is above the return address, see `lane-frame.ts`, so slots can be aligned too.
  if (lanes > 1) return size === 0 ? 0 : alignUp(size + 8, laneAlignment) - 8;
  if (!allocation.hasCalls) return size;
  // At its entry a function finds the stack 8 bytes off the alignment of 16; a frame body then saves one register.
  return isFrameBody ? (size + 15) & -16 : ((size + 7) & -16) + 8;
}

class Emitter {
  readonly #fn: MachineFunction;
  readonly #allocation: Allocation;
  readonly #assembler: Assembler;
  readonly #code: CodeHolder;
  readonly #options: EmissionOptions;
  readonly #frameSize: number;
  /** Holds the address of the native frame. */
  readonly #frame: Gp64;
  readonly #places: Places;
  /** Of functions that have lanes. */
  readonly #packed: PackedEmission | undefined;
  readonly #jumps: BlockJumps;
  /** Places that ran out of fuel, and where they go on. */
  readonly #dry: { readonly label: Label; readonly back: Label }[] = [];
  /** That of the instruction that is being emitted. */
  #block = 0;
  #stackTrap: Label | undefined;
  #unwind: Label | undefined;

  constructor(fn: MachineFunction, allocation: Allocation, assembler: Assembler, options: EmissionOptions) {
    this.#fn = fn;
    this.#allocation = allocation;
    this.#assembler = assembler;
    this.#code = assembler.code;
    this.#options = options;
    this.#frameSize = stackFrameSize(allocation, options.isFrameBody, fn.lanes);
    const keepsArgument = options.isFrameBody && !allocation.hasCalls;
    const { generalArguments } = options.convention;
    this.#frame = elementAt(gp64, keepsArgument ? elementAt(generalArguments, 0) : frameRegister);
    this.#places = new Places(
      fn,
      assembler,
      {
        stackFrameSize: this.#frameSize,
        outgoingWords: allocation.outgoingWords,
        wideSlots: allocation.wideSlotCount,
        frame: this.#frame,
      },
      options.hasVex,
    );
    const resultOffset = (number: number): number =>
      this.#frameSize + 8 + (options.laneResults + number * fn.lanes) * 8;
    this.#packed =
      fn.lanes > 1 ? new PackedEmission(assembler, this.#places, options.hasVex, resultOffset) : undefined;
    this.#jumps = new BlockJumps(allocation, assembler, fn.blockCount);
  }

  run(): void {
    const { blockCount } = this.#fn;
    this.#prologue();
    for (let block = 0; block < blockCount; block++) {
      const first = this.#allocation.blockStart[block] as number;
      const end = this.#allocation.blockStart[block + 1] as number;
      if (block > 0) {
        if (this.#jumps.isForwarder(block)) continue;
        this.#assembler.bind(this.#jumps.label(block));
      }
      for (let i = first; i < end; i++) {
        this.#jumps.current = i;
        this.#block = block;
        this.#instruction(i * allocatedWords, block);
      }
    }
    this.#refuels();
    this.#traps();
  }

  // Entry and exit

  #prologue(): void {
    const a = this.#assembler;
    const { isFrameBody, stackCheck, entryFuel, convention } = this.#options;
    if (isFrameBody && this.#allocation.hasCalls) {
      a.push(this.#frame);
      a.mov(this.#frame, elementAt(gp64, elementAt(convention.generalArguments, 0)));
    }
    if (stackCheck >= 0) {
      const limit = ptr(this.#frame, frameOffset(FrameSlot.StackLimit));
      this.#stackTrap = this.#code.newLabel();
      if (stackCheck === 0) {
        a.cmp(rsp, limit);
      } else {
        const lowest = elementAt(gp64, generalScratch);
        a.lea(lowest, ptr(rsp, -stackCheck));
        a.cmp(lowest, limit);
      }
      a.jb(this.#stackTrap);
    }
    // Behind the check, so that there is stack to ask for more.
    if (entryFuel > 0) this.#spendFuel(entryFuel);
    if (this.#frameSize === 0) return;
    if (convention.probesStack) {
      for (let touched = pageSize; touched < this.#frameSize; touched += pageSize) {
        a.test(dwordPtr(rsp, -touched), elementAt(gp32, generalScratch));
      }
    }
    a.sub(rsp, this.#frameSize);
  }

  #return(place: number): void {
    const a = this.#assembler;
    const { isFrameBody, hasVex } = this.#options;
    if (isFrameBody) {
      const result = ptr(this.#frame, frameOffset(FrameSlot.Result));
      a.emit(hasVex ? mnemonic.vmovsd : mnemonic.movsd, result, vector(place));
    }
    if (this.#frameSize > 0) a.add(rsp, this.#frameSize);
    if (isFrameBody && this.#allocation.hasCalls) a.pop(this.#frame);
    a.ret();
  }

  #spendFuel(units: number): void {
    const [label, back] = [this.#code.newLabel(), this.#code.newLabel()];
    this.#assembler.sub(elementAt(gp64, fuelRegister), units);
    this.#assembler.jl(label);
    this.#assembler.bind(back);
    this.#dry.push({ label, back });
  }

  /** Says who asks for more fuel, and asks. */
  #refuels(): void {
    if (this.#dry.length === 0) return;
    const a = this.#assembler;
    const ask = this.#code.newLabel();
    for (const { label, back } of this.#dry) {
      a.bind(label);
      a.call(ask);
      a.jmp(back);
    }
    a.bind(ask);
    a.mov(dwordPtr(this.#frame, frameOffset(FrameSlot.HostCall) + 4), this.#options.functionIndex);
    a.jmp(this.#options.refuel());
  }

  /** Traps leave by the return address of the frame entry's call, from whatever depth. */
  #traps(): void {
    const a = this.#assembler;
    if (this.#stackTrap !== undefined) {
      const trap = frameOffset(FrameSlot.Trap);
      this.#unwind ??= this.#code.newLabel();
      a.bind(this.#stackTrap);
      a.mov(dwordPtr(this.#frame, trap), Trap.Stack);
      a.mov(dwordPtr(this.#frame, trap + 4), this.#options.functionIndex);
    }
    if (this.#unwind === undefined) return;
    a.bind(this.#unwind);
    a.mov(rsp, ptr(this.#frame, frameOffset(FrameSlot.UnwindStack)));
    a.ret();
  }

  // Instructions

  #instruction(at: number, block: number): void {
    const { code } = this.#allocation;
    const operation = code[at + AllocatedWord.Operation] as number;
    const result = code[at + AllocatedWord.Result] as number;
    const first = code[at + AllocatedWord.A] as number;
    const second = code[at + AllocatedWord.B] as number;
    const third = code[at + AllocatedWord.C] as number;
    if (operation === MachineOp.Move) {
      this.#places.move(result, first);
      return;
    }
    const encoding = vectorEncodings[operation];
    if (this.#packed !== undefined && this.#lanes(at, operation, this.#packed)) return;
    if (encoding !== undefined) {
      if (second < 0) this.#unaryVector(operation, result, first);
      else this.#binaryVector(operation, result, first, second);
      return;
    }
    const a = this.#assembler;
    const { kind } = operations[operation] as Operation;
    if (kind === 'branch') {
      this.#compare(operation, first, second);
      const source = (code[at + AllocatedWord.Source] as number) * instructionWords;
      this.#jumps.branch(block, operation, third, this.#fn.code[source + Word.NextC] as number);
      return;
    }
    const isVex = this.#options.hasVex;
    switch (operation) {
      case MachineOp.Jump:
        this.#jumps.jump(block, third);
        return;
      case MachineOp.Return:
        this.#return(first);
        return;
      case MachineOp.CallMath:
        a.callAddress(this.#options.mathAddress(third), this.#options.mathName(third));
        return;
      case MachineOp.CallFunction:
        a.call(this.#options.functionLabel(third));
        return;
      case MachineOp.CallHost:
        this.#callHost(code[at + AllocatedWord.Source] as number, third);
        return;
      case MachineOp.Fuel:
        this.#spendFuel(third);
        return;
      case MachineOp.FDemote:
        this.#demote(result, first);
        return;
      case MachineOp.Fma:
        this.#fma(result, first, second, third);
        return;
      case MachineOp.Blend:
        a.vblendvpd(vector(result), vector(first), this.#places.vectorOperand(second), vector(third));
        return;
      case MachineOp.MaskToBool: {
        const bool = elementAt(gp32, result - firstGeneralLocation);
        a.emit(isVex ? mnemonic.vmovd : mnemonic.movd, bool, vector(first));
        a.and(bool, 1);
        return;
      }
      case MachineOp.FloatToInt: {
        const source = isMemory(first) ? this.#places.memory(first, qwordPtr) : vector(first);
        if (isVex) a.vcvttsd2si(general(result), source);
        else a.cvttsd2si(general(result), source);
        return;
      }
      case MachineOp.IntToFloat:
        // The conversion leaves the rest of the register as it was: cleared, it does not wait for an older value.
        if (isVex) {
          a.vxorps(vector(result), vector(result), vector(result));
          a.vcvtsi2sd(vector(result), vector(result), general(first));
        } else {
          a.xorps(vector(result), vector(result));
          a.cvtsi2sd(vector(result), general(first));
        }
        return;
      case MachineOp.GeneralToVector:
        a.emit(isVex ? mnemonic.vmovq : mnemonic.movq, vector(result), general(first));
        return;
      case MachineOp.INeg:
        this.#places.move(result, first);
        a.neg(general(result));
        return;
      case MachineOp.SignExtend32:
        a.movsxd(general(result), isMemory(first) ? this.#places.memory(first, dwordPtr) : low32(first));
        return;
      case MachineOp.Clz32:
        // One more than the highest set bit of x is the highest set bit of 2x + 1, which is never zero.
        a.mov(low32(result), low32(first));
        a.lea(general(result), ptr(undefined, general(result), 2, 1));
        a.bsr(general(result), general(result));
        a.neg(general(result));
        a.add(general(result), 32);
        return;
      case MachineOp.Choose:
        a.test(low32(third), low32(third));
        this.#places.move(result, first);
        a.cmovne(general(result), isMemory(second) ? this.#places.memory(second, qwordPtr) : general(second));
        return;
      default:
        this.#general(operation, result, first, second, third);
    }
  }

  /** Emits an instruction on lanes; says whether it is one. */
  #lanes(at: number, operation: number, packed: PackedEmission): boolean {
    const { code } = this.#allocation;
    const source = (code[at + AllocatedWord.Source] as number) * instructionWords;
    const defined = this.#fn.code[source + Word.Result] as number;
    const shaped = defined >= 0 ? defined : (this.#fn.code[source + Word.A] as number);
    if (!isPacked(operation, this.#fn.hasLanes(shaped))) return false;
    const first = code[at + AllocatedWord.A] as number;
    const third = code[at + AllocatedWord.C] as number;
    if (operation === MachineOp.BranchAny) {
      packed.testAny(first);
      this.#jumps.branch(this.#block, operation, third, this.#fn.code[source + Word.NextC] as number);
    } else {
      const result = code[at + AllocatedWord.Result] as number;
      packed.emit(operation, result, first, code[at + AllocatedWord.B] as number, third);
    }
    return true;
  }

  #general(operation: number, result: number, first: number, second: number, third: number): void {
    const a = this.#assembler;
    const shift = shifts.get(operation);
    if (shift !== undefined) {
      // A copy of 32 bits even onto itself: it clears the upper half whatever the count.
      if (result !== first || operation === MachineOp.Shr32 || operation === MachineOp.Shr32By) {
        a.mov(low32(result), low32(first));
      }
      a.emit(shift, low32(result), second < 0 ? third : cl);
      return;
    }
    const setter = setters.get(operation);
    if (setter !== undefined) {
      a.emit(mnemonic.cmp, general(first), this.#places.generalOperand(second));
      a.emit(setter, elementAt(gp8, result - firstGeneralLocation));
      a.movzx(low32(result), elementAt(gp8, result - firstGeneralLocation));
      return;
    }
    const instruction = arithmetic.get(operation);
    invariant(instruction !== undefined, `no encoding for operation ${operation}`);
    if (result === second && result !== first) {
      a.emit(instruction, general(result), general(first));
      return;
    }
    const operand = this.#places.generalOperand(second);
    if (operation === MachineOp.IMul && typeof operand === 'number') {
      a.imul(general(result), general(first), operand);
      return;
    }
    this.#places.move(result, first);
    a.emit(instruction, general(result), operand);
  }

  #compare(operation: number, first: number, second: number): void {
    const a = this.#assembler;
    if (operation === MachineOp.BranchBool) {
      a.test(low32(first), low32(first));
    } else if (isVectorRegister(first)) {
      const instruction = this.#options.hasVex ? mnemonic.vucomisd : mnemonic.ucomisd;
      a.emit(instruction, vector(first), this.#places.vectorOperand(second));
    } else {
      a.emit(mnemonic.cmp, general(first), this.#places.generalOperand(second));
    }
  }

  #unaryVector(operation: number, result: number, first: number): void {
    const { sse, vex, immediate } = elementAt(vectorEncodings, operation) as VectorEncoding;
    const immediateOperand = immediate < 0 ? undefined : immediate;
    const destination = vector(result);
    if (this.#options.hasVex) {
      this.#assembler.emit(vex, destination, vector(first), vector(first), immediateOperand);
      return;
    }
    this.#places.move(result, first);
    this.#assembler.emit(sse, destination, destination, immediateOperand);
  }

  #binaryVector(operation: number, result: number, first: number, second: number): void {
    const { sse, vex, immediate } = elementAt(vectorEncodings, operation) as VectorEncoding;
    const immediateOperand = immediate < 0 ? undefined : immediate;
    const destination = vector(result);
    const operand = this.#places.vectorOperand(second);
    if (this.#options.hasVex) {
      this.#assembler.emit(vex, destination, vector(first), operand, immediateOperand);
      return;
    }
    if (result === second && result !== first) {
      this.#assembler.emit(sse, destination, vector(first), immediateOperand);
      return;
    }
    this.#places.move(result, first);
    this.#assembler.emit(sse, destination, operand, immediateOperand);
  }

  #demote(result: number, first: number): void {
    const a = this.#assembler;
    const destination = vector(result);
    if (this.#options.hasVex) {
      a.vcvtsd2ss(destination, vector(first), vector(first));
      a.vcvtss2sd(destination, destination, destination);
      return;
    }
    this.#places.move(result, first);
    a.cvtsd2ss(destination, destination);
    a.cvtss2sd(destination, destination);
  }

  /** Picks the form that overwrites what the result's register held; at most one of the operands is memory. */
  #fma(result: number, first: number, second: number, addend: number): void {
    const a = this.#assembler;
    const { form132, form213, form231 } = fusedMultiplyAdd;
    const destination = vector(result);
    if (result === addend) {
      a.emit(form231, destination, vector(first), this.#places.vectorOperand(second));
      return;
    }
    if (result === second) {
      a.emit(form213, destination, vector(first), this.#places.vectorOperand(addend));
      return;
    }
    this.#places.move(result, first);
    if (isMemory(second)) a.emit(form132, destination, vector(addend), this.#places.memory(second));
    else a.emit(form213, destination, vector(second), this.#places.vectorOperand(addend));
  }

  #callHost(source: number, host: number): void {
    const a = this.#assembler;
    const frame = this.#frame;
    const { convention, usesFuel } = this.#options;
    const fuel = elementAt(gp64, fuelRegister);
    const fuelSlot = ptr(frame, frameOffset(FrameSlot.Fuel));
    const count = this.#fn.code[source * instructionWords + Word.B] as number;
    a.mov(dwordPtr(frame, frameOffset(FrameSlot.HostCall)), host);
    a.mov(dwordPtr(frame, frameOffset(FrameSlot.HostCall) + 4), count);
    if (usesFuel) a.mov(fuelSlot, fuel);
    const context = elementAt(gp64, elementAt(convention.generalArguments, 0));
    a.mov(context, ptr(frame, frameOffset(FrameSlot.HostCallContext)));
    a.callThrough(
      qwordPtr(frame, frameOffset(FrameSlot.HostCallEntry)),
      'host',
      this.#options.hostName(host),
    );
    if (usesFuel) a.mov(fuel, fuelSlot);
    this.#unwind ??= this.#code.newLabel();
    a.cmp(dwordPtr(frame, frameOffset(FrameSlot.Trap)), 0);
    a.jne(this.#unwind);
    const result = ptr(frame, frameOffset(FrameSlot.Result));
    a.emit(this.#options.hasVex ? mnemonic.vmovsd : mnemonic.movsd, vector(0), result);
  }
}
