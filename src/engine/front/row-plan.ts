/**
 * What has to be known before the rows of a formula go: for each hidden parameter of its functions (`lang/row-inputs.ts`), where its
 * value comes from. A plan is data; `columns/planned-steps.ts` carries it out.
 */
import { askedFor, type IrModule } from '../../jit/ir/function.ts';
import { functionNamed } from '../../jit/kernel/kernel-spec.ts';
import { firstName, hasFirst, mainName } from '../../lang/lower.ts';
import { nullRootsOfRows, usedVariables } from '../../lang/null-root.ts';
import type { AggregateKind, RollingKind } from '../../lang/row-functions.ts';
import { namedStages, stageName, stagesOf } from '../../lang/row-inputs.ts';
import type { CheckedProgram } from '../../lang/typed-ast.ts';
import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';

/** A function that is computed over all rows before those that need its results. */
export interface PlannedStage {
  /** Its name in the IR. */
  readonly function: string;
  /** The parameters that it uses, by position. */
  readonly uses: readonly number[];
  /** Those that it uses where something may be missing: what `isnull` and `coalesce` look at, too. */
  readonly nullUses: readonly number[];
}

/** Where the value of a hidden parameter comes from. */
export type PlannedInput =
  | { readonly kind: 'neighbour'; readonly column: number; readonly distance: number }
  | {
      readonly kind: 'aggregate';
      readonly aggregate: AggregateKind;
      readonly stage: PlannedStage;
      readonly share: PlannedStage | undefined;
    }
  | {
      readonly kind: 'rolling';
      readonly rolling: RollingKind;
      readonly stage: PlannedStage;
      readonly window: PlannedStage;
    }
  /** All of a column, for elements at any row. */
  | { readonly kind: 'elements'; readonly column: number }
  /** What an output was in the row before, by its position. */
  | { readonly kind: 'previous'; readonly output: number }
  | { readonly kind: 'firstRow' | 'rowCount' };

export interface RowPlan {
  /** Those of callers, then the hidden ones, for which names are made up. */
  readonly parameters: readonly string[];
  /** How many are those of callers. */
  readonly ownCount: number;
  /** One for each hidden parameter. */
  readonly inputs: readonly PlannedInput[];
  /** The parameters that the outputs use, by position; where something may be missing {@link nullUses}. */
  readonly uses: readonly number[];
  readonly nullUses: readonly number[];
  /** The hidden parameters by position among them, each behind those that it needs. */
  readonly order: readonly number[];
}

/** The functions of a program with a plan that are wanted besides its main one, by their names in the IR. */
export function plannedFunctions(checked: CheckedProgram): readonly { readonly irName: string }[] {
  const stages = namedStages(checked.rowInputs).map(({ name }) => ({ irName: name }));
  return hasFirst(checked) ? [{ irName: firstName }, ...stages] : stages;
}

/**
 * The plan of a program, whose optimised IR is `ir`. `outputs` are the names of all outputs.
 */
export function planRows(
  checked: CheckedProgram,
  ir: IrModule,
  outputs: readonly (string | undefined)[],
): RowPlan {
  const { parameters, rowInputs } = checked;
  const all = [...parameters, ...rowInputs.map(({ variable }) => variable)];
  const nullUses = new Map(
    nullRootsOfRows(checked, all).map(({ name, root }) => [name, usedVariables(root)] as const),
  );
  const nullUsesOf = (name: string) => nullUses.get(name) ?? [];
  const stage = (number: number, position: number): PlannedStage => {
    const name = stageName(number, position);
    return { function: name, uses: usedParameters(ir, name), nullUses: nullUsesOf(name) };
  };
  const inputs = rowInputs.map((input, number): PlannedInput => {
    switch (input.kind) {
      case 'neighbour':
        return { kind: 'neighbour', column: parameters.indexOf(input.column), distance: input.distance };
      case 'elements':
        return { kind: 'elements', column: parameters.indexOf(input.column) };
      case 'aggregate':
        return {
          kind: 'aggregate',
          aggregate: input.aggregate,
          stage: stage(number, 0),
          share: input.share && stage(number, 1),
        };
      case 'rolling':
        return { kind: 'rolling', rolling: input.rolling, stage: stage(number, 0), window: stage(number, 1) };
      case 'previous':
        return { kind: 'previous', output: outputs.indexOf(input.output) };
      default:
        return { kind: input.kind };
    }
  });
  return {
    parameters: all.map(({ name }) => name),
    ownCount: parameters.length,
    inputs,
    uses: usesOfRows(ir),
    nullUses: nullUsesOf(mainName),
    order: orderedInputs(inputs, parameters.length),
  };
}

/** What rows use, and what the first one does. */
function usesOfRows(ir: IrModule): number[] {
  const hasFirst = ir.functions.some(({ name }) => name === firstName);
  const first = hasFirst ? usedParameters(ir, firstName) : [];
  return [...new Set([...usedParameters(ir, mainName), ...first])];
}

/** Positions of a function's parameters of which anything is made. */
export function usedParameters(ir: IrModule, name: string): number[] {
  const fn = functionNamed(ir, name);
  const used = new Set(fn.blocks.flatMap((block) => [...askedFor(block)]));
  return elementAt(fn.blocks, 0).parameters.flatMap((parameter, position) =>
    used.has(parameter) ? position : [],
  );
}

/** The inputs by position, each behind those that its stages use. No stage needs itself: a `let` cannot be used before it has its value. */
export function orderedInputs(inputs: readonly PlannedInput[], ownCount: number): number[] {
  const order: number[] = [];
  const state = new Map<number, 'open' | 'done'>();
  const visit = (number: number): void => {
    if (state.get(number) === 'done') return;
    invariant(state.get(number) === undefined, 'no stage needs itself');
    state.set(number, 'open');
    for (const { uses, nullUses } of stagesOf(elementAt(inputs, number))) {
      for (const position of [...uses, ...nullUses]) if (position >= ownCount) visit(position - ownCount);
    }
    state.set(number, 'done');
    order.push(number);
  };
  for (const number of inputs.keys()) visit(number);
  return order;
}
