/**
 * Makes callables: plain closures (the fastest thing to call) that also are objects with methods.
 *
 * A class whose constructor returns another object stamps its private fields on that object. So the closure gets
 * its state where nothing else can reach it, and its methods by its prototype, at a tenth of the cost of defining
 * properties.
 */

import { ReleasedError } from '../../jit/runtime/released-error.ts';
import { readParameters } from '../../lang/source-input.ts';
import { maybeAt } from '../../support/element.ts';
import { apply } from '../../support/intrinsics.ts';
import { keepDuring } from '../../support/keep-during.ts';
import { isObject } from '../../support/own.ts';
import { isTrue } from '../../support/truth.ts';
import type { CompiledCode, ResultType } from '../backends/executable.ts';
import type { ReduceKind } from '../columns/bound-calls.ts';
import { BoundMap } from '../columns/bound-map.ts';
import type { ColumnKernels } from '../columns/column-kernels.ts';
import type { GroupKind } from '../columns/groups.ts';
import type { Kernel } from '../columns/kernel.ts';
import * as kernelCalls from '../columns/kernel-calls.ts';
import type { CompiledFunction } from './compiled-function.ts';
import { describeCallable } from './describe-callable.ts';
import type { CallableState } from './shared-code.ts';

type ScalarFunction = (...args: number[]) => number;

/** Releases the code of callables that nobody refers to any more. */
const forgotten = new FinalizationRegistry<CallableState>((state) => state.release());

/**
 * Callables that `forgotten` does not know yet; it learns of them when the job ends, since it acts no sooner. V8 keeps an
 * entry of a registry, and all that it refers to, until the next full collection, even if it is taken back; so those
 * that are released by then never get one.
 */
const unwatched: CompiledCallable[] = [];
/** A job may compile without end and release nothing. */
const maxUnwatched = 64;

function watchAll(): void {
  for (const callable of unwatched) CompiledCallable.watch(callable);
  unwatched.length = 0;
}

const bindArguments = Function.prototype.bind as (...given: unknown[]) => unknown;

class Stamp {
  constructor(target: object) {
    // biome-ignore lint/correctness/noConstructorReturn: this is how private fields get onto a function.
    return target;
  }
}

class CompiledCallable extends Stamp {
  readonly #state: CallableState;
  #isWatched = false;

  constructor(callable: object, state: CallableState) {
    super(Object.setPrototypeOf(callable, CompiledCallable.prototype));
    this.#state = state;
    const count = unwatched.push(this);
    if (count >= maxUnwatched) watchAll();
    else if (count === 1) queueMicrotask(watchAll);
  }

  static watch(callable: CompiledCallable): void {
    const state = callable.#state;
    if (state.released) return;
    forgotten.register(callable, state, state);
    callable.#isWatched = true;
  }

  get source(): string {
    return this.#state.source;
  }

  get parameters(): readonly string[] {
    return Object.freeze(this.#state.function.parameters);
  }

  get resultType(): ResultType {
    return this.#state.function.resultType;
  }

  get code(): CompiledCode | undefined {
    if (this.#state.released) throw new ReleasedError();
    return this.#state.code;
  }

  get released(): boolean {
    return this.#state.released;
  }

  map(columns: object, options?: object) {
    return kernelCalls.map(this.#kernels(), columns, options);
  }

  bind(...given: unknown[]) {
    const columns = maybeAt(given, 0);
    const options = maybeAt(given, 1);
    const isOfColumns = isObject(columns) && (options === undefined || typeof options === 'object');
    if (!isOfColumns) return apply(bindArguments, this as never, given) as unknown;
    const state = this.#state;
    if (state.released) throw new ReleasedError();
    return new BoundMap(this, state, columns, options as object | undefined);
  }

  async mapAsync(columns: object, options?: object) {
    return keepDuring(this, kernelCalls.mapAsync(this.#kernels(), columns, options));
  }

  reduce(kind: ReduceKind, columns: object, options?: object) {
    return kernelCalls.reduce(this.#kernels(), kind, columns, options);
  }

  async reduceAsync(kind: ReduceKind, columns: object, options?: object) {
    return keepDuring(this, kernelCalls.reduceAsync(this.#kernels(), kind, columns, options));
  }

  reduceBy(kind: GroupKind, columns: object, options?: object) {
    return kernelCalls.reduceBy(this.#kernels(), kind, columns, options);
  }

  async reduceByAsync(kind: GroupKind, columns: object, options?: object) {
    return keepDuring(this, kernelCalls.reduceByAsync(this.#kernels(), kind, columns, options));
  }

  select(columns: object, options?: object) {
    return kernelCalls.select(this.#kernels(), columns, options);
  }

  filter(columns: object, name: string) {
    return kernelCalls.filter(this.#kernels(), columns, name);
  }

  gradient(given?: readonly string[]): Kernel {
    // Which may run any code.
    const names = given === undefined ? undefined : readParameters(given, 'names');
    const state = this.#state;
    if (state.released) throw new ReleasedError();
    return state.gradient(names);
  }

  release(): void {
    if (this.released) return;
    this.#state.release();
    if (this.#isWatched) forgotten.unregister(this.#state);
  }

  [Symbol.dispose](): void {
    this.release();
  }

  override toString(): string {
    return describeCallable(this.#state);
  }

  /** For Node's `console.log` and prompt. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return describeCallable(this.#state);
  }

  #kernels(): ColumnKernels {
    if (this.#state.released) throw new ReleasedError();
    return this.#state.kernels;
  }
}

// A callable remains a function: `call`, `apply`, `bind`, `instanceof Function`. And its constructor is that of functions:
// ours would let anyone make a callable with a state of their own, whose errors nobody could catch on collection.
Object.setPrototypeOf(CompiledCallable.prototype, Function.prototype);
Reflect.deleteProperty(CompiledCallable.prototype, 'constructor');

/** `evaluate`, a closure of its own, as a callable; it gives its code back when it is released or forgotten. */
export function createCallable(evaluate: ScalarFunction, state: CallableState): CompiledFunction {
  return new CompiledCallable(evaluate, state) as unknown as CompiledFunction;
}

/** As {@link createCallable}, for conditions: a result that is neither 0 nor NaN is true. */
export function createPredicate(
  evaluate: ScalarFunction,
  state: CallableState,
): CompiledFunction<readonly string[], boolean> {
  const predicate = (...args: number[]): boolean => {
    'compiled code stays in its thread: compile its source there';
    return isTrue(evaluate(...args));
  };
  return new CompiledCallable(predicate, state) as unknown as CompiledFunction<readonly string[], boolean>;
}
