/** Which general register a kernel uses for what; the rest of the code generator's conventions do not hold inside one. */
import { eax, type Gp64, r8, r9, r10, r11, r12, r13, r15, rax, rbp, rdx } from '../x64/register.ts';

export interface KernelRegisters {
  /** The kernel frame. */
  readonly frame: Gp64;
  /** The row that the lowest lane of the first copy computes. */
  readonly row: Gp64;
  /** The first row beyond those of the loop. */
  readonly end: Gp64;
}

/** For kernels that call nothing. */
export const vectorKernelRegisters: KernelRegisters = { frame: r10, row: rdx, end: r8 };
/** The last row at which the loop may go on; free elsewhere. */
export const limitRegister = r9;

/** For kernels that call a function for each row: all are preserved by calls. */
export const rowKernelRegisters: KernelRegisters = { frame: r12, row: r13, end: r15 };

/** Overwritten within the emission of any operation. */
export const valueScratch = rax;
export const valueScratch32 = eax;
export const addressScratch = r11;

/** What the stack pointer was before the kernel's own stack frame, which is more aligned than the platform's. */
export const stackBase = rbp;
