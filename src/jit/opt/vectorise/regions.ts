import { type Block, successors, type Value } from '../../ir/function.ts';
import type { Exit, Loop, LoopNest } from '../../ir/loops.ts';

/** The blocks of a function by loops, and what loops leave behind; found in one walk, since there may be many of them. */
export class Regions {
  /** By loop, or undefined for what is in none: its own blocks and the heads of the loops in it, in reverse postorder. */
  readonly blocks = new Map<Loop | undefined, Block[]>();
  readonly exits = new Map<Loop, Exit[]>();
  /** By loop: values that it defines, or a loop in it, and what is outside of it uses. */
  readonly escapes = new Map<Loop, Set<Value>>();

  constructor(nest: LoopNest) {
    const homes = new Map<Value, Loop | undefined>();
    const { order } = nest.tree;
    for (const block of order) {
      const loop = nest.of(block);
      append(this.blocks, loop, block);
      if (loop?.head === block) append(this.blocks, loop.parent, block);
      for (const value of block.parameters) homes.set(value, loop);
      for (const value of block.instructions) homes.set(value, loop);
    }
    for (const block of order) {
      const use = (value: Value): void => {
        for (
          let loop = homes.get(value);
          loop !== undefined && !nest.isInside(block, loop);
          loop = loop.parent
        ) {
          const values = this.escapes.get(loop);
          if (values === undefined) this.escapes.set(loop, new Set([value]));
          else values.add(value);
        }
      };
      for (const { operands } of block.instructions) operands.forEach(use);
      if (block.terminator?.kind === 'branch') use(block.terminator.condition);
      if (block.terminator?.kind === 'return') use(block.terminator.value);
      for (const edge of successors(block)) {
        edge.args.forEach(use);
        for (let loop = nest.of(block); loop !== undefined; loop = loop.parent) {
          if (nest.isInside(edge.target, loop)) break;
          append(this.exits, loop, { source: block, edge });
        }
      }
    }
  }
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
