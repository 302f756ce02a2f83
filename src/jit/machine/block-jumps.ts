/**
 * Jumps between the blocks of one function.
 *
 * A jump to the next block is left out, and a block that holds nothing but a jump is jumped over. Jumps are
 * short where the code between is surely short enough, judged by the longest encodings of its instructions. A jump back to the head of
 * a loop that only asks whether to go on asks for itself: so a round has one jump and not two.
 */
import { slots } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import type { Label } from '../code/label.ts';
import type { Assembler } from '../x64/assembler.ts';
import { type Instruction, instructionOf } from '../x64/instruction.ts';
import type { Mnemonic } from '../x64/mnemonics.ts';
import { AllocatedWord, type Allocation, allocatedWords } from './allocation.ts';
import { MachineOp, type Operation, operations } from './operations.ts';

const mnemonic = Object.freeze({
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
  [MachineOp.BranchB, jumpsOf('jb', 'jae')],
  [MachineOp.BranchBe, jumpsOf('jbe', 'ja')],
  [MachineOp.BranchBool, jumpsOf('jne', 'je')],
  [MachineOp.BranchAny, jumpsOf('jne', 'je')],
  [MachineOp.BranchAnyK, jumpsOf('jne', 'je')],
]);

/** Bytes that a short jump reaches forward, less the jumps of the branch that it is part of. */
const shortReach = 110;

/** Heads of loops of so many instructions are repeated where a round ends. */
const mostRepeated = 4;

/** Heads of loops may be aligned to this. */
export const headAlignment = 32;

/** No fewer bytes than an allocated instruction takes, with the copy that a tied result may need. */
function longest(operation: number): number {
  switch (operation) {
    case MachineOp.Jump:
      return 5;
    case MachineOp.Fuel:
      return 10;
    case MachineOp.Move:
      return 12;
    case MachineOp.CallHost:
    case MachineOp.Look:
    case MachineOp.IDiv:
    case MachineOp.IRem:
    case MachineOp.IUDiv:
    case MachineOp.IURem:
    case MachineOp.IDiv32:
    case MachineOp.IRem32:
      return 80;
    case MachineOp.LaneSignExtend32:
    case MachineOp.KSplat:
    case MachineOp.KFirst:
      return 32;
    // A kernel's gives back all that it saved.
    case MachineOp.Return:
      return 160;
    case MachineOp.Clz32:
    case MachineOp.Choose:
    case MachineOp.Splat:
      return 24;
    default:
      return ofOthers(operations[operation] as Operation);
  }
}

function ofOthers({ kind, hasImmediate }: Operation): number {
  if (hasImmediate) return 80;
  return kind === 'branch' ? 30 : 18;
}

export class BlockJumps {
  readonly #allocation: Allocation;
  readonly #assembler: Assembler;
  readonly #labels: (Label | undefined)[];
  readonly #isAligned: (block: number) => boolean;
  /** Number of the allocated instruction that is being emitted. */
  current = 0;

  /** `isAligned` says which blocks begin aligned, as far as {@link headAlignment}. */
  constructor(
    allocation: Allocation,
    assembler: Assembler,
    blockCount: number,
    isAligned: (block: number) => boolean,
  ) {
    this.#allocation = allocation;
    this.#assembler = assembler;
    this.#labels = slots(blockCount);
    this.#isAligned = isAligned;
  }

  /** Does the block hold nothing but a jump? A jump back must lead to a block that holds more, so that each way has an end. */
  isForwarder(block: number): boolean {
    const target = this.#onlyJump(block);
    return target > block || (target >= 0 && this.#onlyJump(target) < 0);
  }

  /** Where the block goes that holds nothing but a jump; -1 if it holds more. */
  #onlyJump(block: number): number {
    const { blockStart, code } = this.#allocation;
    const first = blockStart[block] as number;
    const at = first * allocatedWords;
    const isJump =
      (blockStart[block + 1] as number) === first + 1 &&
      code[at + AllocatedWord.Operation] === MachineOp.Jump;
    return isJump ? (code[at + AllocatedWord.C] as number) : -1;
  }

  /** The instructions of the head that a jump back at the end of `block` is to repeat; undefined if it is to jump. */
  repeatedHead(block: number, head: number): { readonly first: number; readonly end: number } | undefined {
    if (head > block) return undefined;
    const { blockStart, code } = this.#allocation;
    const first = blockStart[head] as number;
    const end = blockStart[head + 1] as number;
    if (end - first > mostRepeated) return undefined;
    for (let i = first; i < end; i++) {
      const { kind } = operations[code[i * allocatedWords + AllocatedWord.Operation] as number] as Operation;
      if (kind !== (i === end - 1 ? 'branch' : 'plain')) return undefined;
    }
    return { first, end };
  }

  /** Where control really goes that is sent to `block`. */
  #destination(block: number): number {
    let at = block;
    while (at > 0 && this.isForwarder(at)) {
      const first = this.#allocation.blockStart[at] as number;
      at = this.#allocation.code[first * allocatedWords + AllocatedWord.C] as number;
    }
    return at;
  }

  /** Does control fall into `target` behind `block`, once forwarders are left out? */
  #isNext(block: number, target: number): boolean {
    let next = block + 1;
    while (next < target && this.isForwarder(next)) next++;
    return next === target;
  }

  label(block: number): Label {
    const known = this.#labels[block];
    if (known !== undefined) return known;
    const label = this.#assembler.code.newLabel();
    this.#labels[block] = label;
    return label;
  }

  /** At the end of `block`. */
  jump(block: number, to: number): void {
    const target = this.#destination(to);
    if (!this.#isNext(block, target)) this.#jumpTo(block, mnemonic.jmp, target);
  }

  #jumpTo(block: number, instruction: Instruction, target: number): void {
    if (this.#isNear(block, target)) this.#assembler.short();
    this.#assembler.emit(instruction, this.label(target));
  }

  /** Is the start of a later block surely in reach of a short jump from here? */
  #isNear(block: number, target: number): boolean {
    const { blockStart } = this.#allocation;
    const end = blockStart[target] as number;
    if (end <= this.current) return false;
    let length = 0;
    let at = block;
    const padding = (next: number): number => (this.#isAligned(next) ? headAlignment - 1 : 0);
    for (let i = this.current; i < end; i++) {
      while (i >= (blockStart[at + 1] as number)) length += padding(++at);
      length += this.#longestAt(i, at);
      if (length > shortReach) return false;
    }
    while (at < target) length += padding(++at);
    return length <= shortReach;
  }

  /** As {@link longest}, of the allocated instruction at `index`, in `block`. */
  #longestAt(index: number, block: number): number {
    const { code } = this.#allocation;
    const at = index * allocatedWords;
    const operation = code[at + AllocatedWord.Operation] as number;
    const head =
      operation === MachineOp.Jump
        ? this.repeatedHead(block, code[at + AllocatedWord.C] as number)
        : undefined;
    if (head === undefined) return longest(operation);
    let length = 0;
    for (let i = head.first; i < head.end; i++) {
      length += longest(code[i * allocatedWords + AllocatedWord.Operation] as number);
    }
    return length;
  }

  /** At the end of `block`, behind the comparison. */
  branch(block: number, operation: number, whenTrue: number, whenFalse: number): void {
    const taken = this.#destination(whenTrue);
    const notTaken = this.#destination(whenFalse);
    if (operation === MachineOp.BranchFloatEq || operation === MachineOp.BranchFloatNe) {
      // Unordered sets the parity and the zero flag.
      const different = operation === MachineOp.BranchFloatEq ? notTaken : taken;
      const same = operation === MachineOp.BranchFloatEq ? taken : notTaken;
      this.#jumpTo(block, mnemonic.jp, different);
      if (this.#isNext(block, same)) {
        this.#jumpTo(block, mnemonic.jne, different);
      } else {
        this.#jumpTo(block, mnemonic.je, same);
        this.jump(block, different);
      }
      return;
    }
    const pair = jumps.get(operation);
    invariant(pair !== undefined, `no jump for operation ${operation}`);
    if (this.#isNext(block, taken)) {
      this.#jumpTo(block, pair.whenFalse, notTaken);
    } else {
      this.#jumpTo(block, pair.whenTrue, taken);
      this.jump(block, notTaken);
    }
  }
}
