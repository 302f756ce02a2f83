/**
 * Moves what a loop computes anew in every round, though it cannot change, in front of the loop. Every pure operation
 * is total, so it may run even where the loop would not have come to it.
 *
 * One walk in reverse postorder settles for each instruction the outermost loop that it can leave: operands are met
 * first, and where they have gone decides. Constants move only along with what needs them, for machine code has them
 * for free wherever they stand.
 */
import { slots } from '../../support/element.ts';
import { successorAt, successorCount } from '../ir/control-flow.ts';
import { DominatorTree } from '../ir/dominators.ts';
import { Block, type IrFunction, Value } from '../ir/function.ts';
import { findLoops, type Loop, type LoopNest } from '../ir/loops.ts';
import { isConstant } from './rules/rule.ts';

export function hoistInvariants(fn: IrFunction): boolean {
  if (!hasBackwardEdge(fn)) return false;
  const tree = new DominatorTree(fn);
  const nest = findLoops(fn, tree);
  return nest === undefined ? false : new Hoister(fn, nest).run();
}

/** Blocks stand in reverse postorder, so whatever closes a loop leads backwards. */
function hasBackwardEdge(fn: IrFunction): boolean {
  if (fn.blocks.length === 1) return false;
  const seen = new Uint8Array(fn.blockCount);
  return fn.blocks.some((block) => {
    seen[block.id] = 1;
    const first = successorAt(block, 0);
    const second = successorAt(block, 1);
    return (
      (first !== undefined && seen[first.target.id] === 1) ||
      (second !== undefined && seen[second.target.id] === 1)
    );
  });
}

class Hoister {
  readonly #function: IrFunction;
  readonly #nest: LoopNest;
  /** By value id: the loop in which the value is computed, after hoisting. Constants count as outside of all. */
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
    const predecessors = this.#outsidePredecessors();
    const preheaders = slots<Block>(this.#function.blockCount);
    for (const [{ head }, values] of this.#hoisted) {
      const preheader = this.#preheader(head, predecessors[head.id] ?? []);
      preheader.instructions.push(...values);
      preheaders[head.id] = preheader;
    }
    const known = new Set(this.#function.blocks);
    this.#function.blocks = this.#function.blocks.flatMap((block) => {
      const preheader = preheaders[block.id];
      return preheader === undefined || known.has(preheader) ? [block] : [preheader, block];
    });
    return true;
  }

  #visit(block: Block): void {
    const loop = this.#nest[block.id];
    for (const parameter of block.parameters) this.#loops[parameter.id] = loop;
    if (loop === undefined) return;
    const kept: Value[] = [];
    for (const value of block.instructions) {
      if (isConstant(value)) {
        this.#constantLoops[value.id] = loop;
        kept.push(value);
        continue;
      }
      const left = value.op?.pure === true ? this.#leaves(value, loop) : undefined;
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
      if (value.operands.some((operand) => around.contains(loopAt(this.#loops, operand)))) break;
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
    if (!isConstant(operand) || !loop.contains(loopAt(this.#constantLoops, operand))) return operand;
    const copies = this.#constantCopies.get(loop) ?? new Map<Value, Value>();
    this.#constantCopies.set(loop, copies);
    const known = copies.get(operand);
    if (known !== undefined) return known;
    const id = this.#function.valueCount++;
    const copy = new Value(id, operand.type, operand.op, [], operand.immediate);
    copies.set(operand, copy);
    list.push(copy);
    return copy;
  }

  /** By id of a head of a loop: the blocks outside that lead into the loop. */
  #outsidePredecessors(): (Block[] | undefined)[] {
    const result = slots<Block[]>(this.#function.blockCount);
    for (const { head } of this.#hoisted.keys()) result[head.id] = [];
    for (const block of this.#function.blocks) {
      const count = successorCount(block);
      for (let i = 0; i < count; i++) {
        const target = successorAt(block, i)?.target;
        const list = target === undefined ? undefined : result[target.id];
        if (list === undefined || target === undefined || list.includes(block)) continue;
        if (!this.#isInside(block, target)) list.push(block);
      }
    }
    return result;
  }

  /** The block that all ways into the loop pass last; made if there is none. */
  #preheader(head: Block, outside: readonly Block[]): Block {
    const fn = this.#function;
    const [only] = outside;
    if (outside.length === 1 && only?.terminator?.kind === 'jump') return only;
    const preheader = new Block(fn.blockCount++);
    for (const { type } of head.parameters)
      preheader.parameters.push(new Value(fn.valueCount++, type, undefined, []));
    preheader.terminator = { kind: 'jump', edge: { target: head, args: [...preheader.parameters] } };
    for (const block of outside) redirect(block, head, preheader);
    return preheader;
  }

  #isInside(block: Block, head: Block): boolean {
    for (let loop = this.#nest[block.id]; loop !== undefined; loop = loop.parent)
      if (loop.head === head) return true;
    return false;
  }
}

/** Copies in front of a loop are made later than the lists: they are in none. */
function loopAt(loops: readonly (Loop | undefined)[], { id }: Value): Loop | undefined {
  return id < loops.length ? loops[id] : undefined;
}

function redirect(block: Block, from: Block, to: Block): void {
  const count = successorCount(block);
  for (let i = 0; i < count; i++) {
    const edge = successorAt(block, i);
    if (edge?.target === from) edge.target = to;
  }
}
