import { Label } from '../code/label.ts';

/**
 * The kinds of operand that encodings tell apart, one bit each. A form of an instruction accepts a set of
 * kinds at each place, an operand belongs to a set of kinds, and it fits where the two sets meet: an
 * unsized memory operand belongs to all memory kinds, `cl` is both a byte register and itself.
 */
export const OperandKind = Object.freeze({
  Gp8: 1 << 0,
  Gp16: 1 << 1,
  Gp32: 1 << 2,
  Gp64: 1 << 3,
  Xmm: 1 << 4,
  Ymm: 1 << 5,
  Zmm: 1 << 6,
  /** Registers 16 to 31, which only EVEX reaches. `zmm` is EVEX's anyway. */
  HighXmm: 1 << 7,
  HighYmm: 1 << 8,
  K: 1 << 10,
  Cl: 1 << 11,
  Xmm0: 1 << 12,
  Immediate: 1 << 13,
  Label: 1 << 14,
  Memory8: 1 << 15,
  Memory16: 1 << 16,
  Memory32: 1 << 17,
  Memory64: 1 << 18,
  Memory128: 1 << 19,
  Memory256: 1 << 20,
  Memory512: 1 << 21,
  Broadcast32: 1 << 22,
  Broadcast64: 1 << 23,
  /** No operand at this place. */
  None: 1 << 24,
  /** Memory whose index is a vector register, by its width. */
  IndexXmm: 1 << 25,
  IndexYmm: 1 << 26,
  IndexZmm: 1 << 27,
  /** Broadcasts that say to how many lanes. */
  Broadcast1to2: 1 << 28,
  Broadcast1to4: 1 << 29,
  Broadcast1to8: 1 << 30,
  Broadcast1to16: 1 << 31,
} as const);

/** Memory of any size, no broadcast. */
export const anyMemory =
  OperandKind.Memory8 |
  OperandKind.Memory16 |
  OperandKind.Memory32 |
  OperandKind.Memory64 |
  OperandKind.Memory128 |
  OperandKind.Memory256 |
  OperandKind.Memory512;

/** Broadcasts that leave the number of lanes to the instruction. */
export const openBroadcast = OperandKind.Broadcast32 | OperandKind.Broadcast64;

export const anyBroadcast =
  openBroadcast |
  OperandKind.Broadcast1to2 |
  OperandKind.Broadcast1to4 |
  OperandKind.Broadcast1to8 |
  OperandKind.Broadcast1to16;

/** Memory whose index is a vector register: of gathers and scatters. */
export const anyVectorIndex = OperandKind.IndexXmm | OperandKind.IndexYmm | OperandKind.IndexZmm;

/** The kind of a broadcast to `lanes` lanes; a power of two from 2 to 16. */
export function broadcastKind(lanes: number): number {
  return OperandKind.Broadcast1to2 << (30 - Math.clz32(lanes));
}

/** The kind of a memory operand of `size` bytes; a power of two up to 64. */
export function memoryKind(size: number): number {
  return OperandKind.Memory8 << (31 - Math.clz32(size));
}

/** The kinds that an operand belongs to. */
export function kindsOf(operand: { readonly kinds: number } | Label | number | bigint | undefined): number {
  if (operand === undefined) return OperandKind.None;
  if (typeof operand !== 'object') return OperandKind.Immediate;
  return operand instanceof Label ? OperandKind.Label : operand.kinds;
}
