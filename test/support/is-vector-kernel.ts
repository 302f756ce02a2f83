import type { IrModule } from '../../src/jit/ir/function.ts';
import { generateKernel } from '../../src/jit/kernel/generate-kernel.ts';
import type { KernelSpec } from '../../src/jit/kernel/kernel-spec.ts';
import type { FeatureLevel } from '../../src/jit/machine/feature-level.ts';
import { hostTarget } from '../../src/jit/machine/host-target.ts';
import { requireAddon } from '../../src/native/loader.ts';

/** Does the kernel run on vectors, if its rows may take any fuel? */
export function isVectorKernel(module: IrModule, spec: KernelSpec, level: FeatureLevel): boolean {
  return generateKernel(module, spec, hostTarget(requireAddon(), { level })).onVectors;
}
