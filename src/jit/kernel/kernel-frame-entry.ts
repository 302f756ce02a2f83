/** How a kernel begins and ends: what the platform wants preserved, and a stack frame aligned for vectors. */
import { elementAt } from '../../support/element.ts';
import { type Convention, Gpr } from '../machine/convention.ts';
import type { Assembler } from '../x64/assembler.ts';
import { dwordPtr, ptr } from '../x64/memory.ts';
import { type Gp64, gp64, rsp, xmm } from '../x64/register.ts';
import { stackBase, valueScratch32 } from './kernel-registers.ts';
import { type KernelStack, stackAlignment } from './kernel-stack.ts';

/** Of the stack, where pages must be touched in order. */
const pageSize = 4096;

const alwaysPreserved = [Gpr.Rbx, Gpr.Rbp, Gpr.R12, Gpr.R13, Gpr.R14, Gpr.R15];

export interface KernelEntryOptions {
  readonly convention: Convention;
  readonly stack: KernelStack;
  /** General registers that the kernel overwrites. */
  readonly general: readonly Gp64[];
  /** Vector registers that it overwrites, as a bit set. */
  readonly vectors: number;
  readonly hasVex: boolean;
}

/** Vector registers to save; as many words of 16 bytes the stack frame must have for them. */
export function savedVectorsOf(convention: Convention, vectors: number): number[] {
  return convention.savedVectors.filter((id) => (vectors & (1 << id)) !== 0);
}

/** Leaves the kernel frame's address in `frame`. */
export function emitKernelEntry(a: Assembler, frame: Gp64, options: KernelEntryOptions): void {
  const { convention, stack, vectors } = options;
  for (const register of savedGeneral(options)) a.push(register);
  a.mov(frame, elementAt(gp64, elementAt(convention.generalArguments, 0)));
  if (stack.size === 0) return;
  a.mov(stackBase, rsp);
  if (convention.probesStack) {
    for (let touched = pageSize; touched < stack.size; touched += pageSize) {
      a.test(dwordPtr(rsp, -touched), valueScratch32);
    }
  }
  a.sub(rsp, stack.size);
  a.and(rsp, -stackAlignment);
  savedVectorsOf(convention, vectors).forEach((id, index) => {
    a.movaps(ptr(rsp, stack.savedVector(index)), elementAt(xmm, id));
  });
}

export function emitKernelExit(a: Assembler, options: KernelEntryOptions): void {
  const { convention, stack, vectors, hasVex } = options;
  savedVectorsOf(convention, vectors).forEach((id, index) => {
    a.movaps(elementAt(xmm, id), ptr(rsp, stack.savedVector(index)));
  });
  if (stack.size > 0) a.mov(rsp, stackBase);
  for (const register of savedGeneral(options).reverse()) a.pop(register);
  // Upper halves left behind would slow down whatever plain SSE comes next.
  if (hasVex) a.vzeroupper();
  a.ret();
}

function savedGeneral({ convention, general, stack }: KernelEntryOptions): Gp64[] {
  const preserved = new Set<number>([...alwaysPreserved, ...convention.savedGeneral]);
  const used = stack.size > 0 ? [...general, stackBase] : general;
  return used.filter(({ id }) => preserved.has(id));
}
