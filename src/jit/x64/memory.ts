import { Label } from '../code/label.ts';
import { anyMemory, broadcastKind, memoryKind, OperandKind, openBroadcast } from './operand-kind.ts';
import type { Gp64, Vec } from './register.ts';

/** What an index register is multiplied by. */
export type Scale = 1 | 2 | 4 | 8;

/**
 * A memory operand: `[base + index*scale + displacement]`, or `[rip + label + displacement]`. With a vector register for its
 * index it is as many places as that has lanes.
 * Make one with {@link ptr} and its sized siblings.
 */
export class Mem {
  readonly kinds: number;
  readonly base: Gp64 | undefined;
  readonly index: Gp64 | Vec | undefined;
  readonly scale: Scale;
  readonly displacement: number;
  /** Set for rip-relative operands, which have neither base nor index. */
  readonly label: Label | undefined;

  constructor(
    kinds: number,
    base: Gp64 | undefined,
    index: Gp64 | Vec | undefined,
    scale: Scale,
    displacement: number,
    label: Label | undefined,
  ) {
    if (displacement !== (displacement | 0)) {
      throw new RangeError(`displacement must be an integer from -2^31 to 2^31-1, not ${displacement}`);
    }
    if (index === undefined || (index.kinds & OperandKind.Gp64) !== 0) {
      if (index?.id === 4) throw new RangeError('rsp cannot be an index register');
      this.kinds = kinds;
    } else this.kinds = vectorIndexKind(index, kinds);
    this.base = base;
    this.index = index;
    this.scale = scale;
    this.displacement = displacement;
    this.label = label;
  }
}

function vectorIndexKind(index: Gp64 | Vec, kinds: number): number {
  const size = [16, 32, 64].indexOf(index.size);
  if (size < 0) {
    throw new TypeError(`an index is a general register of 64 bits, or a vector register, not ${index}`);
  }
  if (kinds !== anyMemory) {
    throw new TypeError(
      `with ${index} as its index, memory is of the instruction's size: ptr, not its siblings`,
    );
  }
  return OperandKind.IndexXmm << size;
}

/** The ways to name a place in memory; offsets are in bytes. */
export interface MemoryOperand {
  (base: Gp64 | Label, offset?: number): Mem;
  /** The index of gathers and scatters, with `ptr` only, is a vector register: one place for each of its lanes. */
  (base: Gp64 | undefined, index: Gp64 | Vec, scale: Scale, offset?: number): Mem;
  /** A fixed address in the lowest or highest 2 GiB. */
  (address: number): Mem;
}

function memoryOperand(kinds: number): MemoryOperand {
  return (
    base: Gp64 | Label | number | undefined,
    second: Gp64 | Vec | number = 0,
    scale: Scale = 1,
    offset?: number,
  ): Mem => {
    if (typeof base === 'number') return new Mem(kinds, undefined, undefined, 1, base, undefined);
    if (base instanceof Label) {
      if (typeof second !== 'number') throw new RangeError('a rip-relative operand has no index register');
      return new Mem(kinds, undefined, undefined, 1, second, base);
    }
    if (typeof second === 'number') return new Mem(kinds, base, undefined, 1, second, undefined);
    if (![1, 2, 4, 8].includes(scale)) {
      throw new RangeError(`scale must be 1, 2, 4 or 8, not ${scale}`);
    }
    return new Mem(kinds, base, second, scale, offset ?? 0, undefined);
  };
}

/** Memory whose size the instruction implies. */
export const ptr: MemoryOperand = memoryOperand(anyMemory);
/** Eight bits of memory. */
export const bytePtr: MemoryOperand = memoryOperand(memoryKind(1));
/** 16 bits of memory. */
export const wordPtr: MemoryOperand = memoryOperand(memoryKind(2));
/** 32 bits of memory. */
export const dwordPtr: MemoryOperand = memoryOperand(memoryKind(4));
/** 64 bits of memory. */
export const qwordPtr: MemoryOperand = memoryOperand(memoryKind(8));
/** 128 bits of memory. */
export const xmmwordPtr: MemoryOperand = memoryOperand(memoryKind(16));
/** 256 bits of memory. */
export const ymmwordPtr: MemoryOperand = memoryOperand(memoryKind(32));
/** 512 bits of memory. */
export const zmmwordPtr: MemoryOperand = memoryOperand(memoryKind(64));
/** One element of the instruction's element size, repeated to the vector's width: EVEX `{1toN}`. */
export const broadcastPtr: MemoryOperand = memoryOperand(openBroadcast);
/** 32 bits of memory, repeated to the vector's width. */
export const dwordBroadcast: MemoryOperand = memoryOperand(OperandKind.Broadcast32);
/** 64 bits of memory, repeated to the vector's width. */
export const qwordBroadcast: MemoryOperand = memoryOperand(OperandKind.Broadcast64);
/** One element, repeated to two lanes; this and the next three are for where the other operands do not tell how many. */
export const broadcast1to2: MemoryOperand = memoryOperand(broadcastKind(2));
/** One element, repeated to four lanes. */
export const broadcast1to4: MemoryOperand = memoryOperand(broadcastKind(4));
/** One element, repeated to eight lanes. */
export const broadcast1to8: MemoryOperand = memoryOperand(broadcastKind(8));
/** One element, repeated to 16 lanes. */
export const broadcast1to16: MemoryOperand = memoryOperand(broadcastKind(16));
