/**
 * How a kernel begins and ends, a `void (kernel frame *)` for the platform: what that wants preserved is saved, and the stack
 * frame is as aligned as the widest vector.
 */
import { FrameSlot, frameOffset } from '../../native/frame.ts';
import { KernelFrameSlot } from '../../native/kernel-frame.ts';
import { alignUp } from '../../support/alignment.ts';
import { elementAt } from '../../support/element.ts';
import type { Assembler } from '../x64/assembler.ts';
import { dwordPtr, ptr } from '../x64/memory.ts';
import { type Gp64, gp32, gp64, rbp, rsp, xmm } from '../x64/register.ts';
import { type Convention, frameRegister, fuelRegister, Gpr, generalScratch } from './convention.ts';
import { laneAlignment } from './lane-frame.ts';

/** Of the stack, where pages must be touched in order. */
const pageSize = 4096;

const alwaysPreserved = [Gpr.Rbx, Gpr.Rbp, Gpr.R12, Gpr.R13, Gpr.R14, Gpr.R15];

export interface KernelEntryOptions {
  readonly convention: Convention;
  /** Bytes of its stack frame, saved registers left out. */
  readonly size: number;
  /** Registers that it overwrites, as bit sets. */
  readonly general: number;
  readonly vectors: number;
  readonly hasVex: boolean;
  /** Does it call code that saves nothing? */
  readonly calls: boolean;
  /** Does it call functions, whose traps it catches? Then it holds the native frame's address as they expect it. */
  readonly catches: boolean;
}

const kernelFrame = (convention: Convention): Gp64 =>
  elementAt(gp64, elementAt(convention.generalArguments, 0));
const frame = elementAt(gp64, frameRegister);
const scratch = elementAt(gp64, generalScratch);
const unwindSlot = frameOffset(FrameSlot.UnwindStack);

export function emitKernelEntry(a: Assembler, options: KernelEntryOptions): void {
  const { convention } = options;
  const size = frameSize(options);
  for (const register of savedGeneral(options)) a.push(register);
  if (size === 0) return;
  a.push(rbp);
  a.mov(rbp, rsp);
  if (convention.probesStack) {
    for (let touched = pageSize; touched < size; touched += pageSize) {
      a.test(dwordPtr(rsp, -touched), elementAt(gp32, generalScratch));
    }
  }
  a.sub(rsp, size);
  a.and(rsp, -laneAlignment);
  savedVectors(options).forEach((id, index) => {
    a.movaps(ptr(rsp, savedOffset(options, index)), elementAt(xmm, id));
  });
  if (!options.catches) return;
  // A trap, however deep, comes back right behind the call that led there: see `frame-entry.ts`.
  a.mov(frame, ptr(kernelFrame(convention), KernelFrameSlot.Frame * 8));
  a.mov(scratch, ptr(frame, unwindSlot));
  a.mov(ptr(rsp, options.size), scratch);
  a.lea(scratch, ptr(rsp, -8));
  a.mov(ptr(frame, unwindSlot), scratch);
}

export function emitKernelExit(a: Assembler, options: KernelEntryOptions): void {
  if (options.catches) {
    a.mov(scratch, ptr(rsp, options.size));
    a.mov(ptr(frame, unwindSlot), scratch);
  }
  savedVectors(options).forEach((id, index) => {
    a.movaps(elementAt(xmm, id), ptr(rsp, savedOffset(options, index)));
  });
  if (frameSize(options) > 0) {
    a.mov(rsp, rbp);
    a.pop(rbp);
  }
  for (const register of savedGeneral(options).reverse()) a.pop(register);
  // Upper halves left behind would slow down whatever plain SSE comes next.
  if (options.hasVex) a.vzeroupper();
  a.ret();
}

function frameSize(options: KernelEntryOptions): number {
  return alignUp(savedOffset(options, savedVectors(options).length), laneAlignment);
}

function savedOffset({ size, catches }: KernelEntryOptions, index: number): number {
  return alignUp(size + (catches ? 8 : 0), 16) + index * 16;
}

function savedVectors({ convention, vectors, calls }: KernelEntryOptions): readonly number[] {
  return calls
    ? convention.savedVectors
    : convention.savedVectors.filter((id) => (vectors & (1 << id)) !== 0);
}

/** But for `rbp`, which is saved wherever there is a stack frame. */
function savedGeneral({ convention, general, calls, catches }: KernelEntryOptions): Gp64[] {
  const preserved = [...alwaysPreserved, ...convention.savedGeneral];
  const overwritten = [
    ...(calls ? convention.savedGeneral : []),
    ...(catches ? [frameRegister, fuelRegister] : []),
  ];
  const used = overwritten.reduce((set, id) => set | (1 << id), general);
  return preserved
    .filter((id) => id !== Gpr.Rbp && (used & (1 << id)) !== 0)
    .map((id) => elementAt(gp64, id));
}
