import { sumOfPartials } from '../../src/engine/columns/exact-sums.ts';
import { partialsOf, partialsPerBlock } from '../../src/jit/kernel/exact-reduction.ts';
import { type KernelSpec, reductionsOf } from '../../src/jit/kernel/kernel-spec.ts';
import { combinePartials } from '../../src/jit/kernel/reductions.ts';

/** What the partial results of so many blocks of rows come to, by reduction. */
export function reducedOf(spec: KernelSpec, partials: Float64Array, blocks: number): number[] {
  const stride = partialsPerBlock(spec);
  let first = 0;
  return reductionsOf(spec).map((kind) => {
    const own = first;
    first += partialsOf(kind);
    return kind === 'exact'
      ? sumOfPartials(partials.subarray(0, blocks * stride)).toNumber()
      : combinePartials(kind, partials, blocks, own, stride);
  });
}
