import type { Edges } from '../../lang/row-functions.ts';
import type { RowFunction } from '../backends/executable.ts';
import { Kernel, KernelUse } from './kernel.ts';
import { KernelSet } from './kernel-set.ts';
import { PlannedKernels } from './planned-kernels.ts';
import { plannedProgram, type RowProgram } from './planned-program.ts';

/** What runs outputs that look at other rows, and by output the function of its first row. */
export interface RowKernel extends RowFunction {
  readonly firsts: readonly string[];
}

/** Its use is in `live` until it is released, and keeps `owner`. `ofRows` is undefined if rows look at nothing but themselves. */
export function createKernel(
  program: RowProgram,
  ofRows: ((edges: Edges) => RowKernel) | undefined,
  live: Set<KernelUse>,
  owner: object,
): Kernel {
  const kernels =
    ofRows === undefined ? new KernelSet(program) : new PlannedKernels(plannedProgram(program, ofRows));
  return new Kernel(new KernelUse(kernels, live, owner));
}
