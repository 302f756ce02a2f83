/** Exact sums of blocks of rows, as kernels give them (`exact-reduction.ts`), in one superaccumulator. */
import { exactPartials, firstBin, hugeShift } from '../../jit/kernel/exact-reduction.ts';
import { ExactSum } from '../../support/exact-sum.ts';

export function sumOfPartials(partials: Float64Array): ExactSum {
  const sum = new ExactSum();
  for (let place = 0; place < partials.length; place += exactPartials) {
    sum.addScaled(partials[place] as number, hugeShift);
    sum.add(partials, place + firstBin, place + exactPartials);
  }
  return sum;
}
