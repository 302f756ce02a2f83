import { expect } from 'chai';
import type { IrModule } from '../../../src/jit/ir/function.ts';
import type { KernelSpec } from '../../../src/jit/kernel/kernel-spec.ts';
import { featureLevels } from '../../../src/jit/machine/feature-level.ts';
import { differenceOf, expectedResult } from '../../support/kernel-oracle.ts';
import type { KernelOptions, KernelRun, RunnableKernel } from '../../support/run-kernel.ts';
import { WasmKernel } from '../../support/run-wasm-kernel.ts';
import { anyKernel, isSimulated } from '../../support/simulator/simulated-kernel.ts';

/** Rows that the simulator computes if there are shorter runs. */
const mostSimulatedRows = 1000;

/**
 * Runs a kernel at every feature level, those that this CPU lacks in the simulator, and as WebAssembly, and expects each time what the
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
  const check = (name: string, kernel: Pick<RunnableKernel, 'run'>, runsOfIt: readonly KernelRun[]): void => {
    for (const run of runsOfIt) {
      const { rows, firstRow, placement, shift, inPlace, uniforms } = run;
      const key = keyOf(run);
      const result = expected.get(key) ?? expectedResult(module, spec, run, hosts);
      expected.set(key, result);
      const difference = differenceOf(kernel.run(run), result);
      if (difference === undefined) continue;
      const place = `${placement ?? 'last'} ${shift ?? 0} in place ${inPlace}`;
      expect.fail(
        `${name}, run ${runs.indexOf(run)}: ${rows} rows from ${firstRow ?? 0}, ${place}, ${uniforms}: ${difference}`,
      );
    }
  };
  for (const level of featureLevels) {
    using kernel = anyKernel(module, spec, { ...options, level });
    check(level, kernel, isSimulated(level) ? simulatedRuns : runs);
  }
  check('WebAssembly', new WasmKernel(module, spec, options), runs);
}

/** In the simulator memory ends with every array, wherever that is; so one place will do. Long runs take their time there. */
function fewerRuns(runs: readonly KernelRun[], keyOf: (run: KernelRun) => string): readonly KernelRun[] {
  const different = new Map(runs.map((run) => [`${keyOf(run)} ${run.inPlace}`, run]));
  const all = [...different.values()];
  const short = all.filter(({ rows }) => rows <= mostSimulatedRows);
  return short.length > 0 ? short : all;
}
