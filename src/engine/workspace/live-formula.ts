import type { Program } from '../../lang/ast.ts';
import { referencesOf } from '../../lang/references.ts';
import { hasOwn } from '../../support/own.ts';
import type { CompiledCode, ExecutableFunction } from '../backends/executable.ts';
import type { CallableState, CallTarget } from '../callables/shared-code.ts';
import type { ColumnKernels } from '../columns/column-kernels.ts';
import type { Kernel } from '../columns/kernel.ts';

/** What a callable of a workspace computes: a program, or whatever function has the name at the moment. */
export type FormulaSubject =
  | { readonly program: Program; readonly parameters: readonly string[] | undefined }
  | { readonly functionName: string };

/** What a callable of a workspace stands for: its code changes with the definitions that it depends on. */
export class LiveFormula implements CallableState {
  readonly subject: FormulaSubject;
  /** Runs the code of the moment. */
  evaluate: (...args: number[]) => number;
  readonly #references: ReadonlySet<string>;
  readonly #live: Set<LiveFormula>;
  #target: CallTarget;

  /** Is in `live` until released. */
  constructor(subject: FormulaSubject, target: CallTarget, live: Set<LiveFormula>) {
    this.subject = subject;
    this.evaluate = target.function.callable(target);
    this.#references = hasOwn(subject, 'program')
      ? referencesOf(subject.program)
      : new Set([subject.functionName]);
    this.#live = live;
    this.#target = target;
    live.add(this);
  }

  get function(): ExecutableFunction {
    return this.#target.function;
  }

  /** Of the code of the moment. */
  get source(): string {
    return this.#target.source;
  }

  get code(): CompiledCode | undefined {
    return this.#target.code;
  }

  get kernels(): ColumnKernels {
    return this.#target.kernels;
  }

  get released(): boolean {
    return this.#target.released;
  }

  /** Of the code of the moment: later definitions do not change the kernel. */
  gradient(names: readonly string[] | undefined): Kernel {
    return this.#target.gradient(names);
  }

  dependsOn(names: ReadonlySet<string>): boolean {
    for (const name of this.#references) if (names.has(name)) return true;
    return false;
  }

  replace(target: CallTarget): void {
    this.#target.release();
    this.#target = target;
    this.evaluate = target.function.callable(target);
  }

  release(): void {
    this.#live.delete(this);
    this.#target.release();
  }
}
