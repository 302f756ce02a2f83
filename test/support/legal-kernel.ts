import { DominatorTree } from '../../src/jit/ir/dominators.ts';
import type { Value } from '../../src/jit/ir/function.ts';
import { findLoops } from '../../src/jit/ir/loops.ts';
import { kernelName } from '../../src/jit/kernel/kernel-facts.ts';
import { vectorKernel } from '../../src/jit/kernel/vector-kernel.ts';
import { vectorTargetOf } from '../../src/jit/machine/feature-level.ts';
import { invariant } from '../../src/support/invariant.ts';
import { main, moduleOf } from './kernel-oracle.ts';

/** The instructions of the first loop of a kernel on vectors for AVX2, in operations that it has; parameters are columns or uniforms. */
export function legalKernel(
  source: string,
  parameters: readonly string[],
  uniforms: readonly string[] = [],
): readonly Value[] {
  const spec = {
    parameters: parameters.map((name) =>
      uniforms.includes(name) ? ({ kind: 'uniform' } as const) : ({ kind: 'column', type: 'f64' } as const),
    ),
    outputs: [{ function: main, type: 'f64' } as const],
  };
  const kernel = vectorKernel(kernelName, moduleOf(source, parameters), spec, vectorTargetOf('avx2'));
  invariant(kernel !== undefined, `${source} runs on vectors`);
  const [loop] = findLoops(new DominatorTree(kernel)).loops;
  invariant(loop !== undefined, 'a kernel has a loop');
  return loop.head.instructions;
}
