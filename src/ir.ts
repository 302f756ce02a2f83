/// <reference lib="esnext.disposable" preserve="true" />
/** The compiler for languages of other people: see `docs/plugin.md` and `docs/ir.md`. */
export { compileIr } from './engine/compile-ir.ts';
export type { IrCode, IrFunctions } from './engine/plugin/ir-code.ts';
export { JitMemory, type JitMemoryOptions } from './engine/plugin/jit-memory.ts';
export type { CompileIrOptions } from './engine/plugin/load-ir.ts';
export {
  type OptimizeIrOptions as OptimizeOptions,
  optimizeIr as optimize,
} from './engine/plugin/optimize-ir.ts';
export type { Signature, SignatureFunction } from './engine/plugin/signature.ts';
export type { BoundaryType, ValueBoundaryType } from './jit/ir/boundary-type.ts';
export { IrBuilder } from './jit/ir/builder.ts';
export { type CallGraph, callGraph } from './jit/ir/call-graph.ts';
export * from './jit/ir/function.ts';
export { type InterpretedMemory, Interpreter, type InterpreterOptions } from './jit/ir/interpreter.ts';
export { IrError } from './jit/ir/ir-error.ts';
export type { AccessType } from './jit/ir/memory-type.ts';
export { type Datum, type Opcode, op } from './jit/ir/opcode.ts';
export { parseModule } from './jit/ir/parser.ts';
export { printFunction, printModule } from './jit/ir/printer.ts';
export { TrapError } from './jit/ir/trap-error.ts';
export type { ScalarType, Type } from './jit/ir/type.ts';
export { verifyModule } from './jit/ir/verifier.ts';
export { ReleasedError } from './jit/runtime/released-error.ts';
