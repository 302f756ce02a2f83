/// <reference lib="esnext.disposable" preserve="true" />
export type { ProbeReport, ProbeResult } from '../native/addon.ts';
export { type Address, addressAt } from '../native/address.ts';
export type { CollapseReport } from './collapse.ts';
export { JitAllocator } from './jit-allocator.ts';
export { JitAllocatorError, type JitAllocatorErrorCode } from './jit-allocator-error.ts';
export { JitAllocatorOptions, type PoolConfig, ResetPolicy } from './jit-allocator-options.ts';
export type { JitAllocatorParams } from './jit-allocator-params.ts';
export { type Span, SpanFlags } from './span.ts';
export type { SpanWriter } from './span-writer.ts';
export type { BlockInfo, Statistics } from './statistics.ts';
export { VirtMem } from './virt-mem.ts';
export {
  CachePolicy,
  type DualMapping,
  HardenedRuntimeFlags,
  MemoryFlags,
  ProtectJitAccess,
  type VirtMemBackend,
} from './virt-mem-backend.ts';
export { VirtMemError } from './virt-mem-error.ts';
export type { WriteScope } from './write-scope.ts';
export type { WriteViewPolicy } from './write-view.ts';
