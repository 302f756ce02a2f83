/**
 * Removes what no effect, no result and no branch depends on: pure instructions, and parameters of blocks with the
 * arguments passed to them. Liveness starts at the roots and spreads through operands, so values that only keep each
 * other alive around a loop go too.
 */
import { elementAt } from '../../support/element.ts';
import { successorAt, successorCount } from '../ir/control-flow.ts';
import type { IrFunction, Value } from '../ir/function.ts';
import { IncomingArguments } from '../ir/incoming-arguments.ts';

/** May an instruction go if nothing needs its result? */
export type IsDroppable = (value: Value) => boolean;

const isPure: IsDroppable = (value) => value.op?.pure === true;

export function removeDeadCode(fn: IrFunction, isDroppable: IsDroppable = isPure): boolean {
  const live = fn.blocks.length === 1 ? markStraightLine(fn, isDroppable) : markGraph(fn, isDroppable);
  let changed = false;
  for (const block of fn.blocks) {
    if (sweep(block.instructions, live)) changed = true;
  }
  if (fn.blocks.length > 1 && sweepParameters(fn, live)) changed = true;
  return changed;
}

/** By value id: 1 if something needs it. One walk upwards meets every use before its definition. */
function markStraightLine(fn: IrFunction, isDroppable: IsDroppable): Uint8Array {
  const live = new Uint8Array(fn.valueCount);
  const { instructions, terminator } = elementAt(fn.blocks, 0);
  if (terminator?.kind === 'return') live[terminator.value.id] = 1;
  for (let i = instructions.length - 1; i >= 0; i--) {
    const value = instructions[i] as Value;
    if (live[value.id] === 0 && isDroppable(value)) continue;
    live[value.id] = 1;
    for (let k = 0; k < value.operands.length; k++) live[(value.operands[k] as Value).id] = 1;
  }
  return live;
}

function markGraph(fn: IrFunction, isDroppable: IsDroppable): Uint8Array {
  const live = new Uint8Array(fn.valueCount);
  const work: Value[] = [];
  const mark = (value: Value): void => {
    if (live[value.id] === 1) return;
    live[value.id] = 1;
    work.push(value);
  };
  for (const block of fn.blocks) {
    for (const instruction of block.instructions) if (!isDroppable(instruction)) mark(instruction);
    if (block.terminator?.kind === 'branch') mark(block.terminator.condition);
    if (block.terminator?.kind === 'return') mark(block.terminator.value);
  }
  const incoming = new IncomingArguments(fn);
  for (let value = work.pop(); value !== undefined; value = work.pop()) {
    value.operands.forEach(mark);
    incoming.visit(value, mark);
  }
  return live;
}

function sweep(values: Value[], live: Uint8Array): boolean {
  let kept = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as Value;
    if (live[value.id] === 1) values[kept++] = value;
  }
  if (kept === values.length) return false;
  values.length = kept;
  return true;
}

/** The entry keeps all its parameters: they are the function's. */
function sweepParameters(fn: IrFunction, live: Uint8Array): boolean {
  const isLive = (parameter: Value): boolean => live[parameter.id] === 1;
  const entry = fn.blocks[0];
  if (fn.blocks.every((block) => block === entry || block.parameters.every(isLive))) return false;
  for (const block of fn.blocks) {
    const count = successorCount(block);
    for (let i = 0; i < count; i++) {
      const edge = successorAt(block, i);
      if (edge === undefined) continue;
      const { parameters } = edge.target;
      edge.args = edge.args.filter((_, index) => isLive(elementAt(parameters, index)));
    }
  }
  for (const block of fn.blocks) if (block !== entry) sweep(block.parameters, live);
  return true;
}
