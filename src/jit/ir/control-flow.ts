/**
 * The graph of a function's blocks, as plain arrays indexed by block id. Everything here is iterative: a function
 * may have a hundred thousand blocks in a row.
 */
import { elementAt, maybeAt } from '../../support/element.ts';
import type { Block, Edge, IrFunction } from './function.ts';

/** The number of edges out of a finished block. */
export function successorCount(block: Block): number {
  switch (block.terminator?.kind) {
    case 'jump':
      return 1;
    case 'branch':
      return 2;
    case 'switch':
      return block.terminator.cases.length + 1;
    default:
      return 0;
  }
}

/** The edges out of a block without the array that `successors` makes; undefined from {@link successorCount} on. */
export function successorAt(block: Block, index: number): Edge | undefined {
  const terminator = block.terminator;
  if (terminator?.kind === 'jump') return index === 0 ? terminator.edge : undefined;
  if (terminator?.kind === 'switch') {
    const { cases, otherwise } = terminator;
    return index === cases.length ? otherwise : maybeAt(cases, index)?.edge;
  }
  if (terminator?.kind !== 'branch') return undefined;
  if (index === 0) return terminator.whenTrue;
  return index === 1 ? terminator.whenFalse : undefined;
}

/**
 * Walks from the entry in depth, a block's last edge first. `leave` hears of each reachable block once all that it leads to
 * is done, `enter` when the walk gets there, and from where.
 */
export function walkInDepth(
  fn: IrFunction,
  leave: (block: Block) => void,
  enter?: (block: Block, from: Block | undefined) => void,
): void {
  /** By block id: one more than how many edges are still to be followed; 0: the walk has not been there. */
  const pending = new Int32Array(fn.blockCount);
  const entry = elementAt(fn.blocks, 0);
  const path: Block[] = [entry];
  pending[entry.id] = successorCount(entry) + 1;
  enter?.(entry, undefined);
  while (path.length > 0) {
    const block = path[path.length - 1] as Block;
    const left = (pending[block.id] as number) - 1;
    if (left === 0) {
      leave(block);
      path.pop();
      continue;
    }
    pending[block.id] = left;
    const target = successorAt(block, left - 1)?.target;
    if (target === undefined || pending[target.id] !== 0) continue;
    pending[target.id] = successorCount(target) + 1;
    enter?.(target, block);
    path.push(target);
  }
}

/**
 * The reachable blocks in reverse postorder: each before all that it dominates, so that a walk meets every definition
 * before its uses. A branch's true side comes before its false side.
 */
export function reversePostorder(fn: IrFunction): Block[] {
  const order: Block[] = [];
  walkInDepth(fn, (block) => order.push(block));
  return order.reverse();
}

/** By block id: the block's position in `order`. */
export function ranks(order: readonly Block[], blockCount: number): Int32Array {
  const rank = new Int32Array(blockCount);
  for (let position = 0; position < order.length; position++) rank[(order[position] as Block).id] = position;
  return rank;
}

/**
 * Does an edge lead to its own source, or to a block before it in `order`? In reverse postorder that says whether the graph
 * has a cycle.
 */
export function leadsBack(order: readonly Block[], blockCount: number): boolean {
  if (order.length === 1) return successorCount(elementAt(order, 0)) > 0;
  const seen = new Uint8Array(blockCount);
  for (const block of order) {
    seen[block.id] = 1;
    const count = successorCount(block);
    for (let i = 0; i < count; i++) {
      const target = successorAt(block, i)?.target;
      if (target !== undefined && seen[target.id] === 1) return true;
    }
  }
  return false;
}
