/** Which values are the same for all rows, so far as control and operands tell; what is not surely uniform counts as divergent. */
import { elementAt } from '../../../support/element.ts';
import { ranks, successorAt, successorCount } from '../../ir/control-flow.ts';
import type { Block, IrFunction, Value } from '../../ir/function.ts';
import type { Loop, LoopNest } from '../../ir/loops.ts';
import { predecessorCounts } from '../../ir/predecessors.ts';

export class Uniformity {
  readonly #order: readonly Block[];
  readonly #nest: LoopNest;
  /** By block id: its position in the order. */
  readonly #rank: Int32Array;
  readonly #predecessors: Int32Array;
  /** By value id: 1 if divergent. */
  readonly #divergent: Uint8Array;
  /** By value id: the innermost loop that defines it. */
  readonly #homes = new Map<Value, Loop | undefined>();
  /** By rank: divergent branches in front of it, as far as they are known. */
  readonly #branchesBefore: Int32Array;
  /** Loops that hold divergent branches. */
  readonly #divergentLoops = new Set<Loop>();

  /** `varies` says of each parameter whether it differs from row to row. */
  constructor(fn: IrFunction, nest: LoopNest, varies: readonly boolean[]) {
    this.#order = nest.tree.order;
    this.#nest = nest;
    this.#rank = ranks(this.#order, fn.blockCount);
    this.#predecessors = predecessorCounts(this.#order, fn.blockCount);
    this.#divergent = new Uint8Array(fn.valueCount);
    this.#branchesBefore = new Int32Array(this.#order.length + 1);
    for (const block of this.#order) {
      const loop = nest.of(block);
      for (const value of block.parameters) this.#homes.set(value, loop);
      for (const value of block.instructions) this.#homes.set(value, loop);
    }
    elementAt(this.#order, 0).parameters.forEach((parameter, index) => {
      if (elementAt(varies, index)) this.#divergent[parameter.id] = 1;
    });
    for (let changed = true; changed; ) changed = this.#spread();
  }

  isUniform(value: Value): boolean {
    return this.#divergent[value.id] === 0;
  }

  /** One walk over all values; says whether any more became divergent. */
  #spread(): boolean {
    let changed = false;
    this.#findDivergentBranches();
    const mark = (value: Value): void => {
      if (this.#divergent[value.id] === 1) return;
      this.#divergent[value.id] = 1;
      changed = true;
    };
    for (const block of this.#order) {
      for (const value of block.instructions) {
        if (value.operands.some((operand) => this.#differs(operand, block))) mark(value);
      }
      for (let i = 0; i < successorCount(block); i++) {
        const edge = successorAt(block, i);
        edge?.target.parameters.forEach((parameter, index) => {
          if (this.#differs(elementAt(edge.args, index), edge.target)) mark(parameter);
        });
      }
    }
    for (const block of this.#order) {
      if ((this.#predecessors[block.id] as number) < 2 || block.parameters.length === 0) continue;
      if (this.#isReachedByChoice(block)) for (const parameter of block.parameters) mark(parameter);
    }
    return changed;
  }

  /** Is the value divergent where `block` uses it? What a loop leaves behind after different rounds is. */
  #differs(value: Value, block: Block): boolean {
    if (this.#divergent[value.id] === 1) return true;
    for (let loop = this.#homes.get(value); loop !== undefined; loop = loop.parent) {
      if (this.#nest.isInside(block, loop)) return false;
      if (this.#divergentLoops.has(loop)) return true;
    }
    return false;
  }

  /** May rows come to a join on different ways? Any divergent branch above or inside of its loop could be why. */
  #isReachedByChoice(join: Block): boolean {
    const loop = this.#nest.of(join);
    if (loop?.head === join) {
      const backEdges = (this.#predecessors[join.id] as number) - 1;
      return backEdges > 1 && this.#divergentLoops.has(loop);
    }
    const above = this.#nest.tree.immediate(join);
    const first = above === undefined ? 0 : (this.#rank[above.id] as number);
    const last = this.#rank[join.id] as number;
    return (this.#branchesBefore[last] as number) > (this.#branchesBefore[first] as number);
  }

  #findDivergentBranches(): void {
    let count = 0;
    this.#order.forEach((block, rank) => {
      const { terminator } = block;
      this.#branchesBefore[rank] = count;
      if (terminator?.kind !== 'branch' || this.#divergent[terminator.condition.id] === 0) return;
      count++;
      for (let loop = this.#nest.of(block); loop !== undefined; loop = loop.parent)
        this.#divergentLoops.add(loop);
    });
    this.#branchesBefore[this.#order.length] = count;
  }
}
