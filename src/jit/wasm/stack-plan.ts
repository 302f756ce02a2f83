/**
 * Which values of a function stand on WebAssembly's stack, and how long the others need a local.
 *
 * A value that is read once, in its own block, is computed where it is read, as part of the expression there; all operations
 * but those on memory and calls may wait until then. Others are computed where they stand, and kept in a local; one that is
 * not read beyond its block gives it back after its last read. Constants are written wherever they are read.
 *
 * Loads wait as well, but not beyond a write to memory.
 */
import { elementAt, slots } from '../../support/element.ts';
import { divisionOf } from '../ir/division.ts';
import type { Block, IrFunction, Value } from '../ir/function.ts';
import { successors } from '../ir/function.ts';
import { constantOpcodes, type Opcode, op } from '../ir/opcode.ts';
import { lanesOf } from '../ir/type.ts';
import { divisionReads } from './division-encoder.ts';
import { readOperands } from './element-place.ts';

/** Expressions that nest deeper are cut, since they are written by recursion. */
const mostDepth = 64;

/** Written wherever they are read. */
const constantLike: ReadonlySet<Opcode | undefined> = new Set([
  ...constantOpcodes,
  ...[op.tableaddress, op.stack, op.iota, op.taken],
]);

/** What changes memory that loads may read. */
const writes: ReadonlySet<Opcode | undefined> = new Set([
  ...[op.store, op.setfuel, op.look, op.call, op.callhost],
  ...[op.mwrite, op.setglobal, op.bound],
]);

const reads: ReadonlySet<Opcode | undefined> = new Set([
  ...[op.load, op.pairs, op.getfuel, op.mread, op.msize, op.getglobal],
]);

/** Computed where they stand. */
const fixed: ReadonlySet<Opcode | undefined> = new Set([...writes, op.frepair, op.keep, op.give]);

/** Does the value need neither a local nor a place? */
export function isConstantLike({ op: opcode }: Value): boolean {
  return constantLike.has(opcode);
}

/** Is it there for what it does? */
export function hasEffect({ op: opcode }: Value): boolean {
  return writes.has(opcode) || opcode === op.give;
}

/** How often code reads an operand. */
function readsOf(value: Value, position: number): number {
  const { op: opcode, type } = value;
  switch (opcode) {
    case op.fless:
    case op.fmore:
      return lanesOf(type) > 1 ? 1 : 2;
    case op.funordered:
      return 2;
    case op.ftoi:
      return 2;
    case op.frepair:
      return position === 0 ? 2 : 1;
    default:
      return divisionOf(opcode) === undefined ? 1 : divisionReads(value, position);
  }
}

export class StackPlan {
  /** By value id: 1 if it is computed where it is read. */
  readonly #isInline: Uint8Array;
  /** By value id: how often it is read. */
  readonly #reads: Int32Array;
  /** By value id: id of its block, and of a block that reads it, -1 for none. */
  readonly #home: Int32Array;
  readonly #crosses: Uint8Array;
  /** By value id: position in its block of the last instruction that is written with it. */
  readonly #lastRead: Int32Array;

  constructor({ valueCount }: IrFunction, order: readonly Block[]) {
    this.#isInline = new Uint8Array(valueCount);
    this.#reads = new Int32Array(valueCount);
    this.#home = new Int32Array(valueCount).fill(-1);
    this.#crosses = new Uint8Array(valueCount);
    this.#lastRead = new Int32Array(valueCount).fill(-1);
    for (const { id, instructions } of order) {
      for (let i = 0; i < instructions.length; i++) this.#home[(instructions[i] as Value).id] = id;
    }
    /** By value id: position of what reads it, where that is one only. */
    const reader = new Int32Array(valueCount);
    for (const block of order) this.#count(block, reader);
    for (const block of order) this.#plan(block, reader);
  }

  isInline({ id }: Value): boolean {
    return this.#isInline[id] === 1;
  }

  isRead({ id }: Value): boolean {
    return (this.#reads[id] as number) > 0;
  }

  /** Do other blocks read it? */
  crossesBlocks({ id }: Value): boolean {
    return this.#crosses[id] === 1;
  }

  /** Position in its block of the last instruction that is written with it; the block's length for its end. */
  lastRead({ id }: Value): number {
    return this.#lastRead[id] as number;
  }

  #count(block: Block, reader: Int32Array): void {
    const { id, instructions, terminator } = block;
    const read = (value: Value, position: number, times: number): void => {
      this.#reads[value.id] = (this.#reads[value.id] as number) + times;
      reader[value.id] = position;
      if (this.#home[value.id] !== id) this.#crosses[value.id] = 1;
    };
    instructions.forEach((value, position) => {
      readOperands(value).forEach((operand, at) => {
        read(operand, position, readsOf(value, at));
      });
    });
    const end = instructions.length;
    if (terminator?.kind === 'branch') read(terminator.condition, end, 1);
    if (terminator?.kind === 'return') read(terminator.value, end, 1);
    for (const { args } of successors(block)) for (const arg of args) read(arg, end, 1);
  }

  #plan(block: Block, reader: Int32Array): void {
    const { instructions } = block;
    const end = instructions.length;
    const writesBefore = new Int32Array(end + 1);
    const depths = new Map<Value, number>();
    for (let i = 0; i < end; i++) {
      const value = elementAt(instructions, i);
      writesBefore[i + 1] = (writesBefore[i] as number) + (writes.has(value.op) ? 1 : 0);
      const { id } = value;
      const mayWait =
        this.#reads[id] === 1 &&
        this.#crosses[id] === 0 &&
        !fixed.has(value.op) &&
        !constantLike.has(value.op);
      if (!mayWait) continue;
      const depth =
        readOperands(value).reduce((most, operand) => Math.max(most, depths.get(operand) ?? 0), 0) + 1;
      if (depth > mostDepth) continue;
      depths.set(value, depth);
      this.#isInline[id] = 1;
    }
    this.#findLastReads(block, reader, writesBefore);
  }

  /** From the end, so that it is known of what reads a value where that is written. */
  #findLastReads(block: Block, reader: Int32Array, writesBefore: Int32Array): void {
    const { instructions, terminator } = block;
    const end = instructions.length;
    const written = slots<number>(end);
    const note = ({ id }: Value, position: number): void => {
      this.#lastRead[id] = Math.max(this.#lastRead[id] as number, position);
    };
    if (terminator?.kind === 'branch') note(terminator.condition, end);
    if (terminator?.kind === 'return') note(terminator.value, end);
    for (const { args } of successors(block)) for (const arg of args) note(arg, end);
    for (let i = end - 1; i >= 0; i--) {
      const value = elementAt(instructions, i);
      let place = i;
      if (this.#isInline[value.id] === 1) {
        const position = reader[value.id] as number;
        place = position === end ? end : elementAt(written, position);
        if (reads.has(value.op) && writesBefore[place] !== writesBefore[i]) {
          this.#isInline[value.id] = 0;
          place = i;
        }
      }
      written[i] = place;
      for (const operand of readOperands(value)) note(operand, place);
    }
  }
}
