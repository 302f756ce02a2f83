/** How many vectors are alive at once in the loops of a function: whether they will find registers. */
import { elementAt, slots } from '../../../support/element.ts';
import { type Block, type IrFunction, successors, type Value } from '../../ir/function.ts';
import type { LoopNest } from '../../ir/loops.ts';
import { constantOpcodes } from '../../ir/opcode.ts';
import { elementOf, lanesOf } from '../../ir/type.ts';

/** `hasMasks`: have masks registers of their own? */
export function pressure(fn: IrFunction, nest: LoopNest, hasMasks: boolean): number {
  if (nest.loops.length === 0) return 0;
  return new Pressure(fn, nest, hasMasks).run();
}

class Pressure {
  readonly #function: IrFunction;
  readonly #nest: LoopNest;
  /** By value id: 1 if it takes a register. Constants and parameters of the function are in memory, where instructions can take them. */
  readonly #counts: Uint8Array;
  /** By block id: what is alive where it begins. */
  readonly #liveIn: ReadonlySet<number>[];

  constructor(fn: IrFunction, nest: LoopNest, hasMasks: boolean) {
    this.#function = fn;
    this.#nest = nest;
    this.#counts = new Uint8Array(fn.valueCount);
    this.#liveIn = Array.from(slots(fn.blockCount), () => new Set<number>());
    for (const block of fn.blocks) {
      if (block !== fn.blocks[0]) for (const parameter of block.parameters) this.#note(parameter, hasMasks);
      for (const value of block.instructions) this.#note(value, hasMasks);
    }
  }

  run(): number {
    const { blocks } = this.#function;
    let most = 0;
    for (let changed = true; changed; ) {
      changed = false;
      most = 0;
      for (let i = blocks.length - 1; i >= 0; i--) {
        const block = elementAt(blocks, i);
        const live = this.#liveOut(block);
        const peak = this.#peak(block, live);
        if (this.#nest.of(block) !== undefined) most = Math.max(most, peak);
        if (live.size === elementAt(this.#liveIn, block.id).size) continue;
        this.#liveIn[block.id] = live;
        changed = true;
      }
    }
    return most;
  }

  #note({ id, type, op: opcode }: Value, hasMasks: boolean): void {
    const isElsewhere = constantOpcodes.has(opcode) || (hasMasks && elementOf(type) === 'bool');
    this.#counts[id] = lanesOf(type) > 1 && !isElsewhere ? 1 : 0;
  }

  #liveOut(block: Block): Set<number> {
    const live = new Set<number>();
    for (const { target, args } of successors(block)) {
      for (const id of elementAt(this.#liveIn, target.id)) live.add(id);
      for (const { id } of args) if (this.#counts[id] === 1) live.add(id);
    }
    return live;
  }

  /** The most that is alive within the block; turns what lives at its end into what lives at its start. */
  #peak({ instructions, parameters }: Block, live: Set<number>): number {
    let peak = live.size;
    for (let i = instructions.length - 1; i >= 0; i--) {
      const { id, operands } = elementAt(instructions, i);
      if (this.#counts[id] === 1) live.delete(id);
      for (const operand of operands) if (this.#counts[operand.id] === 1) live.add(operand.id);
      if (live.size > peak) peak = live.size;
    }
    for (const { id } of parameters) live.delete(id);
    return peak;
  }
}
