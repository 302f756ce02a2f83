/**
 * The vector registers in one buffer, seen as lanes of any type. Behind them are places for operands that come from
 * memory and for the result of the instruction under way, so that wherever an operand is, it is an offset in bytes.
 */

/** Bytes of the widest register. */
export const vectorBytes = 64;
const registerCount = 32;
const operandSlots = 4;

export class VectorFile {
  readonly bytes = new Uint8Array((registerCount + operandSlots + 1) * vectorBytes);
  readonly words = new Uint16Array(this.bytes.buffer);
  readonly signedWords = new Int16Array(this.bytes.buffer);
  readonly dwords = new Uint32Array(this.bytes.buffer);
  readonly signedDwords = new Int32Array(this.bytes.buffer);
  readonly quads = new BigUint64Array(this.bytes.buffer);
  readonly signedQuads = new BigInt64Array(this.bytes.buffer);
  readonly floats = new Float32Array(this.bytes.buffer);
  readonly doubles = new Float64Array(this.bytes.buffer);

  constructor(filler: bigint) {
    this.quads.fill(filler);
  }

  /** Copies bytes, a multiple of 4 of them. */
  copy(from: number, to: number, size: number): void {
    const { dwords } = this;
    for (let i = 0; i < size >> 2; i++) dwords[(to >> 2) + i] = dwords[(from >> 2) + i] as number;
  }

  /** Clears the bytes from `start` to `end`, multiples of 4. */
  clear(start: number, end: number): void {
    const { dwords } = this;
    for (let i = start >> 2; i < end >> 2; i++) dwords[i] = 0;
  }
}

export function registerOffset(id: number): number {
  return id * vectorBytes;
}

/** Where the operand number `position` goes that comes from memory. */
export function operandOffset(position: number): number {
  return (registerCount + position) * vectorBytes;
}

export const resultOffset = (registerCount + operandSlots) * vectorBytes;
