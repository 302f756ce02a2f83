import type { CodeForm } from '../../inspect/snapshot.ts';
import type { BlockInfo, BlockRuns } from '../../mem/statistics.ts';
import { publicChannel } from '../../support/platform.ts';
import type { CodePiece, Executable } from '../backends/executable.ts';
import type { EngineStatistics } from './engine-statistics.ts';

/**
 * What tools see of an engine. The view lives as long as the engine or one of its callables; a tool that refers to it weakly
 * keeps neither.
 * After `dispose` everything but `disposed` throws `ReleasedError`.
 */
export interface EngineView {
  readonly disposed: boolean;
  statistics(): EngineStatistics;
  /** Executable memory; nothing without machine code. */
  blocks(): Iterable<BlockInfo>;
  /** All code that callables or the cache use. */
  executables(): Iterable<Executable>;
  /** How many kernels of several outputs there are, which are no executables. */
  readonly kernelCount: number;
  /** What of each block is in use; as {@link blocks}, in a fraction of the time. */
  blockRuns(): readonly BlockRuns[];
  /** Calls with the address of code that is given back, from now on. */
  onRelease(listener: (address: number) => void): void;
  /** What else lies in executable memory. */
  pieces(): Iterable<CodePiece>;
  /**
   * The optimised IR of one of them. As text, since opcodes are numbers in tables of the copy that compiled:
   * another copy's printer would show something else.
   */
  printIr(executable: Executable): string;
  /** One of them, if any, as lines that know what they are for, and then kernels, out of {@link pieces}. */
  forms(executable: Executable | undefined, kernels: readonly CodePiece[]): CodeForm[];
  /** From now on what is compiled goes through `observer`, and what that returns is used. The last observer counts. */
  observe(observer: CompileObserver): void;
}

export type CompileObserver = (executable: Executable) => Executable;

/**
 * Where every engine announces its {@link EngineView} when it is made, provided somebody listens. By name, so that a tool
 * hears of the engines of all copies of this package in the thread. These may be of other versions.
 *
 * @internal
 */
export const engineChannel = publicChannel('exprjit:engine');
