import type { IrModule } from '../../jit/ir/function.ts';
import type { KernelSpec, OutputType } from '../../jit/kernel/kernel-spec.ts';
import type { FeatureLevel } from '../../jit/machine/feature-level.ts';
import type { PoolConfig } from '../../mem/jit-allocator-options.ts';
import type { JitAllocatorParams } from '../../mem/jit-allocator-params.ts';
import type { BlockInfo, BlockRuns, Statistics } from '../../mem/statistics.ts';
import type { CallWay } from './call-way.ts';
import type { NumericArray } from './column-types.ts';
import type { CompileLog } from './debug.ts';
import type { CodePiece, Executable, ResultType } from './executable.ts';
import type { HostImplementation } from './host-call.ts';
import type { LoadedKernel } from './loaded-kernel.ts';

/** What the stages up to the optimiser make of a source. */
export interface CompiledModule {
  readonly source: string;
  /**
   * Optimised. Nobody changes it any more: executables keep it for kernels and listings, which are thus of what was compiled,
   * whatever became of the source's surroundings. It takes about 130 bytes for each value; of a formula with a dozen
   * operations that is less than what a callable takes anyway.
   */
  readonly ir: IrModule;
  /** What to throw if code is larger than a limit, in bytes unless something else is counted. */
  readonly tooLarge: (size: number, limit: number, unit?: string) => Error;
  /** The functions that become callables. */
  readonly exports: readonly ExportedFunction[];
  /** Implementations of the module's hosts, in their order. */
  readonly hosts: readonly HostImplementation[];
  /** Of this compilation, if it has one. */
  readonly log: CompileLog | undefined;
}

export interface ExportedFunction {
  readonly name: string;
  /** Name of the IR function behind it. */
  readonly irName: string;
  readonly parameters: readonly string[];
  readonly resultType: ResultType;
}

/** What kernels are made of. */
export type KernelModule = Pick<CompiledModule, 'source' | 'ir' | 'hosts' | 'tooLarge'>;

/** How an engine is to run what it compiles; see {@link EngineOptions.backend}. */
export type BackendChoice = 'auto' | 'native' | 'wasm' | 'interpreter';

/** What an engine's options say of how it runs what it compiles. */
export interface BackendOptions {
  readonly backend: BackendChoice;
  readonly cpu: FeatureLevel | 'auto';
  readonly allocator: JitAllocatorParams;
  /** Most bytes of machine code and constants of one source. */
  readonly codeSize: number;
  /** Units that one call may spend. Undefined: {@link defaultFuel}. */
  readonly fuel: number | undefined;
  /** Milliseconds that one call may take. */
  readonly timeout: number | undefined;
}

/** A way of running IR. */
export interface Backend {
  readonly name: 'native' | 'wasm' | 'interpreter';
  /** Undefined unless code is machine code. */
  readonly cpu: FeatureLevel | undefined;
  /** Why this is not machine code although it might be. */
  readonly fallbackReason: string | undefined;
  /** How machine code is entered; undefined where there is none. */
  readonly calls: Pick<CallWay, 'name' | 'reason'> | undefined;
  /** Whether a fused multiply-add is at hand. */
  readonly hasFma: boolean;
  /** Whether kernels compute several rows together, for less than one by one. */
  readonly hasLanes: boolean;
  /** Pools of executable memory, by ascending granularity. */
  readonly pools: readonly PoolConfig[];
  load(module: CompiledModule): Executable;
  loadKernel(module: KernelModule, spec: KernelSpec): LoadedKernel;
  /** A new array of zeros, where kernels need not copy it. Throws RangeError if there is not so much memory. */
  createColumn(type: OutputType, length: number): NumericArray;
  memory(): Statistics;
  /** Executable memory, for pictures. */
  blocks(): Iterable<BlockInfo>;
  /** The same, as often as somebody draws: what of each block is in use. */
  blockRuns(): readonly BlockRuns[];
  /** Calls with the address of code that is given back, from now on. */
  onRelease(listener: (address: number) => void): void;
  /** What else lies there besides the code of executables. */
  pieces(): Iterable<CodePiece>;
  dispose(): void;
}
