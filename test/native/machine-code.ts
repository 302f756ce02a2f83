/** The few functions of x86-64 machine code that these tests run, assembled by hand. All but kernels are frame entries. */
import type { Address } from '../../src/native/address.ts';
import { FrameSlot, frameOffset } from '../../src/native/frame.ts';
import { KernelFrameSlot } from '../../src/native/kernel-frame.ts';
import type { TestAddon } from './fresh-addon.ts';

const int32 = (value: number): number[] => [...new Uint8Array(new Int32Array([value]).buffer)];
const int64 = (value: number): number[] => [...new Uint8Array(new BigInt64Array([BigInt(value)]).buffer)];

const argument = (index: number): number[] => int32(frameOffset(FrameSlot.Arguments + index));
const result = int32(frameOffset(FrameSlot.Result));

export const isWindows = process.platform === 'win32';

/** The frame stays at hand in rbx, and the stack is aligned for calls; on Windows it has room for their arguments. */
const enter = isWindows
  ? [0x53, 0x48, 0x83, 0xec, 0x20, 0x48, 0x89, 0xcb] // push rbx; sub rsp, 32; mov rbx, rcx
  : [0x53, 0x48, 0x89, 0xfb]; // push rbx; mov rbx, rdi
const leave = isWindows
  ? [0x48, 0x83, 0xc4, 0x20, 0x5b, 0xc3] // add rsp, 32; pop rbx; ret
  : [0x5b, 0xc3]; // pop rbx; ret
/** `movsd [rbx + Result], xmm0` */
const storeResult = [0xf2, 0x0f, 0x11, 0x83, ...result];

/** Doubles its argument. */
export const doubling = [
  ...enter,
  ...[0xf2, 0x0f, 0x10, 0x83, ...argument(0)], // movsd xmm0, [rbx + argument 0]
  ...[0xf2, 0x0f, 0x58, 0xc0], // addsd xmm0, xmm0
  ...storeResult,
  ...leave,
];

/** Calls a C function of up to three doubles with the first arguments. */
export function callingFunction(entry: Address): number[] {
  return [
    ...enter,
    ...[0xf2, 0x0f, 0x10, 0x83, ...argument(0)], // movsd xmm0, [rbx + argument 0]
    ...[0xf2, 0x0f, 0x10, 0x8b, ...argument(1)], // movsd xmm1, [rbx + argument 1]
    ...[0xf2, 0x0f, 0x10, 0x93, ...argument(2)], // movsd xmm2, [rbx + argument 2]
    ...[0x48, 0xb8, ...int64(entry)], // mov rax, entry
    ...[0xff, 0xd0], // call rax
    ...storeResult,
    ...leave,
  ];
}

const callHost = [
  // mov rcx or rdi, [rbx + HostCallContext]
  ...[0x48, 0x8b, isWindows ? 0x8b : 0xbb, ...int32(frameOffset(FrameSlot.HostCallContext))],
  ...[0xff, 0x93, ...int32(frameOffset(FrameSlot.HostCallEntry))], // call [rbx + HostCallEntry]
];

/** Calls host function `index` with what stands in the frame. */
export function callingHost(index: number, count: number): number[] {
  const slot = frameOffset(FrameSlot.HostCall);
  return [
    ...enter,
    ...[0xc7, 0x83, ...int32(slot), ...int32(index)], // mov dword [rbx + HostCall], index
    ...[0xc7, 0x83, ...int32(slot + 4), ...int32(count)], // mov dword [rbx + HostCall + 4], count
    ...callHost,
    ...leave,
  ];
}

/** Calls the host again and again until there is a trap. */
export function callingHostForever(): number[] {
  const loop = [
    ...callHost,
    ...[0x83, 0xbb, ...int32(frameOffset(FrameSlot.Trap)), 0x00], // cmp dword [rbx + Trap], 0
  ];
  return [...enter, ...loop, 0x74, -(loop.length + 2) & 0xff, ...leave]; // je loop
}

const slot = (index: number): number => index * 8;

/** A kernel: copies the first element of the first column to the first of the output, both doubles. */
export const copyingKernel = [
  ...(isWindows ? [0x57, 0x48, 0x89, 0xcf] : []), // push rdi; mov rdi, rcx
  ...[0x48, 0x8b, 0x57, slot(KernelFrameSlot.Columns)], // mov rdx, [rdi + Columns]
  ...[0x48, 0x8b, 0x12], // mov rdx, [rdx]
  ...[0x48, 0x8b, 0x02], // mov rax, [rdx]
  ...[0x48, 0x8b, 0x57, slot(KernelFrameSlot.Outputs)], // mov rdx, [rdi + Outputs]
  ...[0x48, 0x8b, 0x12], // mov rdx, [rdx]
  ...[0x48, 0x89, 0x02], // mov [rdx], rax
  ...(isWindows ? [0x5f] : []), // pop rdi
  0xc3, // ret
];

/** Places the code in a dual mapping of its own. */
export function place(addon: TestAddon, code: readonly number[]): Address {
  const { rx, rw } = addon.allocDualMapping(addon.virtMemInfo().pageGranularity, 0, '/tmp');
  addon.write(rw, Uint8Array.from(code));
  return rx;
}

/** Enters the code with these arguments and gives its result. */
export function call(addon: TestAddon, entry: Address, ...args: number[]): number {
  addon.frame[FrameSlot.Entry] = entry;
  addon.frame.set(args, FrameSlot.Arguments);
  addon.invoke();
  return addon.frame[FrameSlot.Result] as number;
}
