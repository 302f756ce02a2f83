/**
 * Moves what a loop computes anew in every round, though it cannot change, in front of the loop. Every pure operation
 * is total, so it may run even where the loop would not have come to it.
 *
 * One walk in reverse postorder settles for each instruction the outermost loop that it can leave: operands are met
 * first, and where they have gone decides. Constants move only along with what needs them, for machine code has them
 * for free wherever they stand.
 *
 * A check of bounds, which may trap, leaves a loop only where it comes first in each round, in front of all effects: then it
 * traps in front of the loop just where it would trap in the first round.
 */
import { elementAt, maybeAt, slots } from '../../support/element.ts';
import { leadsBack, successorAt, successorCount } from '../ir/control-flow.ts';
import { DominatorTree } from '../ir/dominators.ts';
import type { Block, IrFunction, Value } from '../ir/function.ts';
import { findLoops, type Loop, type LoopNest } from '../ir/loops.ts';
import { op } from '../ir/opcode.ts';
import { type PredecessorLists, predecessorLists } from '../ir/predecessors.ts';
import { isConstant } from './rules/rule.ts';

/** Blocks stand in reverse postorder. */
export function hoistInvariants(fn: IrFunction): boolean {
  if (!leadsBack(fn.blocks, fn.blockCount)) return false;
  const nest = findLoops(new DominatorTree(fn));
  return nest.loops.length === 0 ? false : new Hoister(fn, nest).run();
}

class Hoister {
  readonly #function: IrFunction;
  readonly #nest: LoopNest;
  /**
   * By value id: the loop in which the value is computed, after hoisting. Constants count as outside of all, and what is made
   * later than the list, copies in front of loops, is beyond it.
   */
  readonly #loops: (Loop | undefined)[];
  /** What leaves each loop, in order. */
  readonly #hoisted = new Map<Loop, Value[]>();
  /** By value id: the loop in which a constant stands. */
  readonly #constantLoops: (Loop | undefined)[];
  readonly #constantCopies = new Map<Loop, Map<Value, Value>>();

  constructor(fn: IrFunction, nest: LoopNest) {
    this.#function = fn;
    this.#nest = nest;
    this.#loops = slots(fn.valueCount);
    this.#constantLoops = slots(fn.valueCount);
  }

  run(): boolean {
    for (const block of this.#function.blocks) this.#visit(block);
    if (this.#hoisted.size === 0) return false;
    const { blocks, blockCount } = this.#function;
    const predecessors = predecessorLists(blocks, blockCount);
    const preheaders = slots<Block>(blockCount);
    for (const [loop, values] of this.#hoisted) {
      const preheader = this.#preheader(loop.head, this.#entrances(loop, blocks, predecessors));
      preheader.instructions.push(...values);
      preheaders[loop.head.id] = preheader;
    }
    const known = new Set(this.#function.blocks);
    this.#function.blocks = this.#function.blocks.flatMap((block) => {
      const preheader = preheaders[block.id];
      return preheader === undefined || known.has(preheader) ? [block] : [preheader, block];
    });
    return true;
  }

  #visit(block: Block): void {
    const loop = this.#nest.of(block);
    for (const parameter of block.parameters) this.#loops[parameter.id] = loop;
    if (loop === undefined) return;
    const kept: Value[] = [];
    let comesFirst = block === loop.head;
    for (const value of block.instructions) {
      if (isConstant(value)) {
        this.#constantLoops[value.id] = loop;
        kept.push(value);
        continue;
      }
      const isPure = value.op?.pure === true;
      if (!isPure && value.op !== op.bound) comesFirst = false;
      const outermost = isPure || comesFirst ? this.#leaves(value, loop) : undefined;
      // In the head of the loop around, a check may stand behind an effect.
      const left = isPure || outermost === undefined ? outermost : loop;
      this.#loops[value.id] = left === undefined ? loop : left.parent;
      if (left === undefined) kept.push(value);
      else this.#hoist(value, left);
    }
    if (kept.length < block.instructions.length) block.instructions = kept;
  }

  /** The outermost loop around the value that it does not depend on; undefined if that is none. */
  #leaves(value: Value, innermost: Loop): Loop | undefined {
    let left: Loop | undefined;
    for (let loop: Loop | undefined = innermost; loop !== undefined; loop = loop.parent) {
      const around = loop;
      if (value.operands.some((operand) => around.contains(maybeAt(this.#loops, operand.id)))) break;
      left = loop;
    }
    return left;
  }

  #hoist(value: Value, loop: Loop): void {
    const list = this.#hoisted.get(loop) ?? [];
    this.#hoisted.set(loop, list);
    value.operands = value.operands.map((operand) => this.#inFront(operand, loop, list));
    list.push(value);
  }

  /** The operand, or if it is a constant inside the loop, a copy of it in front. */
  #inFront(operand: Value, loop: Loop, list: Value[]): Value {
    if (!isConstant(operand) || !loop.contains(maybeAt(this.#constantLoops, operand.id))) return operand;
    const copies = this.#constantCopies.get(loop) ?? new Map<Value, Value>();
    this.#constantCopies.set(loop, copies);
    const known = copies.get(operand);
    if (known !== undefined) return known;
    const copy = this.#function.newValue(operand.type, operand.op, [], operand.immediate);
    copies.set(operand, copy);
    list.push(copy);
    return copy;
  }

  /** The blocks outside that lead into the loop. */
  #entrances(loop: Loop, blocks: readonly Block[], { start, sources }: PredecessorLists): Block[] {
    const entrances: Block[] = [];
    const { id } = loop.head;
    for (let i = start[id] as number; i < (start[id + 1] as number); i++) {
      const block = elementAt(blocks, sources[i] as number);
      // Both edges of a branch stand one behind the other.
      if (!this.#nest.isInside(block, loop) && entrances.at(-1) !== block) entrances.push(block);
    }
    return entrances;
  }

  /** The block that all ways into the loop pass last; made if there is none. */
  #preheader(head: Block, outside: readonly Block[]): Block {
    const fn = this.#function;
    const [only] = outside;
    if (outside.length === 1 && only?.terminator?.kind === 'jump') return only;
    const preheader = fn.newBlock(head.parameters.map(({ type }) => type));
    preheader.terminator = { kind: 'jump', edge: { target: head, args: [...preheader.parameters] } };
    for (const block of outside) redirect(block, head, preheader);
    return preheader;
  }
}

function redirect(block: Block, from: Block, to: Block): void {
  const count = successorCount(block);
  for (let i = 0; i < count; i++) {
    const edge = successorAt(block, i);
    if (edge?.target === from) edge.target = to;
  }
}
