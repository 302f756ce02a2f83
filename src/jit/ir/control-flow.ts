/**
 * The graph of a function's blocks, as plain arrays indexed by block id. Everything here is iterative: a function
 * may have a hundred thousand blocks in a row.
 */
import { elementAt } from '../../support/element.ts';
import type { Block, Edge, IrFunction } from './function.ts';

/** The number of edges out of a finished block. */
export function successorCount(block: Block): number {
  switch (block.terminator?.kind) {
    case 'jump':
      return 1;
    case 'branch':
      return 2;
    default:
      return 0;
  }
}

/** The edges out of a block without the array that `successors` makes; undefined from {@link successorCount} on. */
export function successorAt(block: Block, index: number): Edge | undefined {
  const terminator = block.terminator;
  if (terminator?.kind === 'jump') return index === 0 ? terminator.edge : undefined;
  if (terminator?.kind !== 'branch') return undefined;
  if (index === 0) return terminator.whenTrue;
  return index === 1 ? terminator.whenFalse : undefined;
}

/**
 * The reachable blocks in reverse postorder: each before all that it dominates, so that a walk meets every definition
 * before its uses. A branch's true side comes before its false side.
 */
export function reversePostorder(fn: IrFunction): Block[] {
  const seen = new Uint8Array(fn.blockCount);
  const remaining = new Uint8Array(fn.blockCount);
  const entry = elementAt(fn.blocks, 0);
  const stack: Block[] = [entry];
  const order: Block[] = [];
  seen[entry.id] = 1;
  remaining[entry.id] = successorCount(entry);
  while (stack.length > 0) {
    const block = elementAt(stack, stack.length - 1);
    const left = remaining[block.id] as number;
    if (left === 0) {
      order.push(block);
      stack.pop();
      continue;
    }
    remaining[block.id] = left - 1;
    const target = successorAt(block, left - 1)?.target;
    if (target !== undefined && seen[target.id] === 0) {
      seen[target.id] = 1;
      remaining[target.id] = successorCount(target);
      stack.push(target);
    }
  }
  return order.reverse();
}

/** How many edges lead to each block, by block id; edges from the given blocks only. */
export function predecessorCounts(blocks: readonly Block[], blockCount: number): Int32Array {
  const counts = new Int32Array(blockCount);
  for (const block of blocks) {
    const count = successorCount(block);
    for (let i = 0; i < count; i++) {
      const target = successorAt(block, i)?.target;
      if (target !== undefined) counts[target.id] = (counts[target.id] as number) + 1;
    }
  }
  return counts;
}
