import { expect } from 'chai';
import type { IrModule } from '../../../src/jit/ir/function.ts';
import type { KernelSpec } from '../../../src/jit/kernel/kernel-spec.ts';
import { featureLevels } from '../../../src/jit/machine/feature-level.ts';
import { differenceOf, expectedResult } from '../../support/kernel-oracle.ts';
import type { KernelOptions, KernelRun } from '../../support/run-kernel.ts';
import { anyKernel, isSimulated } from '../../support/simulator/simulated-kernel.ts';

/** Rows that the simulator computes if there are shorter runs. */
const mostSimulatedRows = 1000;

/**
 * Runs a kernel at every feature level, those that this CPU lacks in the simulator, and expects each time what the
 * interpreter computes row by row.
 */
export function expectKernels(
  module: IrModule,
  spec: KernelSpec,
  runs: readonly KernelRun[],
  options: KernelOptions = {},
): void {
  const hosts = options.hosts === undefined ? {} : { hosts: options.hosts };
  const expected = new Map<string, ReturnType<typeof expectedResult>>();
  // Where the arrays are makes no difference.
  const keyOf = ({ rows, firstRow, uniforms, columns }: KernelRun): string =>
    `${rows} ${firstRow} ${uniforms} ${runs.findIndex((other) => other.columns === columns)}`;
  const simulatedRuns = fewerRuns(runs, keyOf);
  for (const level of featureLevels) {
    using kernel = anyKernel(module, spec, { ...options, level });
    for (const run of isSimulated(level) ? simulatedRuns : runs) {
      const { rows, firstRow, placement, shift, inPlace, uniforms } = run;
      const key = keyOf(run);
      const result = expected.get(key) ?? expectedResult(module, spec, run, hosts);
      expected.set(key, result);
      const difference = differenceOf(kernel.run(run), result);
      if (difference === undefined) continue;
      const place = `${placement ?? 'last'} ${shift ?? 0} in place ${inPlace}`;
      expect.fail(
        `${level}, run ${runs.indexOf(run)}: ${rows} rows from ${firstRow ?? 0}, ${place}, ${uniforms}: ${difference}`,
      );
    }
  }
}

/** In the simulator memory ends with every array, wherever that is; so one place will do. Long runs take their time there. */
function fewerRuns(runs: readonly KernelRun[], keyOf: (run: KernelRun) => string): readonly KernelRun[] {
  const different = new Map(runs.map((run) => [`${keyOf(run)} ${run.inPlace}`, run]));
  const all = [...different.values()];
  const short = all.filter(({ rows }) => rows <= mostSimulatedRows);
  return short.length > 0 ? short : all;
}
