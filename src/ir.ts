/// <reference lib="esnext.disposable" preserve="true" />
/** The compiler for languages of other people: see `docs/plugin.md` and `docs/ir.md`. */

export type { CompiledCode } from './engine/backends/executable.ts';
export { compileIr } from './engine/compile-ir.ts';
export type { IrCode, IrFunctions, UntypedFunction } from './engine/plugin/ir-code.ts';
export { Interpreter, type InterpreterOptions } from './engine/plugin/ir-interpreter.ts';
export { JitMemory, type JitMemoryOptions } from './engine/plugin/jit-memory.ts';
export type { CompileIrOptions } from './engine/plugin/load-ir.ts';
export {
  type OptimizeIrOptions as OptimizeOptions,
  optimizeIr as optimize,
} from './engine/plugin/optimize-ir.ts';
export type { IrTrace } from './engine/plugin/optimizing.ts';
export type { Signature, SignatureFunction } from './engine/plugin/signature.ts';
export type { TypedHost } from './engine/plugin/typed-host.ts';
export { verifyIr as verifyModule } from './engine/plugin/verify-ir.ts';
export type { BoundaryType, ValueBoundaryType } from './jit/ir/boundary-type.ts';
export { type BlockOf, IrBuilder, type TypeList, type ValuesOf } from './jit/ir/builder.ts';
export { type CallGraph, callGraph } from './jit/ir/call-graph.ts';
export {
  Block,
  type Edge,
  type Global,
  type HostFunction,
  type Immediate,
  IrFunction,
  IrModule,
  type SwitchCase,
  type Terminator,
  type TypedHostFunction,
  Value,
} from './jit/ir/function.ts';
export { IrError } from './jit/ir/ir-error.ts';
export type { AccessType, MemoryType } from './jit/ir/memory-type.ts';
export { type Datum, type Opcode, op } from './jit/ir/opcode.ts';
export { IrSyntaxError, parseModule } from './jit/ir/parser.ts';
export { printFunction, printModule } from './jit/ir/printer.ts';
export type { TrapCode } from './jit/ir/trap-error.ts';
export { TrapError } from './jit/ir/trap-error.ts';
export type { LaneCount, ScalarType, Type } from './jit/ir/type.ts';
export { ReleasedError } from './jit/runtime/released-error.ts';
export type { Address } from './native/address.ts';
