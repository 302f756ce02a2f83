/// <reference lib="esnext.disposable" preserve="true" />

export type { BackendChoice } from './engine/backends/backend.ts';
export type { NumericArray, OutputArrays } from './engine/backends/column-types.ts';
export type { CompiledCode, ResultType } from './engine/backends/executable.ts';
export {
  type CpuReport,
  type HostReport,
  hostReport,
  type MemoryReport,
} from './engine/backends/host-report.ts';
export { KernelError, type KernelErrorCode } from './engine/backends/kernel-error.ts';
export type { MemoryLayout } from './engine/backends/memory-layout.ts';
export { WasmUnavailableError } from './engine/backends/wasm-unavailable-error.ts';
export type { CompiledFunction, NumberArguments } from './engine/callables/compiled-function.ts';
export type {
  AsyncOptions,
  ColumnFunction,
  LengthOption,
  OutOption,
  TypeOption,
} from './engine/columns/column-function.ts';
export type { Kernel, KernelDefinition, KernelMapOptions, KernelResults } from './engine/columns/kernel.ts';
export type { ReduceKind } from './engine/columns/kernel-calls.ts';
export type { ColumnInput, Columns } from './engine/columns/kernel-columns.ts';
export { compile } from './engine/default-engine.ts';
export { Engine } from './engine/engine.ts';
export type {
  EngineLimits,
  EngineOptions,
  HostFunctionOption,
} from './engine/engine-options.ts';
export type { EngineStatistics } from './engine/inspect/engine-statistics.ts';
export type { ExplainOptions, Explanation, IrStage } from './engine/inspect/explain.ts';
export type { ExplainedCode } from './engine/inspect/explained-code.ts';
export { inspectEngines } from './engine/inspect/inspect-engines.ts';
export { toWasm, type WasmKernelOptions, type WasmOptions, wasmText } from './engine/to-wasm.ts';
export type { FunctionModule } from './engine/workspace/function-module.ts';
export type { Workspace, WorkspaceDefinition, WorkspaceResult } from './engine/workspace/workspace.ts';
export type { Inspector, InspectorOptions } from './inspect/inspector.ts';
export { type TrapCode, TrapError } from './jit/ir/trap-error.ts';
export { type ColumnType, columnTypes, type OutputType } from './jit/kernel/kernel-spec.ts';
export { type FeatureLevel, featureLevels } from './jit/machine/feature-level.ts';
export { ReleasedError } from './jit/runtime/released-error.ts';
export { CompileError } from './lang/compile-error.ts';
export type { Diagnostic } from './lang/diagnostic.ts';
export type { DiagnosticCode } from './lang/diagnostic-catalogue.ts';
export { type BuiltinFunction, type Vocabulary, vocabulary } from './lang/vocabulary.ts';
export { JitAllocatorOptions, type PoolConfig } from './mem/jit-allocator-options.ts';
export type { JitAllocatorParams } from './mem/jit-allocator-params.ts';
export type { BlockInfo, Statistics } from './mem/statistics.ts';
export { NativeUnavailableError } from './native/native-unavailable-error.ts';
