import type { Edges } from '../../lang/row-functions.ts';
import type { RowFunction } from '../backends/executable.ts';
import type { AheadPlan } from '../front/ahead-plan.ts';
import type { RowPlan } from '../front/row-plan.ts';
import type { KernelProgram } from './kernel-set.ts';
import type { NullSource } from './null-kernels.ts';

/** What is known of a program but for its plan. */
export interface RowProgram extends KernelProgram {
  readonly nulls: NullSource | undefined;
}

/** A program with a plan. */
export interface PlannedProgram extends RowProgram {
  /** The same program for other edges, where these are a matter of its code. */
  readonly withEdges: (edges: Edges) => PlannedProgram;
  readonly plan: RowPlan;
  readonly ahead: AheadPlan | undefined;
  /** By output: the function for the first row. */
  readonly firsts: readonly string[];
  /** What elements at any row are beyond the rows. */
  readonly edges: Edges;
}

/** `variant` makes what differs by what elements beyond the rows are. */
export function plannedProgram(
  program: RowProgram,
  variant: (edges: Edges) => RowFunction & { readonly firsts: readonly string[] },
  edges: Edges = 'nan',
): PlannedProgram {
  const { plan, ahead, firsts, loadKernel } = variant(edges);
  return {
    ...program,
    plan,
    ahead,
    firsts,
    edges,
    load: loadKernel,
    withEdges: (others) => plannedProgram(program, variant, others),
  };
}
