/**
 * Tidies the graph of blocks:
 *
 * - blocks stand in reverse postorder, and unreachable ones go;
 * - a branch whose way is known becomes a jump;
 * - an edge to an empty block is threaded to where that block leads; so a condition that is constant on one way into
 *   a join takes its branch there, and a jump to an empty block that branches becomes that branch;
 * - a block merges with its only predecessor if that leads nowhere else;
 * - a parameter that receives the same value on all edges is replaced by that value.
 *
 * Threading bypasses a block, so none of its parameters may be used in other blocks; and since it is empty, all
 * else that those blocks use is defined above it and still reaches them.
 */
import { elementAt, slots } from '../../support/element.ts';
import { reversePostorder, successorAt, successorCount } from '../ir/control-flow.ts';
import type { Block, Edge, IrFunction, Terminator, Value } from '../ir/function.ts';
import { op } from '../ir/opcode.ts';
import { predecessorCounts } from '../ir/predecessors.ts';
import { Substitution } from './substitution.ts';

export function simplifyControlFlow(fn: IrFunction): boolean {
  if (fn.blocks.length === 1) return false;
  let changed = order(fn);
  const folded = foldBranches(fn);
  const threaded = thread(fn);
  if (folded || threaded) {
    order(fn);
    changed = true;
  }
  const substitution = new Substitution(fn);
  merge(fn, substitution);
  findRedundantParameters(fn, substitution);
  substitution.apply(fn);
  return changed || substitution.size > 0;
}

/** Says whether the list of blocks was another before. */
function order(fn: IrFunction): boolean {
  const blocks = reversePostorder(fn);
  const changed =
    blocks.length !== fn.blocks.length || blocks.some((block, index) => block !== fn.blocks[index]);
  fn.blocks = blocks;
  return changed;
}

function foldBranches(fn: IrFunction): boolean {
  let changed = false;
  for (const block of fn.blocks) {
    const folded = foldBranch(block.terminator);
    if (folded === block.terminator) continue;
    block.terminator = folded;
    changed = true;
  }
  return changed;
}

function foldBranch(terminator: Terminator | undefined): Terminator | undefined {
  if (terminator?.kind !== 'branch') return terminator;
  const { condition, whenTrue, whenFalse } = terminator;
  if (condition.op === op.bconst)
    return { kind: 'jump', edge: condition.immediate === true ? whenTrue : whenFalse };
  if (sameEdge(whenTrue, whenFalse)) return { kind: 'jump', edge: whenTrue };
  if (condition.op !== op.bnot) return terminator;
  return {
    kind: 'branch',
    condition: elementAt(condition.operands, 0),
    whenTrue: whenFalse,
    whenFalse: whenTrue,
  };
}

export function sameEdge(first: Edge, second: Edge): boolean {
  return (
    first.target === second.target && first.args.every((argument, index) => argument === second.args[index])
  );
}

/** How many empty blocks in a row one edge skips; blocks below are threaded first, so chains of any length shrink. */
const maxSteps = 4;

/** A terminator with more arguments than this is not copied into each predecessor. */
const maxCopiedArguments = 8;

function thread(fn: IrFunction): boolean {
  const bypassable = findBypassable(fn);
  if (bypassable === undefined) return false;
  let changed = false;
  for (let i = fn.blocks.length - 1; i >= 0; i--) {
    const block = elementAt(fn.blocks, i);
    for (let step = 0; step < maxSteps && threadOnce(block, bypassable); step++) changed = true;
  }
  return changed;
}

function threadOnce(block: Block, bypassable: Uint8Array): boolean {
  const terminator = block.terminator;
  if (terminator?.kind === 'jump') {
    const { target } = terminator.edge;
    if (target === block || bypassable[target.id] === 0) return false;
    const next = instantiate(target.terminator, terminator.edge);
    if (next === undefined) return false;
    block.terminator = next;
    return true;
  }
  if (terminator?.kind !== 'branch') return false;
  const whenTrue = threadEdge(terminator.whenTrue, block, bypassable);
  const whenFalse = threadEdge(terminator.whenFalse, block, bypassable);
  if (whenTrue === undefined && whenFalse === undefined) return false;
  terminator.whenTrue = whenTrue ?? terminator.whenTrue;
  terminator.whenFalse = whenFalse ?? terminator.whenFalse;
  block.terminator = foldBranch(terminator);
  return true;
}

function threadEdge(edge: Edge, source: Block, bypassable: Uint8Array): Edge | undefined {
  if (edge.target === source || bypassable[edge.target.id] === 0) return undefined;
  const next = instantiate(edge.target.terminator, edge);
  return next?.kind === 'jump' ? next.edge : undefined;
}

/** The terminator of an empty block as it is for one edge that leads there; undefined if it is not to be copied. */
function instantiate(terminator: Terminator | undefined, edge: Edge): Terminator | undefined {
  const { target, args } = edge;
  const actual = (value: Value): Value => {
    const index = target.parameters.indexOf(value);
    return index < 0 ? value : elementAt(args, index);
  };
  const through = (next: Edge): Edge => ({ target: next.target, args: next.args.map(actual) });
  if (terminator?.kind === 'jump') return { kind: 'jump', edge: through(terminator.edge) };
  if (terminator?.kind !== 'branch') return undefined;
  const condition = actual(terminator.condition);
  const { whenTrue, whenFalse } = terminator;
  if (condition.op === op.bconst) {
    return { kind: 'jump', edge: through(condition.immediate === true ? whenTrue : whenFalse) };
  }
  if (whenTrue.args.length + whenFalse.args.length > maxCopiedArguments) return undefined;
  return foldBranch({
    kind: 'branch',
    condition,
    whenTrue: through(whenTrue),
    whenFalse: through(whenFalse),
  });
}

/** By block id: 1 for the empty blocks whose parameters only they themselves use; undefined if there are none. */
function findBypassable(fn: IrFunction): Uint8Array | undefined {
  const isEmpty = (block: Block): boolean =>
    block.instructions.length === 0 && block !== fn.blocks[0] && block.terminator?.kind !== 'return';
  if (!fn.blocks.some(isEmpty)) return undefined;
  const bypassable = new Uint8Array(fn.blockCount);
  /** By value id: one more than the id of the empty block whose parameter it is. */
  const homes = new Int32Array(fn.valueCount);
  let haveParameters = false;
  for (const block of fn.blocks) {
    if (!isEmpty(block)) continue;
    bypassable[block.id] = 1;
    for (const parameter of block.parameters) {
      homes[parameter.id] = block.id + 1;
      haveParameters = true;
    }
  }
  if (!haveParameters) return bypassable;
  const use = (value: Value, block: Block): void => {
    const home = homes[value.id] as number;
    if (home !== 0 && home !== block.id + 1) bypassable[home - 1] = 0;
  };
  for (const block of fn.blocks) {
    for (const instruction of block.instructions)
      for (const operand of instruction.operands) use(operand, block);
    const terminator = block.terminator;
    if (terminator?.kind === 'branch') use(terminator.condition, block);
    if (terminator?.kind === 'return') use(terminator.value, block);
    const count = successorCount(block);
    for (let i = 0; i < count; i++)
      for (const argument of successorAt(block, i)?.args ?? []) use(argument, block);
  }
  return bypassable;
}

function merge(fn: IrFunction, substitution: Substitution): void {
  const predecessors = predecessorCounts(fn.blocks, fn.blockCount);
  const merged = new Uint8Array(fn.blockCount);
  let count = 0;
  for (const block of fn.blocks) {
    if (merged[block.id] === 1) continue;
    for (
      let next = onlySuccessor(block, predecessors);
      next !== undefined;
      next = onlySuccessor(block, predecessors)
    ) {
      const { target, args } = next;
      target.parameters.forEach((parameter, index) => {
        substitution.replace(parameter, elementAt(args, index));
      });
      for (const instruction of target.instructions) block.instructions.push(instruction);
      block.terminator = target.terminator;
      merged[target.id] = 1;
      count++;
    }
  }
  if (count > 0) fn.blocks = fn.blocks.filter((block) => merged[block.id] === 0);
}

/** The edge to a block that only this one leads to, if it has no other successor. */
function onlySuccessor(block: Block, predecessors: Int32Array): Edge | undefined {
  if (block.terminator?.kind !== 'jump') return undefined;
  const { edge } = block.terminator;
  return predecessors[edge.target.id] === 1 && edge.target !== block ? edge : undefined;
}

/** Parameters that hang on each other through nested loops resolve from the inside out, one level per round. */
const maxRounds = 4;

function findRedundantParameters(fn: IrFunction, substitution: Substitution): void {
  if (fn.blocks.length === 1) return;
  for (let round = 0; round < maxRounds; round++) {
    if (!findRedundantParametersOnce(fn, substitution)) return;
  }
}

function findRedundantParametersOnce(fn: IrFunction, substitution: Substitution): boolean {
  const received = receivedValues(fn, substitution);
  if (received === undefined) return false;
  const isKept = (parameter: Value): boolean => {
    const value = received[parameter.id];
    return value === undefined || value === parameter;
  };
  const lost = new Set<Block>();
  for (const block of fn.blocks) {
    for (const parameter of block.parameters) {
      const value = received[parameter.id];
      if (value === undefined || value === parameter) continue;
      substitution.replace(parameter, value);
      lost.add(block);
    }
  }
  if (lost.size === 0) return false;
  for (const block of fn.blocks) {
    const count = successorCount(block);
    for (let i = 0; i < count; i++) {
      const edge = successorAt(block, i);
      if (edge === undefined || !lost.has(edge.target)) continue;
      const { parameters } = edge.target;
      edge.args = edge.args.filter((_, index) => isKept(elementAt(parameters, index)));
    }
  }
  for (const block of lost) {
    const kept = block.parameters.filter(isKept);
    block.parameters.length = 0;
    block.parameters.push(...kept);
  }
  return true;
}

/** By id of a parameter: the one value that it receives; itself if there are several. Undefined if nothing is passed. */
function receivedValues(fn: IrFunction, substitution: Substitution): (Value | undefined)[] | undefined {
  let received: (Value | undefined)[] | undefined;
  for (const block of fn.blocks) {
    const count = successorCount(block);
    for (let i = 0; i < count; i++) {
      const edge = successorAt(block, i);
      if (edge === undefined || edge.args.length === 0) continue;
      received ??= slots<Value>(fn.valueCount);
      const { parameters } = edge.target;
      for (let k = 0; k < parameters.length; k++) {
        const parameter = parameters[k] as Value;
        const argument = substitution.of(edge.args[k] as Value);
        const before = received[parameter.id];
        if (argument === parameter || argument === before) continue;
        received[parameter.id] = before === undefined ? argument : parameter;
      }
    }
  }
  return received;
}
