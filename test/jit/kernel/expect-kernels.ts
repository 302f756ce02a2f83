import { expect } from 'chai';
import type { IrModule } from '../../../src/jit/ir/function.ts';
import type { KernelSpec } from '../../../src/jit/kernel/kernel-spec.ts';
import { differenceOf, expectedResult } from '../../support/kernel-oracle.ts';
import { type KernelOptions, type KernelRun, NativeKernel } from '../../support/run-kernel.ts';
import { nativeLevels } from '../../support/run-native.ts';

/** Runs a kernel at every feature level, and expects each time what the interpreter computes row by row. */
export function expectKernels(
  module: IrModule,
  spec: KernelSpec,
  runs: readonly KernelRun[],
  options: KernelOptions = {},
): void {
  const hosts = options.hosts === undefined ? {} : { hosts: options.hosts };
  const expected = new Map<string, ReturnType<typeof expectedResult>>();
  for (const level of nativeLevels) {
    using kernel = new NativeKernel(module, spec, { ...options, level });
    for (const [number, run] of runs.entries()) {
      const { rows, firstRow, placement, shift, inPlace, uniforms, columns } = run;
      // Where the arrays are makes no difference.
      const key = `${rows} ${firstRow} ${uniforms} ${runs.findIndex((other) => other.columns === columns)}`;
      const result = expected.get(key) ?? expectedResult(module, spec, run, hosts);
      expected.set(key, result);
      const difference = differenceOf(kernel.run(run), result);
      if (difference === undefined) continue;
      const place = `${placement ?? 'last'} ${shift ?? 0} in place ${inPlace}`;
      expect.fail(
        `${level}, run ${number}: ${rows} rows from ${firstRow ?? 0}, ${place}, ${uniforms}: ${difference}`,
      );
    }
  }
}
