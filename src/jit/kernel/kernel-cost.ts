import { type FuelCosts, fuelCosts, fuelUnit } from '../ir/cost.ts';
import type { IrFunction, IrModule } from '../ir/function.ts';
import { checkSpec, functionsOf, type KernelSpec } from './kernel-spec.ts';

/** What the rows of a kernel cost. */
export interface KernelCost {
  /** Those that compute outputs. */
  readonly functions: readonly IrFunction[];
  readonly costs: FuelCosts;
  /** Nanoseconds that a row takes at the most; infinite if that is not known beforehand. */
  readonly rowCost: number;
  /** May a row go without a look at its fuel? */
  readonly isAffordable: boolean;
}

/** `fuel` is what a row may take, in units; undefined: there is no limit. Fails an invariant if the spec is not that of the module. */
export function kernelCost(module: IrModule, spec: KernelSpec, fuel: number | undefined): KernelCost {
  checkSpec(module, spec);
  const costs = fuelCosts(module);
  const functions = functionsOf(module, spec);
  const rowCost = functions.reduce((sum, fn) => sum + costs.of(fn).bound, 0);
  return { functions, costs, rowCost, isAffordable: fuel === undefined || rowCost <= fuel * fuelUnit };
}
