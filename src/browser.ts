/** What `exprjit` is in browsers: formulas as WebAssembly. Node.js has this and more: `index.ts`. */
/// <reference lib="esnext.disposable" preserve="true" />

export type { BackendChoice } from './engine/backends/backend.ts';
export type { NumericArray, OutputArrays } from './engine/backends/column-types.ts';
export type { ResultType } from './engine/backends/executable.ts';
export { KernelError, type KernelErrorCode } from './engine/backends/kernel-error.ts';
export { WasmUnavailableError } from './engine/backends/wasm-unavailable-error.ts';
export type { CompiledFunction, NumberArguments } from './engine/callables/compiled-function.ts';
export type { ArrowChunk, ArrowVector } from './engine/columns/arrow-column.ts';
export type { ReduceKind } from './engine/columns/bound-calls.ts';
export type { BoundMap } from './engine/columns/bound-map.ts';
export type {
  AsyncOptions,
  BitmapOption,
  ColumnFunction,
  ExactOption,
  GroupOption,
  LengthOption,
  NaNOption,
  OutOption,
  QuantileOption,
  TypeOption,
  VarianceOption,
} from './engine/columns/column-function.ts';
export type { ForeignArray, HalfArray } from './engine/columns/foreign-elements.ts';
export type { ResultArray, ResultArrays } from './engine/columns/foreign-outputs.ts';
export type { GroupKind } from './engine/columns/groups.ts';
export type {
  Kernel,
  KernelDefinition,
  KernelMapOptions,
  KernelResults,
  NullableResults,
} from './engine/columns/kernel.ts';
export type { ColumnInput, Columns } from './engine/columns/kernel-columns.ts';
export type { NullableArray } from './engine/columns/nullable-array.ts';
export type { NullableColumn } from './engine/columns/read-column.ts';
export { ReductionState } from './engine/columns/reduction-state.ts';
export { compile } from './engine/default-engine.ts';
export { Engine } from './engine/engine.ts';
export type { EngineLimits, EngineOptions, HostFunctionOption } from './engine/engine-options.ts';
export type {
  Analysis,
  AnalyzedDefinition,
  AnalyzedParameter,
  FreeName,
  UsedConstant,
  UsedFunction,
} from './engine/inspect/analysis.ts';
export type { EngineStatistics } from './engine/inspect/engine-statistics.ts';
export type { ExplainOptions, Explanation, IrStage } from './engine/inspect/explain.ts';
export { toWasm, type WasmKernelOptions, type WasmOptions, wasmText } from './engine/to-wasm.ts';
export {
  type AnalyzeOptions,
  analyze,
  fromJSON,
  type ParseOptions,
  parse,
  printProgram,
  toJSON,
} from './engine/trees.ts';
export type { FunctionModule } from './engine/workspace/function-module.ts';
export type { Workspace, WorkspaceDefinition, WorkspaceResult } from './engine/workspace/workspace.ts';
export { type TrapCode, TrapError } from './jit/ir/trap-error.ts';
export { type ColumnType, columnTypes, type OutputType } from './jit/kernel/kernel-spec.ts';
export { ReleasedError } from './jit/runtime/released-error.ts';
export type * from './lang/ast.ts';
export type { ExpressionJson, FunctionJson, LetJson, ProgramJson } from './lang/ast-json.ts';
export { AstJsonError } from './lang/ast-json-error.ts';
export { CompileError } from './lang/compile-error.ts';
export type { Diagnostic } from './lang/diagnostic.ts';
export type { DiagnosticCode } from './lang/diagnostic-catalogue.ts';
export type { Dialect } from './lang/dialect.ts';
export type { Edges } from './lang/row-functions.ts';
export { type Position, SourceText } from './lang/source-text.ts';
export { type BuiltinFunction, type Vocabulary, vocabulary } from './lang/vocabulary.ts';
export { NativeUnavailableError } from './native/native-unavailable-error.ts';
