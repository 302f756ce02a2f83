/** What of rows that wait for each other is computed before they go, in lanes, some thousand rows at a time. */
import type { IrModule } from '../../jit/ir/function.ts';
import { splitAhead } from '../../jit/kernel/split-ahead.ts';
import { maxKernelColumns } from '../../native/kernel-request.ts';
import { type RowPlan, usedParameters } from './row-plan.ts';

export interface AheadPlan {
  /** Names in the IR of the functions that are computed ahead; their parameters are those of the plan. */
  readonly stages: readonly string[];
  /** By output: the function of what is left, which takes what the stages give behind the parameters of the plan. */
  readonly rests: readonly string[];
  /** The parameters of the plan that stages use, and that rests do, by position. */
  readonly stageUses: readonly number[];
  readonly restUses: readonly number[];
  /** Unless one of these differs from row to row, nothing is to be gained. */
  readonly dearUses: readonly number[];
}

/** So many columns at the most; all take part in how much memory the rows that are computed at a time need. */
const mostStages = 16;

/** Undefined if the rows do not wait for each other, or nothing of them is worth it. The IR has what it had, and the functions of the plan. */
export function planAhead(
  ir: IrModule,
  { parameters, ownCount, inputs }: RowPlan,
  outputs: readonly string[],
): { readonly ir: IrModule; readonly ahead: AheadPlan } | undefined {
  const carried = new Set(
    inputs.flatMap(({ kind }, number) => (kind === 'previous' ? ownCount + number : [])),
  );
  if (carried.size === 0) return undefined;
  const most = Math.min(mostStages, maxKernelColumns - parameters.length);
  const split = splitAhead(ir, outputs, carried, most);
  if (split === undefined) return undefined;
  const { module, stages, rests } = split;
  const restUses = new Set(rests.flatMap((name) => usedParameters(module, name)));
  return {
    ir: module,
    ahead: {
      stages: stages.map(({ name }) => name),
      rests,
      stageUses: [...new Set(stages.flatMap((stage) => stage.uses))],
      restUses: [...restUses].filter((position) => position < parameters.length),
      dearUses: [...new Set(stages.flatMap((stage) => stage.dearUses))],
    },
  };
}
