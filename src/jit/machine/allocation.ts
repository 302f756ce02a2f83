/**
 * Machine code with places: what the register allocator makes of a machine function, and emission turns into bytes.
 *
 * One flat array again, {@link allocatedWords} words an instruction: those of the machine function, in order, with
 * locations for vregs, and between them the moves that the allocator inserted.
 */
import { grown, withRoom } from '../../support/growable.ts';

export const allocatedWords = 6;

/** What stands where in an allocated instruction. */
export const AllocatedWord = Object.freeze({
  /** Number of the instruction in the machine function, or -1 for an inserted move. */
  Source: 0,
  Operation: 1,
  Result: 2,
  A: 3,
  B: 4,
  /** Third operand, or the immediate of an operation with fewer. */
  C: 5,
} as const);

/** Scratch that is reused from function to function. */
export class Allocation {
  code = new Int32Array(1024);
  count = 0;
  /** By block: its first instruction here; one more entry marks the end. */
  blockStart = new Int32Array(64);
  /** By vreg: where a block parameter stands when its block begins; -1 if it is unused. */
  parameterLocations = new Int32Array(256);
  /** Spill slots in the stack frame. */
  slotCount = 0;
  /** Spill slots for vectors of several lanes. */
  wideSlotCount = 0;
  /** Registers that values have had, as bit sets of hardware numbers. */
  usedVectors = 0;
  usedGeneral = 0;
  /** Words at the bottom of the stack frame for arguments of callees, shadow space included. */
  outgoingWords = 0;
  /** Does any instruction call? Then the stack is kept aligned. */
  hasCalls = false;

  reset(vregCount: number, blockCount: number): void {
    this.count = 0;
    this.slotCount = 0;
    this.wideSlotCount = 0;
    this.outgoingWords = 0;
    this.hasCalls = false;
    this.parameterLocations = withRoom(this.parameterLocations, vregCount);
    this.parameterLocations.fill(-1, 0, vregCount);
    this.blockStart = withRoom(this.blockStart, blockCount + 1);
  }

  append(source: number, operation: number, result: number, a: number, b: number, c: number): void {
    const at = this.count++ * allocatedWords;
    if (at + allocatedWords > this.code.length) this.code = grown(this.code, at + allocatedWords);
    const code = this.code;
    code[at] = source;
    code[at + 1] = operation;
    code[at + 2] = result;
    code[at + 3] = a;
    code[at + 4] = b;
    code[at + 5] = c;
  }
}
