import type { IrModule } from '../jit/ir/function.ts';
import { invariant } from '../support/invariant.ts';
import type { CompiledCode, ResultType } from './compiled-function.ts';

/** What a backend made of one source: one or more functions in one piece of memory. */
export interface Executable {
  readonly code: CompiledCode | undefined;
  readonly source: string;
  readonly functions: readonly ExecutableFunction[];
  /** The optimised IR, made again. */
  rebuild(): IrModule;
  /** Gives the memory back, when the last activation has ended. */
  release(): void;
}

/** A function of an {@link Executable}. */
export interface ExecutableFunction {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly resultType: ResultType;
  /** What a call target must hold to enter it; not 0. */
  readonly entry: number;
  /** A function of numbers that runs this one as long as `target` is not released. */
  callable(target: CallTarget): (...args: number[]) => number;
}

/** An executable with its users counted: callables, and the cache. The last one to drop it releases it. */
export class SharedCode {
  readonly executable: Executable;
  #users = 1;

  constructor(executable: Executable) {
    this.executable = executable;
  }

  /** Counts one more user. */
  retain(): this {
    invariant(this.#users > 0, 'code was released already');
    this.#users++;
    return this;
  }

  drop(): void {
    invariant(this.#users > 0, 'code was released already');
    if (--this.#users === 0) this.executable.release();
  }
}

/** What a callable stands for. Outlives a callable that is forgotten, so must not refer to it. */
export interface CallableState {
  readonly function: ExecutableFunction;
  readonly code: CompiledCode | undefined;
  readonly released: boolean;
  release(): void;
}

/** One use of one function. */
export class CallTarget implements CallableState {
  /** Where to enter; 0 after release, so that nothing can enter code that is gone. */
  entry: number;
  readonly function: ExecutableFunction;
  readonly #code: SharedCode;
  readonly #live: Set<CallTarget>;

  /** Takes over one use of `code`, and is in `live` until released. */
  constructor(fn: ExecutableFunction, code: SharedCode, live: Set<CallTarget>) {
    this.entry = fn.entry;
    this.function = fn;
    this.#code = code;
    this.#live = live;
    live.add(this);
  }

  get executable(): Executable {
    return this.#code.executable;
  }

  get code(): CompiledCode | undefined {
    return this.#code.executable.code;
  }

  get released(): boolean {
    return this.entry === 0;
  }

  release(): void {
    if (this.entry === 0) return;
    this.entry = 0;
    this.#live.delete(this);
    this.#code.drop();
  }
}
