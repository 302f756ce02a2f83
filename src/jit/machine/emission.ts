/**
 * Emission: allocated machine code of one function to bytes.
 *
 * The stack frame, from the bottom: arguments for callees, spill slots; above it the return address, above that the
 * function's own stack arguments. Functions that call nothing keep no alignment. A frame body, which is entered
 * with the native frame's address instead of arguments, addresses the native frame by the register it came in
 * as long as it calls nothing, else by `rbx`, which it saves.
 *
 * Jumps to the next block are left out, and blocks that hold nothing but a jump forward are jumped over.
 */
import type { Address } from '../../native/address.ts';
import { FrameSlot, frameOffset, Trap } from '../../native/frame.ts';
import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import type { CodeHolder } from '../code-holder.ts';
import type { Label } from '../label.ts';
import type { Assembler } from '../x64/assembler.ts';
import { type Instruction, instructionOf } from '../x64/instruction.ts';
import { dwordPtr, type Mem, ptr, qwordPtr } from '../x64/memory.ts';
import type { Mnemonic } from '../x64/mnemonics.ts';
import { cl, type Gp32, type Gp64, gp8, gp32, gp64, rsp, type Xmm, xmm } from '../x64/register.ts';
import { AllocatedWord, type Allocation, allocatedWords } from './allocation.ts';
import { type Convention, frameRegister, fuelRegister, generalScratch } from './convention.ts';
import { fusedMultiplyAdd, type VectorEncoding, vectorEncodings } from './encodings.ts';
import {
  firstGeneralLocation,
  isMemory,
  isVectorRegister,
  MemoryKind,
  memoryIndexOf,
  memoryKindOf,
} from './location.ts';
import { ConstantKind, instructionWords, type MachineFunction, Word } from './machine-function.ts';
import { MachineOp, type Operation, operations } from './operations.ts';

export interface EmissionOptions {
  readonly convention: Convention;
  readonly hasVex: boolean;
  readonly isFrameBody: boolean;
  /** Number of the function in its module, for trap reports. */
  readonly functionIndex: number;
  /** Bytes of stack that the function must find left, besides what every thread keeps in reserve; -1: no check. */
  readonly stackCheck: number;
  /** Bound behind the place where the function spends fuel at its entry; undefined if it spends none there. */
  readonly afterFuel: Label | undefined;
  /** Does compiled code keep its fuel in a register, which host calls must see in the native frame? */
  readonly usesFuel: boolean;
  readonly functionLabel: (index: number) => Label;
  readonly mathAddress: (index: number) => Address;
}

const pageSize = 4096;

const mnemonic = Object.freeze({
  movaps: instructionOf('movaps'),
  movsd: instructionOf('movsd'),
  movq: instructionOf('movq'),
  movd: instructionOf('movd'),
  xorps: instructionOf('xorps'),
  ucomisd: instructionOf('ucomisd'),
  vmovaps: instructionOf('vmovaps'),
  vmovsd: instructionOf('vmovsd'),
  vmovq: instructionOf('vmovq'),
  vmovd: instructionOf('vmovd'),
  vxorps: instructionOf('vxorps'),
  vucomisd: instructionOf('vucomisd'),
  mov: instructionOf('mov'),
  cmp: instructionOf('cmp'),
  jmp: instructionOf('jmp'),
  jp: instructionOf('jp'),
  jne: instructionOf('jne'),
  je: instructionOf('je'),
});

interface Jumps {
  readonly whenTrue: Instruction;
  readonly whenFalse: Instruction;
}

function jumpsOf(whenTrue: Mnemonic, whenFalse: Mnemonic): Jumps {
  return { whenTrue: instructionOf(whenTrue), whenFalse: instructionOf(whenFalse) };
}

/** By branch: the jump if it holds, and if not. Those that ask for equal floats need two jumps and stand aside. */
const jumps: ReadonlyMap<number, Jumps> = new Map([
  [MachineOp.BranchFloatGt, jumpsOf('ja', 'jbe')],
  [MachineOp.BranchFloatGe, jumpsOf('jae', 'jb')],
  [MachineOp.BranchEq, jumpsOf('je', 'jne')],
  [MachineOp.BranchNe, jumpsOf('jne', 'je')],
  [MachineOp.BranchLt, jumpsOf('jl', 'jge')],
  [MachineOp.BranchLe, jumpsOf('jle', 'jg')],
  [MachineOp.BranchGt, jumpsOf('jg', 'jle')],
  [MachineOp.BranchGe, jumpsOf('jge', 'jl')],
  [MachineOp.BranchBool, jumpsOf('jne', 'je')],
]);

const setters: ReadonlyMap<number, Instruction> = new Map([
  [MachineOp.BoolEq, instructionOf('sete')],
  [MachineOp.BoolNe, instructionOf('setne')],
  [MachineOp.BoolLt, instructionOf('setl')],
  [MachineOp.BoolLe, instructionOf('setle')],
  [MachineOp.BoolGt, instructionOf('setg')],
  [MachineOp.BoolGe, instructionOf('setge')],
]);

const arithmetic: ReadonlyMap<number, Instruction> = new Map([
  [MachineOp.IAdd, instructionOf('add')],
  [MachineOp.ISub, instructionOf('sub')],
  [MachineOp.IMul, instructionOf('imul')],
  [MachineOp.IAnd, instructionOf('and')],
  [MachineOp.IOr, instructionOf('or')],
  [MachineOp.IXor, instructionOf('xor')],
]);

const shifts: ReadonlyMap<number, Instruction> = new Map([
  [MachineOp.Shl32, instructionOf('shl')],
  [MachineOp.Sar32, instructionOf('sar')],
  [MachineOp.Shr32, instructionOf('shr')],
  [MachineOp.Shl32By, instructionOf('shl')],
  [MachineOp.Sar32By, instructionOf('sar')],
  [MachineOp.Shr32By, instructionOf('shr')],
]);

/** Bytes that a short jump reaches forward, less the jumps of the branch that it is part of. */
const shortReach = 110;

/** No fewer bytes than an allocated instruction takes, with the copy that a tied result may need. */
function longest(operation: number): number {
  switch (operation) {
    case MachineOp.Jump:
      return 5;
    case MachineOp.Fuel:
    case MachineOp.Move:
      return 10;
    case MachineOp.CallHost:
      return 80;
    case MachineOp.Return:
      return 32;
    case MachineOp.Clz32:
    case MachineOp.Choose:
      return 24;
    default:
      return (operations[operation] as Operation).kind === 'branch' ? 30 : 16;
  }
}

const scratchBytes = new Uint8Array(16);
const scratchWords = new Int32Array(scratchBytes.buffer);
const scratchLane = scratchBytes.subarray(0, 8);

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
export function stackFrameSize(allocation: Allocation, isFrameBody: boolean): number {
  const size = (allocation.outgoingWords + allocation.slotCount) * 8;
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
  readonly #blockLabels: (Label | undefined)[];
  #constantLabels: (Label | undefined)[] = [];
  /** Number of the allocated instruction that is being emitted. */
  #current = 0;
  #fuelTrap: Label | undefined;
  #stackTrap: Label | undefined;
  #unwind: Label | undefined;

  constructor(fn: MachineFunction, allocation: Allocation, assembler: Assembler, options: EmissionOptions) {
    this.#fn = fn;
    this.#allocation = allocation;
    this.#assembler = assembler;
    this.#code = assembler.code;
    this.#options = options;
    this.#frameSize = stackFrameSize(allocation, options.isFrameBody);
    const keepsArgument = options.isFrameBody && !allocation.hasCalls;
    const { generalArguments } = options.convention;
    this.#frame = elementAt(gp64, keepsArgument ? elementAt(generalArguments, 0) : frameRegister);
    this.#blockLabels = fn.blockCount > 1 ? new Array<undefined>(fn.blockCount).fill(undefined) : [];
  }

  run(): void {
    const { blockCount } = this.#fn;
    this.#prologue();
    for (let block = 0; block < blockCount; block++) {
      const first = this.#allocation.blockStart[block] as number;
      const end = this.#allocation.blockStart[block + 1] as number;
      if (block > 0) {
        if (this.#isForwarder(block)) continue;
        this.#assembler.bind(this.#blockLabel(block));
      }
      for (let i = first; i < end; i++) {
        this.#current = i;
        this.#instruction(i * allocatedWords, block);
      }
    }
    this.#traps();
  }

  // Entry and exit

  #prologue(): void {
    const a = this.#assembler;
    const { isFrameBody, stackCheck, afterFuel, convention } = this.#options;
    if (isFrameBody && this.#allocation.hasCalls) {
      a.push(this.#frame);
      a.mov(this.#frame, elementAt(gp64, elementAt(convention.generalArguments, 0)));
    }
    if (afterFuel !== undefined) {
      this.#spendFuel();
      a.bind(afterFuel);
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

  #spendFuel(): void {
    this.#fuelTrap ??= this.#code.newLabel();
    this.#assembler.sub(elementAt(gp64, fuelRegister), 1);
    this.#assembler.jl(this.#fuelTrap);
  }

  /** Traps leave by the return address of the frame entry's call, from whatever depth. */
  #traps(): void {
    const a = this.#assembler;
    const trap = frameOffset(FrameSlot.Trap);
    for (const [label, reason] of [
      [this.#stackTrap, Trap.Stack],
      [this.#fuelTrap, Trap.Fuel],
    ] as const) {
      if (label === undefined) continue;
      this.#unwind ??= this.#code.newLabel();
      a.bind(label);
      a.mov(dwordPtr(this.#frame, trap), reason);
      a.mov(dwordPtr(this.#frame, trap + 4), this.#options.functionIndex);
      if (label === this.#stackTrap && this.#fuelTrap !== undefined) a.jmp(this.#unwind);
    }
    if (this.#unwind === undefined) return;
    a.bind(this.#unwind);
    a.mov(rsp, ptr(this.#frame, frameOffset(FrameSlot.UnwindStack)));
    a.ret();
  }

  // Blocks

  /** Does the block hold nothing but a jump forward? */
  #isForwarder(block: number): boolean {
    const { blockStart, code } = this.#allocation;
    const first = blockStart[block] as number;
    if ((blockStart[block + 1] as number) !== first + 1) return false;
    const at = first * allocatedWords;
    return (
      code[at + AllocatedWord.Operation] === MachineOp.Jump && (code[at + AllocatedWord.C] as number) > block
    );
  }

  /** Where control really goes that is sent to `block`. */
  #destination(block: number): number {
    let at = block;
    while (at > 0 && this.#isForwarder(at)) {
      const first = this.#allocation.blockStart[at] as number;
      at = this.#allocation.code[first * allocatedWords + AllocatedWord.C] as number;
    }
    return at;
  }

  /** Does control fall into `target` behind `block`, once forwarders are left out? */
  #isNext(block: number, target: number): boolean {
    let next = block + 1;
    while (next < target && this.#isForwarder(next)) next++;
    return next === target;
  }

  #blockLabel(block: number): Label {
    const known = this.#blockLabels[block];
    if (known !== undefined) return known;
    const label = this.#code.newLabel();
    this.#blockLabels[block] = label;
    return label;
  }

  #jump(block: number, to: number): void {
    const target = this.#destination(to);
    if (!this.#isNext(block, target)) this.#jumpTo(mnemonic.jmp, target);
  }

  #jumpTo(instruction: Instruction, target: number): void {
    if (this.#isNear(target)) this.#assembler.short();
    this.#assembler.emit(instruction, this.#blockLabel(target));
  }

  /** Is the start of a later block surely in reach of a short jump from here? */
  #isNear(target: number): boolean {
    const { code, blockStart } = this.#allocation;
    const end = blockStart[target] as number;
    if (end <= this.#current) return false;
    let length = 0;
    for (let i = this.#current; i < end; i++) {
      length += longest(code[i * allocatedWords + AllocatedWord.Operation] as number);
      if (length > shortReach) return false;
    }
    return true;
  }

  #branch(block: number, operation: number, whenTrue: number, whenFalse: number): void {
    const taken = this.#destination(whenTrue);
    const notTaken = this.#destination(whenFalse);
    if (operation === MachineOp.BranchFloatEq || operation === MachineOp.BranchFloatNe) {
      // Unordered sets the parity and the zero flag.
      const different = operation === MachineOp.BranchFloatEq ? notTaken : taken;
      const same = operation === MachineOp.BranchFloatEq ? taken : notTaken;
      this.#jumpTo(mnemonic.jp, different);
      if (this.#isNext(block, same)) {
        this.#jumpTo(mnemonic.jne, different);
      } else {
        this.#jumpTo(mnemonic.je, same);
        this.#jump(block, different);
      }
      return;
    }
    const pair = jumps.get(operation);
    invariant(pair !== undefined, `no jump for operation ${operation}`);
    if (this.#isNext(block, taken)) {
      this.#jumpTo(pair.whenFalse, notTaken);
    } else {
      this.#jumpTo(pair.whenTrue, taken);
      this.#jump(block, notTaken);
    }
  }

  // Operands

  #memory(location: number, size: typeof ptr = ptr): Mem {
    const index = memoryIndexOf(location);
    switch (memoryKindOf(location)) {
      case MemoryKind.Spill:
        return size(rsp, (this.#allocation.outgoingWords + index) * 8);
      case MemoryKind.Constant:
        return size(this.#constant(index));
      case MemoryKind.FrameArgument:
        return size(this.#frame, frameOffset(FrameSlot.Arguments + index));
      case MemoryKind.Incoming:
        return size(rsp, this.#frameSize + 8 + index * 8);
      default:
        return size(rsp, index * 8);
    }
  }

  #constant(index: number): Label {
    const known = this.#constantLabels[index];
    if (known !== undefined) return known;
    const { constantLow, constantHigh, constantKinds } = this.#fn;
    const isWide = constantKinds[index] === ConstantKind.Wide;
    scratchWords[0] = scratchWords[2] = constantLow[index] as number;
    scratchWords[1] = scratchWords[3] = constantHigh[index] as number;
    const label = this.#code.constant(isWide ? scratchBytes : scratchLane);
    this.#constantLabels[index] = label;
    return label;
  }

  #vectorOperand(location: number): Xmm | Mem {
    return isMemory(location) ? this.#memory(location) : vector(location);
  }

  /** An operand of an instruction on general registers: constants that fit become immediates. */
  #generalOperand(location: number): Gp64 | Mem | number {
    if (!isMemory(location)) return general(location);
    if (memoryKindOf(location) === MemoryKind.Constant) {
      const index = memoryIndexOf(location);
      const low = this.#fn.constantLow[index] as number;
      if (this.#fn.constantHigh[index] === low >> 31) return low;
    }
    return this.#memory(location, qwordPtr);
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
      this.#move(result, first);
      return;
    }
    const encoding = vectorEncodings[operation];
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
      this.#branch(block, operation, third, this.#fn.code[source + Word.NextC] as number);
      return;
    }
    const isVex = this.#options.hasVex;
    switch (operation) {
      case MachineOp.Jump:
        this.#jump(block, third);
        return;
      case MachineOp.Return:
        this.#return(first);
        return;
      case MachineOp.CallMath:
        a.callAddress(this.#options.mathAddress(third));
        return;
      case MachineOp.CallFunction:
        a.call(this.#options.functionLabel(third));
        return;
      case MachineOp.CallHost:
        this.#callHost(code[at + AllocatedWord.Source] as number, third);
        return;
      case MachineOp.Fuel:
        this.#spendFuel();
        return;
      case MachineOp.FDemote:
        this.#demote(result, first);
        return;
      case MachineOp.Fma:
        this.#fma(result, first, second, third);
        return;
      case MachineOp.Blend:
        a.vblendvpd(vector(result), vector(first), this.#vectorOperand(second), vector(third));
        return;
      case MachineOp.MaskToBool: {
        const bool = elementAt(gp32, result - firstGeneralLocation);
        a.emit(isVex ? mnemonic.vmovd : mnemonic.movd, bool, vector(first));
        a.and(bool, 1);
        return;
      }
      case MachineOp.FloatToInt: {
        const source = isMemory(first) ? this.#memory(first, qwordPtr) : vector(first);
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
        this.#move(result, first);
        a.neg(general(result));
        return;
      case MachineOp.SignExtend32:
        a.movsxd(general(result), isMemory(first) ? this.#memory(first, dwordPtr) : low32(first));
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
        this.#move(result, first);
        a.cmovne(general(result), isMemory(second) ? this.#memory(second, qwordPtr) : general(second));
        return;
      default:
        this.#general(operation, result, first, second, third);
    }
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
      a.emit(mnemonic.cmp, general(first), this.#generalOperand(second));
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
    const operand = this.#generalOperand(second);
    if (operation === MachineOp.IMul && typeof operand === 'number') {
      a.imul(general(result), general(first), operand);
      return;
    }
    this.#move(result, first);
    a.emit(instruction, general(result), operand);
  }

  #compare(operation: number, first: number, second: number): void {
    const a = this.#assembler;
    if (operation === MachineOp.BranchBool) {
      a.test(low32(first), low32(first));
    } else if (isVectorRegister(first)) {
      const instruction = this.#options.hasVex ? mnemonic.vucomisd : mnemonic.ucomisd;
      a.emit(instruction, vector(first), this.#vectorOperand(second));
    } else {
      a.emit(mnemonic.cmp, general(first), this.#generalOperand(second));
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
    this.#move(result, first);
    this.#assembler.emit(sse as Instruction, destination, destination, immediateOperand);
  }

  #binaryVector(operation: number, result: number, first: number, second: number): void {
    const { sse, vex, immediate } = elementAt(vectorEncodings, operation) as VectorEncoding;
    const immediateOperand = immediate < 0 ? undefined : immediate;
    const destination = vector(result);
    const operand = this.#vectorOperand(second);
    if (this.#options.hasVex) {
      this.#assembler.emit(vex, destination, vector(first), operand, immediateOperand);
      return;
    }
    if (result === second && result !== first) {
      this.#assembler.emit(sse as Instruction, destination, vector(first), immediateOperand);
      return;
    }
    this.#move(result, first);
    this.#assembler.emit(sse as Instruction, destination, operand, immediateOperand);
  }

  #demote(result: number, first: number): void {
    const a = this.#assembler;
    const destination = vector(result);
    if (this.#options.hasVex) {
      a.vcvtsd2ss(destination, vector(first), vector(first));
      a.vcvtss2sd(destination, destination, destination);
      return;
    }
    this.#move(result, first);
    a.cvtsd2ss(destination, destination);
    a.cvtss2sd(destination, destination);
  }

  /** Picks the form that overwrites what the result's register held; at most one of the operands is memory. */
  #fma(result: number, first: number, second: number, addend: number): void {
    const a = this.#assembler;
    const { form132, form213, form231 } = fusedMultiplyAdd.scalar;
    const destination = vector(result);
    if (result === addend) {
      a.emit(form231, destination, vector(first), this.#vectorOperand(second));
      return;
    }
    if (result === second) {
      a.emit(form213, destination, vector(first), this.#vectorOperand(addend));
      return;
    }
    this.#move(result, first);
    if (isMemory(second)) a.emit(form132, destination, vector(addend), this.#memory(second));
    else a.emit(form213, destination, vector(second), this.#vectorOperand(addend));
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
    a.call(qwordPtr(frame, frameOffset(FrameSlot.HostCallEntry)));
    if (usesFuel) a.mov(fuel, fuelSlot);
    this.#unwind ??= this.#code.newLabel();
    a.cmp(dwordPtr(frame, frameOffset(FrameSlot.Trap)), 0);
    a.jne(this.#unwind);
    const result = ptr(frame, frameOffset(FrameSlot.Result));
    a.emit(this.#options.hasVex ? mnemonic.vmovsd : mnemonic.movsd, vector(0), result);
  }

  #move(destination: number, source: number): void {
    if (destination === source) return;
    const a = this.#assembler;
    const { hasVex } = this.#options;
    if (isMemory(destination)) {
      const place = this.#memory(destination);
      if (isVectorRegister(source)) a.emit(hasVex ? mnemonic.vmovsd : mnemonic.movsd, place, vector(source));
      else a.emit(mnemonic.mov, place, general(source));
      return;
    }
    if (isMemory(source)) {
      if (memoryKindOf(source) === MemoryKind.Constant)
        this.#loadConstant(destination, memoryIndexOf(source));
      else if (isVectorRegister(destination)) {
        a.emit(hasVex ? mnemonic.vmovsd : mnemonic.movsd, vector(destination), this.#memory(source));
      } else a.emit(mnemonic.mov, general(destination), this.#memory(source));
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

  #loadConstant(destination: number, index: number): void {
    const a = this.#assembler;
    const { hasVex } = this.#options;
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

function vector(location: number): Xmm {
  return xmm[location] as Xmm;
}

function general(location: number): Gp64 {
  return gp64[location - firstGeneralLocation] as Gp64;
}

function low32(location: number): Gp32 {
  return gp32[location - firstGeneralLocation] as Gp32;
}
