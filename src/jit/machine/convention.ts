/**
 * Calling conventions: where arguments and results stand, what a call preserves, what an entry must save.
 *
 * Compiled functions call each other and the math library in the platform's convention, with one addition: `rbx`
 * holds the native frame throughout. Only registers that every callee may overwrite are handed out to values, so a
 * trap can leave any depth of compiled code without restoring anything; what the platform wants preserved beyond
 * that is saved by the frame entry, once. Kernels that call nothing have more, and save them.
 */
import { generalLocation, MemoryKind, memoryLocation } from './location.ts';
import { RegisterClass } from './operations.ts';

/** Hardware numbers of general registers. */
export const Gpr = Object.freeze({
  Rax: 0,
  Rcx: 1,
  Rdx: 2,
  Rbx: 3,
  Rsp: 4,
  Rbp: 5,
  Rsi: 6,
  Rdi: 7,
  R8: 8,
  R9: 9,
  R10: 10,
  R11: 11,
  R12: 12,
  R13: 13,
  R14: 14,
  R15: 15,
} as const);

export interface Convention {
  readonly name: 'sysv' | 'win64';
  /** General registers that carry arguments, in order; the first carries the frame to a frame entry. */
  readonly generalArguments: readonly number[];
  readonly vectorArgumentCount: number;
  /** Argument registers are counted over both classes together, so that the nth argument has the nth register of its class. */
  readonly positional: boolean;
  /** Bytes that a caller reserves below the stack arguments for the callee's use. */
  readonly shadowSpace: number;
  /** General registers, beyond `rbx` and `r14`, that the platform preserves and compiled code overwrites. */
  readonly savedGeneral: readonly number[];
  /** Vector registers of which the platform preserves the low 128 bits and that compiled code overwrites. */
  readonly savedVectors: readonly number[];
  /** Large stack frames must be touched page by page, in order. */
  readonly probesStack: boolean;
}

export const sysv: Convention = Object.freeze({
  name: 'sysv',
  generalArguments: [Gpr.Rdi, Gpr.Rsi, Gpr.Rdx, Gpr.Rcx, Gpr.R8, Gpr.R9],
  vectorArgumentCount: 8,
  positional: false,
  shadowSpace: 0,
  savedGeneral: [],
  savedVectors: [],
  probesStack: false,
} as const);

export const win64: Convention = Object.freeze({
  name: 'win64',
  generalArguments: [Gpr.Rcx, Gpr.Rdx, Gpr.R8, Gpr.R9],
  vectorArgumentCount: 4,
  positional: true,
  shadowSpace: 32,
  savedGeneral: [Gpr.Rsi, Gpr.Rdi],
  savedVectors: [6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  probesStack: true,
} as const);

/** Holds the native frame in compiled code. */
export const frameRegister = Gpr.Rbx;
/** Holds the remaining fuel in compiled code that spends any. */
export const fuelRegister = Gpr.R14;
/** Free at all times for moves between places in memory, for breaking cycles of moves, and for emission. */
export const generalScratch = Gpr.R11;
export const vectorScratch = 15;

/** Free for breaking cycles of moves between mask registers. */
export const maskScratch = 7;
/** Mask registers that values may have: the first masks nothing. */
export const allocatableMasks = 0b0111_1110;

/** Free for moves of several lanes and for their emission; values have it where there are no lanes. */
export const laneScratch = 14;

const scalarVectors = 0x7fff;
const laneVectors = scalarVectors & ~(1 << laneScratch);
/** Where vectors have the registers that only EVEX names: lanes have them all, and the rest the others. */
const wideVectors = laneVectors | (0xffff << 16);

/** Vector registers that values may have in a function of so many lanes. */
export function allocatableVectors(lanes: number): number {
  if (lanes > 4) return wideVectors;
  return lanes > 1 ? laneVectors : scalarVectors;
}

/** Bit sets of the registers that values may have, by hardware number. */
export const allocatableGeneral: number =
  (1 << Gpr.Rax) |
  (1 << Gpr.Rcx) |
  (1 << Gpr.Rdx) |
  (1 << Gpr.Rsi) |
  (1 << Gpr.Rdi) |
  (1 << Gpr.R8) |
  (1 << Gpr.R9) |
  (1 << Gpr.R10);

/** In kernels that call nothing, which save what the platform wants preserved. */
export const allocatableInKernels: number =
  allocatableGeneral | (1 << Gpr.Rbx) | (1 << Gpr.R12) | (1 << Gpr.R13) | (1 << Gpr.R14) | (1 << Gpr.R15);

/** Hands out places for the arguments of one call, in order. */
export class ArgumentAssigner {
  readonly #convention: Convention;
  readonly #stackKind: number;
  #vectors = 0;
  #general = 0;
  #words = 0;

  /** `stackKind` is how this side of the call sees stack arguments: {@link MemoryKind} `Incoming` or `Outgoing`. */
  constructor(convention: Convention, stackKind: number) {
    this.#convention = convention;
    this.#stackKind = stackKind;
    this.#words = convention.shadowSpace / 8;
  }

  /** Words of stack that the arguments so far take, shadow space included. */
  get stackWords(): number {
    return this.#words;
  }

  next(registerClass: number): number {
    const { positional, vectorArgumentCount, generalArguments } = this.#convention;
    const isVector = registerClass === RegisterClass.Vector;
    const position = positional ? this.#vectors + this.#general : isVector ? this.#vectors : this.#general;
    if (isVector) this.#vectors++;
    else this.#general++;
    if (isVector) {
      if (position < vectorArgumentCount) return position;
    } else {
      const register = generalArguments.at(position);
      if (register !== undefined) return generalLocation(register);
    }
    return memoryLocation(this.#stackKind, this.#words++);
  }
}

/** Where a result of the class stands after a call. */
export function resultLocation(registerClass: number): number {
  return registerClass === RegisterClass.Vector ? 0 : generalLocation(Gpr.Rax);
}
