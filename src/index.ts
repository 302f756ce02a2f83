/// <reference lib="esnext.disposable" preserve="true" />
export type {
  AsyncOptions,
  ColumnFunction,
  LengthOption,
  OutOption,
  TypeOption,
} from './engine/column-function.ts';
export type { NumericArray, OutputArrays } from './engine/column-types.ts';
export type {
  CompiledCode,
  CompiledFunction,
  NumberArguments,
  ResultType,
} from './engine/compiled-function.ts';
export { compile } from './engine/default-engine.ts';
export { Engine } from './engine/engine.ts';
export type {
  BackendChoice,
  EngineLimits,
  EngineOptions,
  HostFunctionOption,
} from './engine/engine-options.ts';
export type { EngineStatistics } from './engine/engine-statistics.ts';
export type { ExplainedCode, ExplainOptions, Explanation, IrStage } from './engine/explain.ts';
export type { FunctionModule } from './engine/function-module.ts';
export { type CpuReport, type HostReport, hostReport, type MemoryReport } from './engine/host-report.ts';
export { inspectEngines } from './engine/inspect-engines.ts';
export type { Kernel, KernelDefinition, KernelMapOptions, KernelResults } from './engine/kernel.ts';
export type { ReduceKind } from './engine/kernel-calls.ts';
export type { ColumnInput, Columns } from './engine/kernel-columns.ts';
export { KernelError, type KernelErrorCode } from './engine/kernel-error.ts';
export type { MemoryLayout } from './engine/memory-layout.ts';
export type { Workspace, WorkspaceDefinition, WorkspaceResult } from './engine/workspace.ts';
export type { Inspector, InspectorOptions } from './inspect/inspector.ts';
export type { OutputType } from './jit/kernel/kernel-spec.ts';
export { type FeatureLevel, featureLevels } from './jit/machine/feature-level.ts';
export { ReleasedError } from './jit/released-error.ts';
export { type TrapCode, TrapError } from './jit/trap-error.ts';
export { CompileError } from './lang/compile-error.ts';
export type { Diagnostic } from './lang/diagnostic.ts';
export type { DiagnosticCode } from './lang/diagnostic-catalogue.ts';
export { type BuiltinFunction, type Vocabulary, vocabulary } from './lang/vocabulary.ts';
export { JitAllocatorOptions, type PoolConfig } from './mem/jit-allocator-options.ts';
export type { JitAllocatorParams } from './mem/jit-allocator-params.ts';
export type { BlockInfo, Statistics } from './mem/statistics.ts';
export { NativeUnavailableError } from './native/loader.ts';
