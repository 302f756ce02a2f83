/**
 * Vectorisation: from a function of one row to a function of many, which computes the same bits in each lane.
 *
 * Conditionals become selections, loops run until the last row is done (`predicate.ts`), and what differs from row to row
 * becomes lanes (`widen.ts`). Fuel is charged for all rows at once, round by round: for each strand, and never less than one row alone
 * would have to pay. So where it lasts, it lasts for each of them.
 */
import { FunctionCost, fuelCosts, mostUnits } from '../../ir/cost.ts';
import { DominatorTree } from '../../ir/dominators.ts';
import { type IrFunction, IrModule, uses } from '../../ir/function.ts';
import { findLoops } from '../../ir/loops.ts';
import { op } from '../../ir/opcode.ts';
import type { LaneCount } from '../../ir/type.ts';
import { hoistInvariants } from '../hoist-invariants.ts';
import { keepConstants } from '../keep-constants.ts';
import type { LegalTarget } from '../legalise/expander.ts';
import { legalise } from '../legalise/legalise.ts';
import { numberValues } from '../number-values.ts';
import { removeDeadCode } from '../remove-dead-code.ts';
import { inlineAll, mostInstructions } from './inline-all.ts';
import { sizeInLanes } from './lane-size.ts';
import { predicate } from './predicate.ts';
import { pressure } from './pressure.ts';
import { expandRemainders } from './remainder.ts';
import { type Width, widen } from './widen.ts';

export interface VectorTarget extends LegalTarget {
  readonly lanes: LaneCount;
  /** Vector registers that values may have. */
  readonly registers: number;
}

export interface Vectorised {
  readonly function: IrFunction;
  readonly cost: FunctionCost;
  readonly width: Width;
}

/** Instructions beyond which there is no use in looking for more strands: none would find registers, and to look takes long. */
const mostOfStrands = 200;

/**
 * A function of a module, which stays as it is. `varies` says of each parameter whether it differs from row to row. Undefined
 * if some operation has no lanes. Of `strandCounts`, most first, the first is taken for which there are enough registers, or the
 * last.
 */
export function vectorise(
  module: IrModule,
  fn: IrFunction,
  varies: readonly boolean[],
  target: VectorTarget,
  strandCounts: readonly number[],
): Vectorised | undefined {
  const whole = inlineAll(module, fn);
  if (whole === undefined) return undefined;
  const alone = new IrModule();
  alone.functions.push(whole.function);
  const cost = fuelCosts(alone).of(whole.function);
  // Pairs of doubles are loaded into two and four lanes.
  if (target.lanes === 8 && uses(whole.function, op.element)) return undefined;
  // Behind the look at its cost: what one row pays for `%` is in there, and each of its few rounds counts as little as possible.
  const { blockCount } = whole.function;
  if (target.hasFma || target.hasNumbers) expandRemainders(whole.function, target.hasFma);
  const predicated = predicate(whole.function, varies);
  if (predicated === undefined) return undefined;
  const isLong = sizeInLanes(predicated.function) > mostOfStrands;
  for (const strands of isLong ? strandCounts.slice(-1) : strandCounts) {
    const width = { lanes: target.lanes, strands };
    const widened = widen(predicated.function, varies, width, target.hasFma);
    if (widened === undefined || sizeInLanes(widened.function) > mostInstructions) return undefined;
    const legal = legalise(widened.function, target);
    numberValues(legal);
    hoistInvariants(legal);
    removeDeadCode(legal);
    const nest = findLoops(new DominatorTree(legal));
    const free = target.registers - pressure(legal, nest, target.hasMasks);
    if (strands !== strandCounts.at(-1) && free < 0) continue;
    keepConstants(legal, nest, free);
    // Between two charges one row makes each call once at the most. What it pays for them apart is rounded up, and has a call in it.
    const charge = (units: number): number =>
      units === 0 ? 0 : Math.min((units + 2 * whole.calls) * strands, mostUnits);
    const jumps = new Int32Array(legal.blockCount);
    for (const [copy, source] of widened.sources) {
      const head = predicated.heads.get(source);
      if (head !== undefined) jumps[copy.id] = charge(head.id < blockCount ? cost.jumpTo(head) : 1);
    }
    return { function: legal, cost: new FunctionCost(cost.bound, charge(cost.entry), jumps), width };
  }
  return undefined;
}
