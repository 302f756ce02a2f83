import { Kernel, KernelUse } from './kernel.ts';
import { type KernelProgram, KernelSet } from './kernel-set.ts';

/** Its use is in `live` until it is released, and keeps `owner`. */
export function createKernel(program: KernelProgram, live: Set<KernelUse>, owner: object): Kernel {
  return new Kernel(new KernelUse(new KernelSet(program), live, owner));
}
