/// <reference lib="esnext.disposable" preserve="true" />
/** The compiler's back end for authors of other language JITs: see `docs/assembler.md`. */
export { type Address, addressAt } from '../native/address.ts';
export type { AllocatorView } from './allocator-view.ts';
export type { NumericFunction } from './call-thunk.ts';
export { CodeHolder } from './code-holder.ts';
export type { JitCode } from './jit-code.ts';
export { type AddListener, JitRuntime, type ReleaseListener, type RuntimeStatistics } from './jit-runtime.ts';
export { writeJitDump } from './jitdump.ts';
export type { Label } from './label.ts';
export { perfMapFile, perfMapLines, writePerfMap } from './perf-map.ts';
export { ReleasedError } from './released-error.ts';
export type { Section } from './section.ts';
export { Assembler, type AssemblerOptions } from './x64/assembler.ts';
export type { CpuFeature } from './x64/cpu-feature.ts';
export { type Condition, conditions } from './x64/encodings/general.ts';
export { type Instruction, instructionOf, instructions } from './x64/instruction.ts';
export { formatListing, type LoggedInstruction } from './x64/listing.ts';
export * from './x64/memory.ts';
export type { Mnemonic, Operand, OperandsFor } from './x64/mnemonics.ts';
export * from './x64/register.ts';
