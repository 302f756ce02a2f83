import type { KernelSpec } from '../../jit/kernel/kernel-spec.ts';
import { firstName } from '../../lang/lower.ts';
import { invariant } from '../../support/invariant.ts';
import { requireStack } from '../../support/stack-reserve.ts';
import type { CompiledCode, Executable, ExecutableFunction } from '../backends/executable.ts';
import type { ColumnKernels } from '../columns/column-kernels.ts';
import type { Kernel } from '../columns/kernel.ts';
import { KernelSet } from '../columns/kernel-set.ts';
import type { FormulaNulls } from '../columns/null-kernels.ts';
import { PlannedKernels } from '../columns/planned-kernels.ts';
import { plannedProgram } from '../columns/planned-program.ts';

/** An executable with its users counted: callables, and the cache. The last one to drop it releases it. */
export class SharedCode {
  readonly executable: Executable;
  readonly #nulls: ((fn: ExecutableFunction) => FormulaNulls) | undefined;
  #kernels: Map<ExecutableFunction, ColumnKernels> | undefined;
  #users = 1;

  /** `nulls` is where its functions have their null-aware forms from, if they have any. */
  constructor(executable: Executable, nulls?: (fn: ExecutableFunction) => FormulaNulls) {
    this.executable = executable;
    this.#nulls = nulls;
  }

  /** Kernels of one of its functions; they go with the code. */
  kernelsOf(fn: ExecutableFunction): ColumnKernels {
    this.#kernels ??= new Map();
    let kernels = this.#kernels.get(fn);
    if (kernels === undefined) {
      const load = (spec: KernelSpec) => this.executable.loadKernel(spec);
      const outputs = [{ name: fn.name, function: fn.irName }];
      const { timeout } = this.executable;
      const { ofRows } = fn;
      const nulls = this.nullsOf(fn);
      const program = { parameters: fn.parameters, outputs, timeout, load, nulls };
      kernels =
        ofRows === undefined
          ? new KernelSet(program)
          : new PlannedKernels(
              plannedProgram(program, (edges) => ({ ...ofRows(edges), firsts: [firstName] })),
            );
      this.#kernels.set(fn, kernels);
    }
    return kernels;
  }

  nullsOf(fn: ExecutableFunction): FormulaNulls | undefined {
    return this.#nulls?.(fn);
  }

  /** Counts one more user. */
  retain(): this {
    invariant(this.#users > 0, 'code was released already');
    this.#users++;
    return this;
  }

  /** Whoever calls has secured stack for two layers. */
  drop(): void {
    invariant(this.#users > 0, 'code was released already');
    if (--this.#users > 0) return;
    for (const kernels of this.#kernels?.values() ?? []) kernels.release();
    this.executable.release();
  }
}

/** What a callable stands for. Outlives a callable that is forgotten, so must not refer to it. */
export interface CallableState {
  readonly function: ExecutableFunction;
  readonly source: string;
  readonly code: CompiledCode | undefined;
  readonly kernels: ColumnKernels;
  readonly released: boolean;
  /** A kernel of the derivatives by these parameters. */
  gradient(names: readonly string[] | undefined): Kernel;
  release(): void;
}

/** Makes kernels of derivatives. */
export type GradientMaker = (
  executable: Executable,
  fn: ExecutableFunction,
  names: readonly string[] | undefined,
  nulls: FormulaNulls | undefined,
) => Kernel;

/** One use of one function. */
export class CallTarget implements CallableState {
  /** Read right before the code is entered, so that nothing can enter code that is gone. */
  released = false;
  readonly function: ExecutableFunction;
  readonly #code: SharedCode;
  readonly #live: Set<CallTarget>;
  readonly #makeGradient: GradientMaker | undefined;
  #kernels: ColumnKernels | undefined;

  /** Takes over one use of `code`, and is in `live` until released. */
  constructor(fn: ExecutableFunction, code: SharedCode, live: Set<CallTarget>, makeGradient?: GradientMaker) {
    this.#makeGradient = makeGradient;
    this.function = fn;
    this.#code = code;
    this.#live = live;
    live.add(this);
  }

  get executable(): Executable {
    return this.#code.executable;
  }

  get source(): string {
    return this.#code.executable.source;
  }

  get code(): CompiledCode | undefined {
    return this.#code.executable.code;
  }

  get kernels(): ColumnKernels {
    this.#kernels ??= this.#code.kernelsOf(this.function);
    return this.#kernels;
  }

  gradient(names: readonly string[] | undefined): Kernel {
    invariant(this.#makeGradient !== undefined, 'functions of modules from outside have no derivatives');
    const nulls = this.#code.nullsOf(this.function);
    return this.#makeGradient(this.#code.executable, this.function, names, nulls);
  }

  /** Where the stack is exhausted, nothing has changed. */
  release(): void {
    if (this.released) return;
    requireStack(2);
    this.released = true;
    this.#live.delete(this);
    this.#code.drop();
  }
}
