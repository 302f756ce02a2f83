import type { OutputType, ReductionKind } from '../../jit/kernel/kernel-spec.ts';
import { elementAt } from '../../support/element.ts';
import type { BoundColumns } from './bound-columns.ts';
import type { NumericArray } from './column-types.ts';
import type { ShortRun } from './short-run.ts';

/** What a kernel runs on. Its arrays have at least `length` elements each. */
export interface KernelTask {
  readonly columns: readonly NumericArray[];
  readonly outputs: readonly NumericArray[];
  readonly uniforms: readonly number[];
  /** How many rows the whole run has. */
  readonly length: number;
  /** Of reductions: one for each block of rows and each reduction. */
  readonly partials: Float64Array | undefined;
}

/** The task's uniforms for rows from `firstRow` on: what is carried from row to row is read where the row before has put it. */
export function uniformsFrom(
  { uniforms, outputs }: KernelTask,
  carried: readonly (number | undefined)[],
  firstRow: number,
): readonly number[] {
  if (firstRow === 0 || !carried.some((output) => output !== undefined)) return uniforms;
  return uniforms.map((uniform, index) => {
    const output = carried[index];
    return output === undefined ? uniform : (elementAt(outputs, output)[firstRow - 1] as number);
  });
}

export interface AsyncRunOptions {
  readonly threads: number;
  readonly signal: AbortSignal | undefined;
  /** Gets the share of the rows that are done, from 0 to 1. */
  readonly onProgress: ((done: number) => void) | undefined;
  /** See `time-limit.ts`; 0 for none. */
  readonly deadline: number;
}

/** A kernel for one signature, ready to run. */
export interface LoadedKernel {
  /**
   * The short way for kernels on vectors with one output: computes `rows` rows into `out`, or partial results if the
   * output is a reduction. `goal` is what `out` was made or found for. Undefined for all other kernels.
   */
  readonly runRows:
    | ((bound: BoundColumns, out: NumericArray, goal: OutputType | ReductionKind, rows: number) => void)
    | undefined;
  /** A still shorter way, for few columns that are used over and over; undefined where there is none. */
  readonly short: ShortRun | undefined;
  /**
   * Computes all rows in this thread. Throws TrapError, what a host function throws, and KernelError for arrays that overlap
   * or are gone.
   */
  run(task: KernelTask): void;
  /** As {@link run}, some milliseconds at a time; gives how many rows are done. An abort of the signal ends it sooner. */
  steps(task: KernelTask, signal: AbortSignal | undefined): Generator<number, void>;
  /**
   * Computes all rows in other threads. Outputs are on shared memory or seen by nobody else. Undefined for kernels that
   * have to stay in this thread.
   */
  readonly start: ((task: KernelTask, options: AsyncRunOptions) => Promise<void>) | undefined;
  /** Whether a run may throw half-way. Its results are worth nothing then, so it should not write to anyone's arrays. */
  readonly mayThrow: boolean;
  /** Whether a run calls host functions, which may detach or shrink any array but those that nobody else can see. */
  readonly callsHost: boolean;
  /** Whether `run` works on copies of columns that its host functions could take away. */
  readonly copiesColumns: boolean;
  /** Keeps the code in place until the matching `leave`, also if it is released meanwhile. */
  enter(): void;
  leave(): void;
  release(): void;
}
