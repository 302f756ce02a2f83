/**
 * Machine IR of one function: what selection makes of SSA IR and the register allocator assigns registers to.
 *
 * Instructions stand in one flat array, {@link instructionWords} words each, block after block. Values are virtual
 * registers (vregs), numbered densely and defined once, as in the IR: two-address encodings are a constraint that
 * the allocator solves, not a second assignment. A vreg may be born in memory, at its `home`: constants, arguments
 * that the native frame or the caller's stack holds. Such a value needs no defining instruction and no spill.
 *
 * An instance is scratch: `reset` keeps the arrays, so that a warm compiler allocates nothing.
 */
import { grown } from '../../support/growable.ts';
import { MemoryKind, memoryIndexOf, memoryLocation, noLocation } from './location.ts';
import { RegisterClass } from './operations.ts';

export const instructionWords = 8;

/** What stands where in an instruction. */
export const Word = Object.freeze({
  Operation: 0,
  /** The vreg that it defines, or -1. */
  Result: 1,
  /** Operands, vregs. Calls and jumps: start and count in `extra`. */
  A: 2,
  B: 3,
  /** Third operand; or an immediate, callee, target block or number of a result. */
  C: 4,
  /** Position of the next use of each operand after this instruction, 0 if it dies here. Liveness fills these in. */
  NextA: 5,
  NextB: 6,
  /** The next use of the third operand; or the block to which a branch goes when its condition does not hold. */
  NextC: 7,
} as const);

/** Words of one entry of `extra`: the vreg, and its next use. */
export const extraWords = 2;

export const ConstantKind = Object.freeze({
  /** Eight bytes, a lane. */
  Lane: 0,
  /** A lane repeated over the whole register. */
  Wide: 1,
  /** An integer for general registers. */
  Integer: 2,
  /** A lane repeated over all lanes of the function. */
  Lanes: 3,
  /** The number of each lane. */
  Iota: 4,
} as const);

const bits = new DataView(new ArrayBuffer(8));

export class MachineFunction {
  name = '';
  /** How many lanes its vectors have; 1: it has none. */
  lanes = 1;
  code = new Int32Array(1024);
  instructionCount = 0;
  extra = new Int32Array(256);
  extraCount = 0;
  /** By instruction: its immediate, if its operation has one. */
  immediates = new Int32Array(64);
  /** Words of memory of its own. */
  stackWords = 0;

  vregCount = 0;
  /** By vreg: {@link RegisterClass}. */
  classes = new Uint8Array(256);
  /** By vreg: its lanes. Valid only in functions that have any. */
  shapes = new Uint8Array(256);
  /** By vreg: the memory where it is born, or {@link noLocation}. */
  homes = new Int32Array(256);

  constantCount = 0;
  constantLow = new Int32Array(64);
  constantHigh = new Int32Array(64);
  constantKinds = new Uint8Array(64);

  /** By parameter: its vreg, and the register in which it arrives; those without a register are born in memory. */
  parameters: number[] = [];
  parameterRegisters: number[] = [];
  blockCount = 0;
  /** By block: its first instruction; one more entry marks the end. Blocks stand in reverse postorder, loops contiguous. */
  blockStart = new Int32Array(64);
  /** By block: start and count of its parameters in `extra`. The entry block has none here. */
  blockParameters = new Int32Array(64);
  blockParameterCount = new Int32Array(64);
  /** By block: last block of the loop that the block heads, or -1. */
  loopEnd = new Int32Array(64);
  /** By block: number in a preorder of the dominator tree, and one past the last block that it dominates. */
  dominatorEnter = new Int32Array(64);
  dominatorExit = new Int32Array(64);
  /** By block: how many edges lead to it. */
  predecessorCount = new Int32Array(64);

  reset(name: string, lanes = 1): void {
    this.name = name;
    this.lanes = lanes;
    this.instructionCount = 0;
    this.extraCount = 0;
    this.stackWords = 0;
    this.vregCount = 0;
    this.constantCount = 0;
    this.parameters.length = 0;
    this.parameterRegisters.length = 0;
    this.blockCount = 0;
  }

  newVreg(registerClass: number): number {
    const vreg = this.vregCount++;
    if (vreg >= this.classes.length) {
      this.classes = grown(this.classes, vreg + 1);
      this.homes = grown(this.homes, vreg + 1);
      this.shapes = grown(this.shapes, vreg + 1);
    }
    this.classes[vreg] = registerClass;
    this.homes[vreg] = noLocation;
    this.shapes[vreg] = 1;
    return vreg;
  }

  /** A value of all lanes. */
  newLanes(home = noLocation): number {
    const vreg = this.newVregAt(RegisterClass.Vector, home);
    this.shapes[vreg] = this.lanes;
    return vreg;
  }

  /** Are masks of lanes in registers of their own? */
  get hasMasks(): boolean {
    return this.lanes > 4;
  }

  hasLanes(vreg: number): boolean {
    return this.lanes > 1 && (this.shapes[vreg] as number) > 1;
  }

  /** A value that is born at a place in memory. */
  newVregAt(registerClass: number, home: number): number {
    const vreg = this.newVreg(registerClass);
    this.homes[vreg] = home;
    return vreg;
  }

  float(value: number): number {
    bits.setFloat64(0, value);
    return this.#constant(RegisterClass.Vector, ConstantKind.Lane, bits.getInt32(4), bits.getInt32(0));
  }

  /** A bit pattern in every lane, which bitwise operations can take from memory. */
  pattern(high: number, low: number): number {
    return this.#constant(RegisterClass.Vector, ConstantKind.Wide, low, high);
  }

  /** 64 bits in all lanes. */
  laneConstant(high: number, low: number): number {
    const vreg = this.#constant(RegisterClass.Vector, ConstantKind.Lanes, low, high);
    this.shapes[vreg] = this.lanes;
    return vreg;
  }

  /** The number of each lane, as a double. */
  laneNumbers(): number {
    const vreg = this.#constant(RegisterClass.Vector, ConstantKind.Iota, 0, 0);
    this.shapes[vreg] = this.lanes;
    return vreg;
  }

  integer(value: bigint): number {
    bits.setBigInt64(0, value);
    return this.#constant(RegisterClass.General, ConstantKind.Integer, bits.getInt32(4), bits.getInt32(0));
  }

  /** Appends an instruction; words that it does not have are -1. */
  append(operation: number, result: number, a: number, b: number, c: number): void {
    const at = this.instructionCount++ * instructionWords;
    if (at + instructionWords > this.code.length) this.code = grown(this.code, at + instructionWords);
    const code = this.code;
    code[at] = operation;
    code[at + 1] = result;
    code[at + 2] = a;
    code[at + 3] = b;
    code[at + 4] = c;
  }

  /** Gives the instruction that was appended last an immediate. */
  setImmediate(immediate: number): void {
    const index = this.instructionCount - 1;
    if (index >= this.immediates.length) this.immediates = grown(this.immediates, index + 1);
    this.immediates[index] = immediate;
  }

  /** Appends an entry to `extra`. */
  appendExtra(vreg: number): void {
    const at = this.extraCount++ * extraWords;
    if (at + extraWords > this.extra.length) this.extra = grown(this.extra, at + extraWords);
    this.extra[at] = vreg;
  }

  addFunctionParameter(vreg: number, register: number): void {
    this.parameters.push(vreg);
    this.parameterRegisters.push(register);
  }

  /** Parameters of a block are added before anything else is appended. */
  addBlockParameter(block: number, vreg: number): void {
    this.appendExtra(vreg);
    this.blockParameterCount[block] = (this.blockParameterCount[block] as number) + 1;
  }

  /** A block that begins at the next instruction. Its parameters follow by {@link addBlockParameter}. */
  beginBlock(): number {
    const block = this.blockCount++;
    if (block + 1 >= this.blockStart.length) this.#growBlocks(block + 2);
    this.blockStart[block] = this.instructionCount;
    this.blockStart[block + 1] = this.instructionCount;
    this.blockParameters[block] = this.extraCount;
    this.blockParameterCount[block] = 0;
    this.loopEnd[block] = -1;
    this.dominatorEnter[block] = 0;
    this.dominatorExit[block] = 1;
    this.predecessorCount[block] = 0;
    return block;
  }

  /** Marks the end of the last block. */
  endBlock(): void {
    this.blockStart[this.blockCount] = this.instructionCount;
  }

  dominates(outer: number, inner: number): boolean {
    const position = this.dominatorEnter[inner] as number;
    return (
      (this.dominatorEnter[outer] as number) <= position && position < (this.dominatorExit[outer] as number)
    );
  }

  isConstant(vreg: number): boolean {
    const home = this.homes[vreg] as number;
    return home !== noLocation && (home & 7) === constantTag;
  }

  /** Is it a constant all of whose bits are clear? */
  isZero(vreg: number): boolean {
    if (!this.isConstant(vreg)) return false;
    const index = memoryIndexOf(this.homes[vreg] as number);
    const isNumber = this.constantKinds[index] !== ConstantKind.Iota;
    return isNumber && this.constantLow[index] === 0 && this.constantHigh[index] === 0;
  }

  #constant(registerClass: number, kind: number, low: number, high: number): number {
    const index = this.constantCount++;
    if (index >= this.constantLow.length) {
      this.constantLow = grown(this.constantLow, index + 1);
      this.constantHigh = grown(this.constantHigh, index + 1);
      this.constantKinds = grown(this.constantKinds, index + 1);
    }
    this.constantLow[index] = low;
    this.constantHigh[index] = high;
    this.constantKinds[index] = kind;
    return this.newVregAt(registerClass, memoryLocation(MemoryKind.Constant, index));
  }

  #growBlocks(needed: number): void {
    this.blockStart = grown(this.blockStart, needed);
    this.blockParameters = grown(this.blockParameters, needed);
    this.blockParameterCount = grown(this.blockParameterCount, needed);
    this.loopEnd = grown(this.loopEnd, needed);
    this.dominatorEnter = grown(this.dominatorEnter, needed);
    this.dominatorExit = grown(this.dominatorExit, needed);
    this.predecessorCount = grown(this.predecessorCount, needed);
  }
}

/** The kind bits of a constant's home; memory locations start at a multiple of eight. */
const constantTag = memoryLocation(MemoryKind.Constant, 0) & 7;
