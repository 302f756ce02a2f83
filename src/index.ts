/// <reference lib="esnext.disposable" preserve="true" />

export * from './browser.ts';

// What only Node.js has: machine code, its memory, and a look at both.
export type { CompiledCode } from './engine/backends/executable.ts';
export {
  type CpuReport,
  type HostReport,
  hostReport,
  type MemoryReport,
} from './engine/backends/host-report.ts';
export type { MemoryLayout } from './engine/backends/memory-layout.ts';
export type { ExplainedCode } from './engine/inspect/explained-code.ts';
export { inspectEngines } from './engine/inspect/inspect-engines.ts';
export type { Inspector, InspectorOptions } from './inspect/inspector.ts';
export { type FeatureLevel, featureLevels } from './jit/machine/feature-level.ts';
export { JitAllocatorOptions, type PoolConfig } from './mem/jit-allocator-options.ts';
export type { JitAllocatorParams } from './mem/jit-allocator-params.ts';
export type { BlockInfo, Statistics } from './mem/statistics.ts';
