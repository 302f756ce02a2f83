/**
 * Trials of single instructions, to hold the simulator against a CPU: code that loads all registers from a state in
 * memory, runs one instruction, and writes them and the flags back.
 */
import { CodeHolder } from '../../../src/jit/code/code-holder.ts';
import type { Label } from '../../../src/jit/code/label.ts';
import { sysv, win64 } from '../../../src/jit/machine/convention.ts';
import { Assembler } from '../../../src/jit/x64/assembler.ts';
import type { Form } from '../../../src/jit/x64/form.ts';
import { instructionOf } from '../../../src/jit/x64/instruction.ts';
import type { LoggedInstruction } from '../../../src/jit/x64/listing.ts';
import { bytePtr, Mem, ptr, qwordPtr } from '../../../src/jit/x64/memory.ts';
import type { Mnemonic, Operand } from '../../../src/jit/x64/mnemonics.ts';
import { anyBroadcast, anyMemory, memoryKind, OperandKind } from '../../../src/jit/x64/operand-kind.ts';
import { Masking } from '../../../src/jit/x64/operand-notation.ts';
import { gp64, k, r13, r14, r15, rax, rcx, type Vec, xmm, ymm, zmm } from '../../../src/jit/x64/register.ts';
import { FrameSlot, frameOffset } from '../../../src/native/frame.ts';
import { elementAt } from '../../../src/support/element.ts';
import { memoryKindsFor, registersFor } from '../../jit/x64/operand-samples.ts';
import type { Random } from '../random.ts';

/** What the CPU has that is loaded and stored. */
export type StateKind = 'sse' | 'avx' | 'avx512';

/** The state in memory, offsets in bytes. */
export const stateLayout = Object.freeze({
  vectors: 0,
  masks: 2048,
  general: 2112,
  flags: 2240,
  /** Address of the trial's body. */
  body: 2248,
  /** What operands in memory are taken from. */
  data: 2304,
  size: 3072,
} as const);

/** The convention of the calls. */
export const trialConvention = process.platform === 'win32' ? win64 : sysv;

/** What an index register holds, so that `[base + index*8]` is aligned as `[base]` is. */
const indexValue = 8;
const reserved = new Set([4, 13, 14, 15]);

/** Flags that an instruction leaves defined, by their setters; all if nothing is said. */
const definedFlags: Readonly<Record<string, readonly string[]>> = {
  imul: ['setb', 'seto'],
  shl: ['setb', 'sete', 'sets', 'setp'],
  shr: ['setb', 'sete', 'sets', 'setp'],
  sar: ['setb', 'sete', 'sets', 'setp'],
  bsf: ['sete'],
  bsr: ['sete'],
};
const allFlags = ['setb', 'sete', 'sets', 'seto', 'setp'];

/** Highest immediates that mean something. */
const immediateLimits: Readonly<Record<string, number>> = {
  cmppd: 7,
  cmpsd: 7,
  vcmppd: 31,
  vcmpsd: 31,
  roundpd: 15,
  roundsd: 15,
  vroundpd: 15,
  vroundsd: 15,
  vrndscalepd: 15,
  vrndscalesd: 15,
  vrangepd: 15,
};

export interface Trial {
  /** Runs the instruction, and stores the flags. */
  readonly body: Label;
  /** As a listing has it. */
  readonly text: string;
}

/** With the size of its memory, which not every instruction implies. */
function sized(operand: Operand | undefined, { memorySize }: Form): Operand | undefined {
  if (!(operand instanceof Mem)) return operand;
  const { base, index, scale, displacement } = operand;
  return new Mem(memoryKind(memorySize), base, index, scale, displacement, undefined);
}

/** Appends the code of trials to one `CodeHolder`. `entry` is a `void (frame)` with the state's address as argument. */
export class TrialWriter {
  readonly code = new CodeHolder();
  readonly entry = this.code.newLabel();
  readonly #log: LoggedInstruction[] = [];
  readonly #a = new Assembler(this.code, { log: this.#log });
  readonly #kind: StateKind;
  readonly #random: Random;

  constructor(kind: StateKind, random: Random) {
    this.#kind = kind;
    this.#random = random;
    this.code.bind(this.entry);
    this.#harness();
  }

  /** Trials of a form: with registers, with memory, and with masks if it takes any. */
  trials(form: Form): Trial[] {
    const wants = ['register', 'memory', 'broadcast'] as const;
    const lists = wants
      .map((want) => this.#operands(form, want))
      .filter((operands) => operands !== undefined);
    const masked = form.masking === Masking.None || this.#kind !== 'avx512' ? [] : lists;
    return [
      ...lists.map((operands) => this.#trial(form, operands, Masking.None)),
      ...masked.map((operands) => this.#trial(form, operands, Masking.Merge)),
      ...(form.masking === Masking.Zero ? masked : [])
        .filter(([destination]) => !(destination instanceof Mem))
        .map((operands) => this.#trial(form, operands, Masking.Zero)),
    ];
  }

  /** Undefined if no operand can be what is wanted. */
  #operands(form: Form, want: 'register' | 'memory' | 'broadcast'): Operand[] | undefined {
    let isFound = want === 'register';
    const operands = form.operands.map((_, position) => {
      const accepts = form.accepts(position);
      const kinds = memoryKindsFor(form, accepts).filter(
        (kind) => ((kind & anyBroadcast) !== 0) === (want === 'broadcast'),
      );
      const [memory] = kinds;
      if (memory !== undefined && (accepts & (anyMemory | anyBroadcast)) !== 0 && want !== 'register') {
        isFound = true;
        return form.mnemonic === 'lea' ? this.#anyAddress(memory) : this.#memory(memory);
      }
      if ((accepts & OperandKind.Immediate) !== 0) return this.#immediate(form);
      const registers = registersFor(accepts).filter(({ kinds: own, id }) => {
        const isGeneral = own < OperandKind.Xmm || (own & OperandKind.Cl) !== 0;
        return isGeneral ? !reserved.has(id) : this.#kind === 'avx512' || id < 16;
      });
      return registers.length === 0 ? undefined : this.#random.pick(registers);
    });
    const all = operands.filter((operand) => operand !== undefined);
    return isFound && all.length === operands.length ? all : undefined;
  }

  #memory(kinds: number): Mem {
    const displacement = 64 * this.#random.integer(0, 3);
    return this.#random.chance(0.5)
      ? new Mem(kinds, r14, undefined, 1, displacement, undefined)
      : new Mem(kinds, r14, r13, 8, displacement, undefined);
  }

  /** For `lea`, which reads nothing; other addresses differ between the CPU and the simulator. */
  #anyAddress(kinds: number): Mem {
    const [base, index] = this.#random.shuffle(this.#general());
    return new Mem(kinds, base, index, 4, this.#random.integer(-(2 ** 31), 2 ** 31 - 1), undefined);
  }

  #immediate({ mnemonic, immediateMin, immediateMax, immediateSize }: Form): number | bigint {
    const limit = immediateLimits[mnemonic];
    if (limit !== undefined) return this.#random.integer(0, limit);
    const isWide = immediateSize === 8;
    return this.#random.integer(isWide ? -(2 ** 31) : immediateMin, isWide ? 2 ** 31 - 1 : immediateMax);
  }

  #trial(form: Form, operands: readonly Operand[], masking: number): Trial {
    const a = this.#a;
    const body = this.code.newLabel();
    a.bind(body);
    // Of zero there is no highest bit.
    if (form.mnemonic === 'bsr' || form.mnemonic === 'bsf')
      a.emit(instructionOf('or'), sized(operands.at(1), form), 1);
    const before = this.#log.length;
    if (masking !== Masking.None) {
      const mask = elementAt(k, this.#random.integer(1, 7));
      if (masking === Masking.Zero) a.kz(mask);
      else a.k(mask);
    }
    const [first, second, third, fourth] = operands;
    a.emit(instructionOf(form.mnemonic as Mnemonic), first, second, third, fourth);
    const { text } = elementAt(this.#log, before);
    const setters = definedFlags[form.mnemonic] ?? allFlags;
    setters.forEach((setter, index) => {
      a.emit(instructionOf(setter as Mnemonic), bytePtr(r15, stateLayout.flags + index));
    });
    a.ret();
    return { body, text };
  }

  /** `void harness(frame)`: what is the same in all trials, around a call of the body that the state names. */
  #harness(): void {
    const a = this.#a;
    const argument = elementAt(gp64, elementAt(trialConvention.generalArguments, 0));
    const pushed = gp64.filter(({ id }) => id !== 4);
    for (const register of pushed) a.push(register);
    a.mov(r15, ptr(argument, frameOffset(FrameSlot.Arguments)));
    a.lea(r14, ptr(r15, stateLayout.data));
    this.#load();
    a.call(qwordPtr(r15, stateLayout.body));
    this.#store();
    for (const register of pushed.toReversed()) a.pop(register);
    if (this.#kind !== 'sse') a.vzeroupper();
    a.ret();
  }

  #load(): void {
    const a = this.#a;
    for (const register of this.#vectors()) {
      a.emit(this.#move, register, ptr(r15, stateLayout.vectors + register.id * 64));
    }
    if (this.#kind === 'avx512') {
      for (const mask of k) a.kmovq(mask, ptr(r15, stateLayout.masks + mask.id * 8));
    }
    for (const register of this.#general()) a.mov(register, ptr(r15, stateLayout.general + register.id * 8));
    a.mov(r13, indexValue);
    // So that flags are defined that the instruction leaves alone.
    a.cmp(rax, rcx);
  }

  #store(): void {
    const a = this.#a;
    for (const register of this.#vectors()) {
      a.emit(this.#move, ptr(r15, stateLayout.vectors + register.id * 64), register);
    }
    if (this.#kind === 'avx512') {
      for (const mask of k) a.kmovq(ptr(r15, stateLayout.masks + mask.id * 8), mask);
    }
    for (const register of this.#general()) a.mov(ptr(r15, stateLayout.general + register.id * 8), register);
  }

  #general() {
    return gp64.filter(({ id }) => !reserved.has(id));
  }

  #vectors(): readonly Vec[] {
    if (this.#kind === 'avx512') return zmm;
    return (this.#kind === 'avx' ? ymm : xmm).slice(0, 16);
  }

  get #move() {
    return instructionOf(this.#kind === 'sse' ? 'movups' : 'vmovups');
  }
}
