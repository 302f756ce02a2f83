/**
 * What reductions keep on the stack of a kernel, in words.
 *
 *     accumulators of each reduction, one for each virtual lane
 *     of an exact sum:  accumulators of what is left of values, and under biases    (`exact-passes.ts`)
 *                       the exponent of the uppermost bias, and how many batches still need all of them
 *                       the results of a batch of rows, and room to complete vectors
 */
import { slots } from '../../support/element.ts';
import { batchRows, binsPerPass } from './exact-reduction.ts';
import { type KernelSpec, reductionsOf } from './kernel-spec.ts';
import { reductionLanes } from './reductions.ts';

export interface ReductionMemory {
  /** Accumulators: those of the reductions, and behind them those of an exact sum. */
  readonly accumulators: number;
  /** Where an exact sum has its own. */
  readonly left: number;
  readonly bins: readonly number[];
  readonly field: number;
  readonly wide: number;
  readonly values: number;
  readonly words: number;
}

export function reductionMemory(spec: KernelSpec): ReductionMemory {
  const kinds = reductionsOf(spec);
  const isExact = kinds.includes('exact');
  const accumulators = kinds.length + (isExact ? 1 + binsPerPass : 0);
  const placeOf = (accumulator: number): number => (kinds.length + accumulator) * reductionLanes;
  const field = accumulators * reductionLanes;
  // A multiple of all vectors, as the rest.
  const values = field + reductionLanes;
  return {
    accumulators,
    left: placeOf(0),
    bins: Array.from(slots(binsPerPass), (_, bin) => placeOf(1 + bin)),
    field,
    wide: field + 1,
    values,
    words: isExact ? values + batchRows + reductionLanes : accumulators * reductionLanes,
  };
}
