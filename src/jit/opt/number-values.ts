/**
 * Global value numbering: of two pure instructions with the same operation on the same operands, the one that
 * dominates the other serves for both. So does a check of bounds: what was inside of memory stays inside.
 *
 * The walk goes down the dominator tree, so when an earlier instruction does not dominate the present one, the subtree
 * that it does dominate is finished: it can make room for the present one, and one entry per key suffices.
 */
import { elementAt } from '../../support/element.ts';
import { DominatorTree } from '../ir/dominators.ts';
import type { Block, IrFunction, Value } from '../ir/function.ts';
import { type Opcode, op } from '../ir/opcode.ts';
import { mirrored } from './rules/logic-rules.ts';
import { Substitution } from './substitution.ts';

const initialSlots = 256;

/** What no function uses at the moment; after an error it is dropped, for its state is unknown. */
let idle: ExpressionTable | undefined;

export function numberValues(fn: IrFunction): boolean {
  const substitution = new Substitution(fn);
  const table = idle ?? new ExpressionTable();
  idle = undefined;
  table.reset(fn.valueCount);
  if (fn.blocks.length === 1) {
    numberBlock(elementAt(fn.blocks, 0), table, undefined, substitution);
  } else {
    const tree = new DominatorTree(fn);
    for (const block of tree.preorder) numberBlock(block, table, tree, substitution);
  }
  table.reset(0);
  idle = table;
  return substitution.size > 0;
}

function numberBlock(
  block: Block,
  table: ExpressionTable,
  tree: DominatorTree | undefined,
  substitution: Substitution,
): void {
  const { instructions } = block;
  let kept = 0;
  for (let i = 0; i < instructions.length; i++) {
    const value = instructions[i] as Value;
    if (substitution.size > 0) substitution.applyToList(value.operands);
    const isShared = value.op?.pure === true || value.op === op.bound;
    const leader = isShared ? table.leader(value, block, tree) : value;
    if (leader === value) instructions[kept++] = value;
    else substitution.replace(value, leader);
  }
  // To set the length takes as long as some values, also where it stays.
  if (kept < instructions.length) instructions.length = kept;
  if (substitution.size > 0) substitution.applyToTerminator(block);
}

/**
 * A hash table of expressions with open addressing; never more than half full. A slot holds one more than the index of
 * an entry, so that the large array is a typed one, which costs the garbage collector nothing.
 */
class ExpressionTable {
  #slots = new Int32Array(initialSlots);
  /** One less than the slots in use. Not read from their length: a probe without an end follows from one that lies. */
  #mask = 0;
  #values: Value[] = [];
  #homes: Block[] = [];

  /** Empties the table and makes room for the values of a function, of which it keeps none. */
  reset(valueCount: number): void {
    const needed = 2 ** (32 - Math.clz32(2 * valueCount + 1));
    if (needed > initialSlots || this.#mask >= initialSlots) {
      // A table that one large function needed would cost every small one after it.
      this.#slots = new Int32Array(Math.max(needed, initialSlots));
    } else if (this.#mask > 0) {
      this.#slots.fill(0, 0, this.#mask + 1);
    }
    this.#mask = needed - 1;
    this.#values = [];
    this.#homes = [];
  }

  /** The value that computes the same as `value` wherever that is; `value` itself, from now on, if there is none. */
  leader(value: Value, block: Block, tree: DominatorTree | undefined): Value {
    const slots = this.#slots;
    const mask = this.#mask;
    let slot = hash(value) & mask;
    for (let entry = slots[slot] as number; entry !== 0; entry = slots[slot] as number) {
      const known = this.#values[entry - 1] as Value;
      if (isSame(value, known)) {
        if (tree === undefined || tree.dominates(this.#homes[entry - 1] as Block, block)) return known;
        this.#values[entry - 1] = value;
        this.#homes[entry - 1] = block;
        return value;
      }
      slot = (slot + 1) & mask;
    }
    slots[slot] = this.#values.push(value);
    if (tree !== undefined) this.#homes.push(block);
    return value;
  }
}

/** `y > x` is numbered as `x < y`. */
function canonical(opcode: Opcode): Opcode {
  return opcode === op.fgt || opcode === op.fge || opcode === op.igt || opcode === op.ige
    ? (mirrored.get(opcode) ?? opcode)
    : opcode;
}

function hash(value: Value): number {
  const { operands, immediate } = value;
  const opcode = canonical(value.op as Opcode);
  let h = opcode.index;
  // A sum, so that the order of operands does not matter; those of a mirrored comparison come in either.
  for (let i = 0; i < operands.length; i++) h += Math.imul((operands[i] as Value).id + 1, 0x9e3779b1);
  if (immediate !== undefined) h += hashImmediate(immediate);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  return h ^ (h >>> 13);
}

const scratch = new Float64Array(1);
const scratchWords = new Int32Array(scratch.buffer);

function hashImmediate(immediate: NonNullable<Value['immediate']>): number {
  if (typeof immediate === 'string') {
    let h = 0;
    for (let i = 0; i < immediate.length; i++) h = Math.imul(h, 31) + immediate.charCodeAt(i);
    return h;
  }
  scratch[0] = Number(immediate);
  return (scratchWords[0] as number) ^ Math.imul(scratchWords[1] as number, 0x27d4eb2f);
}

function isSame(value: Value, other: Value): boolean {
  const a = value.op as Opcode;
  const b = other.op as Opcode;
  if (canonical(a) !== canonical(b) || !Object.is(value.immediate, other.immediate)) return false;
  // Constants and what is made of one value exist in one and in several lanes.
  if (value.type !== other.type) return false;
  if (a !== b) return sameOperands(value, other, true);
  return sameOperands(value, other, false) || (a.commutative && sameOperands(value, other, true));
}

function sameOperands({ operands }: Value, other: Value, exchanged: boolean): boolean {
  const count = operands.length;
  if (count !== other.operands.length) return false;
  for (let i = 0; i < count; i++) {
    if (operands[i] !== other.operands[exchanged ? count - 1 - i : i]) return false;
  }
  return true;
}
