/// <reference lib="esnext.disposable" preserve="true" />
/** The compiler's back end for authors of other language JITs: see `docs/assembler.md`. */
export { type Address, addressAt } from '../native/address.ts';
export { CodeHolder } from './code/code-holder.ts';
export type { Label } from './code/label.ts';
export type { DifferenceSize } from './code/label-difference.ts';
export type { Section } from './code/section.ts';
export { writeJitDump } from './profiling/jitdump.ts';
export { perfMapFile, perfMapLines, writePerfMap } from './profiling/perf-map.ts';
export type { AllocatorView } from './runtime/allocator-view.ts';
export type { CallSignature, CallType, Pointer, TypedCallable } from './runtime/call-signature.ts';
export type { NumericFunction } from './runtime/call-thunk.ts';
export type { JitCode } from './runtime/jit-code.ts';
export {
  type AddListener,
  JitRuntime,
  type ReleaseListener,
  type RuntimeStatistics,
} from './runtime/jit-runtime.ts';
export { ReleasedError } from './runtime/released-error.ts';
export { Assembler, type AssemblerOptions } from './x64/assembler.ts';
export type { CpuFeature } from './x64/cpu-feature.ts';
export { type Condition, conditions } from './x64/encodings/general.ts';
export { type Instruction, instructionOf, instructions } from './x64/instruction.ts';
export { formatListing, type LoggedInstruction } from './x64/listing.ts';
export * from './x64/memory.ts';
export type { Mnemonic, Operand, OperandsFor } from './x64/mnemonics.ts';
export * from './x64/register.ts';
