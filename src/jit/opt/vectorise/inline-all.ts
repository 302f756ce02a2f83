import { elementAt } from '../../../support/element.ts';
import { IrBuilder } from '../../ir/builder.ts';
import { callGraph, callsAny } from '../../ir/call-graph.ts';
import { type IrFunction, IrModule } from '../../ir/function.ts';
import { op } from '../../ir/opcode.ts';
import { inlineCalls } from '../inline-calls.ts';
import { laneSize } from './lane-size.ts';

/** Longer functions do not fit the caches next to their rows, and run row by row. */
export const mostInstructions = 8192;

export interface WholeFunction {
  readonly function: IrFunction;
  /** How many calls became part of it. */
  readonly calls: number;
}

/** A copy of the function and of all that it calls, as one. Undefined if some call is recursive, or if that would be too long. */
export function inlineAll(module: IrModule, fn: IrFunction): WholeFunction | undefined {
  const { calleesFirst, recursive } = callGraph(module);
  if (!(wholeSize(fn, calleesFirst) <= mostInstructions)) return undefined;
  const bodies = new Map(
    module.functions.filter((candidate) => !recursive.has(candidate)).map((body) => [body.name, body]),
  );
  const copies = new IrModule();
  const { parameters } = elementAt(fn.blocks, 0);
  const builder = new IrBuilder(
    copies,
    `${fn.name}$whole`,
    parameters.map(({ type }) => type),
    fn.result,
  );
  builder.return(builder.call(fn.name, fn.result, ...builder.block.parameters));
  const copy = builder.function;
  // Each turn replaces the calls of one level; without recursion there are no more levels than functions.
  let calls = 0;
  for (let changed = true; changed; ) {
    calls += callCount(copy);
    changed = inlineCalls(copy, bodies);
  }
  return callsAny(copy) ? undefined : { function: copy, calls };
}

/** Instructions of a function with all that it calls in the place of each call, which a few lines can make any number. */
function wholeSize(wanted: IrFunction, calleesFirst: readonly IrFunction[]): number {
  const sizes = new Map<string, number>();
  for (const fn of calleesFirst) {
    let size = 0;
    for (const { instructions } of fn.blocks) {
      // A block counts too: it costs as much to copy.
      size++;
      for (const value of instructions) {
        const callee = value.op === op.call ? sizes.get(String(value.immediate)) : undefined;
        size += callee ?? laneSize(value);
      }
    }
    if (fn === wanted) return size;
    sizes.set(fn.name, size);
  }
  return Number.POSITIVE_INFINITY;
}

function callCount({ blocks }: IrFunction): number {
  return blocks.reduce(
    (sum, block) => sum + block.instructions.filter((value) => value.op === op.call).length,
    0,
  );
}
