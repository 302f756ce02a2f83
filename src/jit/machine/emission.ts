/**
 * Emission: allocated machine code of one function to bytes.
 *
 * Functions that call nothing keep no alignment of the stack. A frame body, which is entered with the native
 * frame's address instead of arguments, addresses the native frame by the register it came in as long as it calls
 * nothing, else by `rbx`, which it saves. Places of values are the business of `places.ts`, jumps of `block-jumps.ts`.
 */
import type { Address } from '../../native/address.ts';
import { FrameSlot, frameOffset, hostRequest, memoryEndFor, Trap } from '../../native/frame.ts';
import { alignUp } from '../../support/alignment.ts';
import { elementAt } from '../../support/element.ts';
import type { CodeHolder } from '../code/code-holder.ts';
import type { Label } from '../code/label.ts';
import type { Assembler } from '../x64/assembler.ts';
import { instructionOf } from '../x64/instruction.ts';
import { dwordPtr, ptr, qwordPtr } from '../x64/memory.ts';
import { type Gp64, gp32, gp64, rsp } from '../x64/register.ts';
import { AllocatedWord, type Allocation, allocatedWords } from './allocation.ts';
import { BlockJumps, headAlignment } from './block-jumps.ts';
import {
  type Convention,
  frameRegister,
  fuelRegister,
  generalScratch,
  laneScratch,
  vectorScratch,
} from './convention.ts';
import { emitGeneral } from './general-emission.ts';
import { emitKernelEntry, emitKernelExit, type KernelEntryOptions } from './kernel-entry.ts';
import { laneAlignment } from './lane-frame.ts';
import { LaneRepairs } from './lane-repairs.ts';
import { firstGeneralLocation, isMemory, isVectorRegister } from './location.ts';
import { instructionWords, type MachineFunction, Word } from './machine-function.ts';
import { emitAccess } from './memory-emission.ts';
import { MachineOp, type Operation, operations } from './operations.ts';
import { general, low32, Places, vector } from './places.ts';
import type { ValueOrigins } from './value-origins.ts';
import { VectorEmission } from './vector-emission.ts';

export interface EmissionOptions {
  readonly convention: Convention;
  readonly hasVex: boolean;
  readonly isFrameBody: boolean;
  /** Is it entered from outside, as a kernel? */
  readonly isKernel: boolean;
  /** Do traps of what it calls end there? */
  readonly catches: boolean;
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
  readonly tablePlace: (index: number) => Address | Label;
  /** Of a variable of the module. */
  readonly globalAddress: (index: number) => Address;
  /** Where lanes are repaired by a function of so many arguments. */
  readonly repair: (arity: 1 | 2) => Address;
  /** Of so many lanes. */
  readonly repairLanes: number;
  /** Of a function on lanes: the word above its return address from which on its results stand. */
  readonly laneResults: number;
  readonly mathAddress: (index: number) => Address;
  /** Names for listings. */
  readonly mathName: (index: number) => string;
  readonly hostName: (index: number) => string;
  /** Hears which instructions were emitted; undefined: nobody asks. */
  readonly origins: ValueOrigins | undefined;
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

/** Where the function's own memory begins in its stack frame, and where its spill slots do, in words. */
function frameLayout({ lanes, stackWords }: MachineFunction, { outgoingWords }: Allocation) {
  const isAligned = lanes > 1 || stackWords > 0;
  const stack = isAligned ? alignUp(outgoingWords, laneAlignment / 8) : outgoingWords;
  return { stack, slots: stack + stackWords };
}

/** Bytes of the stack frame below the return address, saved registers left out. */
export function stackFrameSize(fn: MachineFunction, allocation: Allocation, isFrameBody: boolean): number {
  const { lanes } = fn;
  const { slots } = frameLayout(fn, allocation);
  const size = (slots + allocation.wideSlotCount * lanes + allocation.slotCount) * 8;
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
  /** Of the function's own memory, in bytes from the stack pointer. */
  readonly #stackOffset: number;
  readonly #places: Places;
  readonly #vectors: VectorEmission;
  readonly #jumps: BlockJumps;
  readonly #repairs: LaneRepairs;
  /** Places that ran out of fuel, and where they go on. */
  readonly #dry: { readonly label: Label; readonly back: Label }[] = [];
  #stackTrap: Label | undefined;
  #boundsTrap: Label | undefined;
  #unwind: Label | undefined;

  constructor(fn: MachineFunction, allocation: Allocation, assembler: Assembler, options: EmissionOptions) {
    this.#fn = fn;
    this.#allocation = allocation;
    this.#assembler = assembler;
    this.#code = assembler.code;
    this.#options = options;
    this.#frameSize = stackFrameSize(fn, allocation, options.isFrameBody);
    const keepsArgument = options.isFrameBody && !allocation.hasCalls;
    const { generalArguments } = options.convention;
    this.#frame = elementAt(gp64, keepsArgument ? elementAt(generalArguments, 0) : frameRegister);
    const { stack, slots } = frameLayout(fn, allocation);
    this.#stackOffset = stack * 8;
    this.#places = new Places(
      fn,
      assembler,
      {
        stackFrameSize: this.#frameSize,
        firstSlot: slots,
        wideSlots: allocation.wideSlotCount,
        frame: this.#frame,
      },
      options.hasVex,
    );
    this.#vectors = new VectorEmission(assembler, this.#places, options.hasVex);
    this.#repairs = new LaneRepairs(assembler, this.#places, this.#vectors, options);
    this.#jumps = new BlockJumps(allocation, assembler, fn.blockCount, this.#isAligned);
  }

  run(): void {
    const { blockCount } = this.#fn;
    const { origins } = this.#options;
    this.#prologue();
    origins?.skip();
    for (let block = 0; block < blockCount; block++) {
      const first = this.#allocation.blockStart[block] as number;
      const end = this.#allocation.blockStart[block + 1] as number;
      if (block > 0) {
        if (this.#jumps.isForwarder(block)) continue;
        if (this.#isAligned(block)) this.#assembler.align(headAlignment);
        this.#assembler.bind(this.#jumps.label(block));
      }
      for (let i = first; i < end; i++) {
        this.#jumps.current = i;
        this.#instruction(i * allocatedWords, block);
        origins?.emitted(this.#allocation.code[i * allocatedWords + AllocatedWord.Source] as number);
      }
    }
    this.#repairs.emitRare();
    this.#refuels();
    this.#traps();
    origins?.skip();
  }

  /** What is worth lanes is worth that its loops begin where the CPU fetches. */
  readonly #isAligned = (block: number): boolean =>
    this.#options.isKernel && (this.#fn.loopEnd[block] as number) >= 0;

  // Entry and exit

  #prologue(): void {
    const a = this.#assembler;
    const { isFrameBody, isKernel, stackCheck, entryFuel, convention } = this.#options;
    if (isKernel) {
      emitKernelEntry(a, this.#kernelEntry());
      return;
    }
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

  #kernelEntry(): KernelEntryOptions {
    const { usedGeneral, usedVectors } = this.#allocation;
    const { convention, hasVex } = this.#options;
    // Emission has the vectors to itself that no value has.
    const vectors = usedVectors | (1 << vectorScratch) | (1 << laneScratch);
    const { catches } = this.#options;
    const calls = this.#allocation.hasCalls;
    return { convention, size: this.#frameSize, general: usedGeneral, vectors, hasVex, calls, catches };
  }

  #return(place: number): void {
    const a = this.#assembler;
    const { isFrameBody, isKernel, hasVex } = this.#options;
    if (isKernel) {
      emitKernelExit(a, this.#kernelEntry());
      return;
    }
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
    if (this.#boundsTrap !== undefined) {
      this.#unwind ??= this.#code.newLabel();
      this.#setTrap(this.#boundsTrap, Trap.Bounds);
      if (this.#stackTrap !== undefined) a.jmp(this.#unwind);
    }
    if (this.#stackTrap !== undefined) {
      this.#unwind ??= this.#code.newLabel();
      this.#setTrap(this.#stackTrap, Trap.Stack);
    }
    if (this.#unwind === undefined) return;
    a.bind(this.#unwind);
    a.mov(rsp, ptr(this.#frame, frameOffset(FrameSlot.UnwindStack)));
    a.ret();
  }

  #setTrap(label: Label, trap: number): void {
    const a = this.#assembler;
    const slot = frameOffset(FrameSlot.Trap);
    a.bind(label);
    a.mov(dwordPtr(this.#frame, slot), trap);
    a.mov(dwordPtr(this.#frame, slot + 4), this.#options.functionIndex);
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
    const { hasImmediate, kind } = operations[operation] as Operation;
    if (hasImmediate && kind === 'plain') {
      this.#access(at, operation);
      return;
    }
    if (kind === 'repair') {
      const source = code[at + AllocatedWord.Source] as number;
      if (result !== first) this.#places.move(result, first);
      this.#repairs.emit(operation, this.#fn.immediates[source] as number, result, second, third);
      return;
    }
    const onLanes = this.#fn.lanes > 1 && this.#isOnLanes(at);
    if (this.#vectors.emit(operation, onLanes, result, first, second, third)) return;
    const a = this.#assembler;
    if (kind === 'branch') {
      this.#compare(operation, first, second);
      const source = (code[at + AllocatedWord.Source] as number) * instructionWords;
      this.#jumps.branch(block, operation, third, this.#fn.code[source + Word.NextC] as number);
      return;
    }
    const isVex = this.#options.hasVex;
    switch (operation) {
      case MachineOp.Jump: {
        const head = this.#jumps.repeatedHead(block, third);
        if (head === undefined) this.#jumps.jump(block, third);
        else for (let i = head.first; i < head.end; i++) this.#instruction(i * allocatedWords, block);
        return;
      }
      case MachineOp.Return:
        this.#return(first);
        return;
      case MachineOp.CallMath:
        a.callAddress(this.#options.mathAddress(third), this.#options.mathName(third));
        return;
      case MachineOp.CallFunction:
        this.#leaveLanes();
        a.call(this.#options.functionLabel(third));
        return;
      case MachineOp.CallLanes:
        a.call(this.#options.functionLabel(third));
        return;
      case MachineOp.Look:
        this.#leaveLanes();
        this.#look(third);
        return;
      case MachineOp.Give: {
        const word = this.#frameSize / 8 + 1 + this.#options.laneResults + third * this.#fn.lanes;
        this.#places.storeLanes(word, first);
        return;
      }
      case MachineOp.Take:
        this.#places.loadLanes(result, third);
        return;
      case MachineOp.SetFuel:
        a.mov(elementAt(gp64, fuelRegister), general(first));
        return;
      case MachineOp.GetFuel:
        a.mov(general(result), elementAt(gp64, fuelRegister));
        return;
      case MachineOp.CallHost:
        this.#callHost(code[at + AllocatedWord.Source] as number, third);
        return;
      case MachineOp.Fuel:
        this.#spendFuel(third);
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
      case MachineOp.VectorToGeneral:
        a.emit(isVex ? mnemonic.vmovq : mnemonic.movq, general(result), vector(first));
        return;
      case MachineOp.Keep:
        this.#places.move(result, first);
        return;
      case MachineOp.TableAddress: {
        const place = this.#options.tablePlace(third);
        if (typeof place === 'number') a.movabs(general(result), place);
        else a.lea(general(result), ptr(place));
        return;
      }
      case MachineOp.Bound:
        this.#checkBound(first, third);
        return;
      case MachineOp.MemoryBase:
        a.mov(general(result), qwordPtr(this.#frame, frameOffset(FrameSlot.MemoryBase)));
        return;
      case MachineOp.MemorySize:
        a.mov(general(result), qwordPtr(this.#frame, frameOffset(FrameSlot.MemoryEnd1)));
        return;
      case MachineOp.GlobalAddress:
        a.movabs(general(result), this.#options.globalAddress(third));
        return;
      case MachineOp.StackAddress:
        a.lea(general(result), ptr(rsp, this.#stackOffset + third * 8));
        return;
      case MachineOp.GeneralToVector:
        a.emit(isVex ? mnemonic.vmovq : mnemonic.movq, vector(result), general(first));
        return;
      default:
        emitGeneral(a, this.#places, operation, result, first, second, third);
    }
  }

  /** An offset that is negative is large, seen without a sign. */
  #checkBound(offset: number, size: number): void {
    this.#boundsTrap ??= this.#code.newLabel();
    const slot = FrameSlot[memoryEndFor(size)];
    this.#assembler.cmp(general(offset), qwordPtr(this.#frame, frameOffset(slot)));
    this.#assembler.jae(this.#boundsTrap);
  }

  /** Plain SSE code in libraries must not meet upper halves that were left behind: it would wait for them. */
  #leaveLanes(): void {
    if (this.#fn.lanes > 2) this.#assembler.vzeroupper();
  }

  #look(functionIndex: number): void {
    const a = this.#assembler;
    const request = frameOffset(FrameSlot.HostCall);
    a.mov(dwordPtr(this.#frame, request), hostRequest.Look);
    a.mov(dwordPtr(this.#frame, request + 4), functionIndex);
    const context = elementAt(gp64, elementAt(this.#options.convention.generalArguments, 0));
    a.mov(context, ptr(this.#frame, frameOffset(FrameSlot.HostCallContext)));
    a.callThrough(qwordPtr(this.#frame, frameOffset(FrameSlot.HostCallEntry)), 'host', 'look');
  }

  #access(at: number, operation: number): void {
    const { code } = this.#allocation;
    const source = code[at + AllocatedWord.Source] as number;
    const words = source * instructionWords;
    const isStore = (this.#fn.code[words + Word.Result] as number) < 0;
    const isLast = operation === MachineOp.Store;
    const vreg = this.#fn.code[words + (isStore ? (isLast ? Word.C : Word.B) : Word.Result)] as number;
    emitAccess(this.#assembler, this.#options.hasVex, {
      operation,
      immediate: this.#fn.immediates[source] as number,
      lanes: this.#fn.hasLanes(vreg) ? this.#fn.lanes : 1,
      result: code[at + AllocatedWord.Result] as number,
      first: code[at + AllocatedWord.A] as number,
      second: code[at + AllocatedWord.B] as number,
      third: code[at + AllocatedWord.C] as number,
    });
  }

  /** Has the result, or what is taken if there is none, several lanes? */
  #isOnLanes(at: number): boolean {
    const source = (this.#allocation.code[at + AllocatedWord.Source] as number) * instructionWords;
    const { code } = this.#fn;
    const defined = code[source + Word.Result] as number;
    return this.#fn.hasLanes(defined >= 0 ? defined : (code[source + Word.A] as number));
  }

  #compare(operation: number, first: number, second: number): void {
    const a = this.#assembler;
    if (operation === MachineOp.BranchBool) {
      a.test(low32(first), low32(first));
    } else if (operation === MachineOp.BranchAny || operation === MachineOp.BranchAnyK) {
      this.#vectors.testAny(operation, first);
    } else if (isVectorRegister(first)) {
      const instruction = this.#options.hasVex ? mnemonic.vucomisd : mnemonic.ucomisd;
      a.emit(instruction, vector(first), this.#places.vectorOperand(second));
    } else {
      a.emit(mnemonic.cmp, general(first), this.#places.generalOperand(second));
    }
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
