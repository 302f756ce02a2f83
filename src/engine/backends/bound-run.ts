/**
 * A run over arrays and numbers that stay the same, by the short way (see `short-run.ts`): what the call says is in the addon, under
 * a number. What may have changed since is asked right before the call: whether the code is there, and whether each array has its
 * elements.
 *
 * The addon keeps addresses, and this object the arrays; so as long as anybody can make the run, they are there.
 */

import type { JitCode } from '../../jit/runtime/jit-code.ts';
import type { FastCall } from '../../native/fast-calls.ts';
import type { KernelRequestSlot } from '../../native/kernel-request.ts';
import { ownSession, type Session } from '../../native/session.ts';
import type { NumericArray } from './column-types.ts';
import type { KnownArray } from './known-arrays.ts';

// A literal, since the compiler of this file folds it into the store; the type holds it to the layout.
const preparedSlot: typeof KernelRequestSlot.Prepared = 22;

const collected = new FinalizationRegistry<number>((number) => ownSession().forgetRun(number));
// Whoever got hold of the registry could give numbers back whose runs can still be made.
const register = collected.register.bind(collected);

export class BoundRun {
  readonly #session: Session;
  readonly #request: Float64Array;
  readonly #tryRunPrepared: FastCall;
  readonly #code: JitCode;
  readonly #number: number;
  /** The place of the last row. */
  readonly #last: number;
  // One by one, since a loop is where the engine may let somebody else have a turn.
  readonly #first: NumericArray;
  readonly #second: NumericArray;
  readonly #third: NumericArray;
  readonly #result: NumericArray;

  /**
   * The run that the session's request says; undefined where the addon refuses it.
   *
   * The three are all columns of the run; where there are fewer, one may stand here more than once. They are no list: who replaced the
   * iterator of arrays would see it, and say what is asked.
   */
  static prepare(
    session: Session,
    tryRunPrepared: FastCall,
    code: JitCode,
    first: KnownArray,
    second: KnownArray,
    third: KnownArray,
    result: KnownArray,
  ): BoundRun | undefined {
    const number = session.prepareRun();
    if (number < 0) return undefined;
    try {
      const run = new BoundRun(session, tryRunPrepared, code, number, first, second, third, result);
      register(run, number);
      return run;
    } catch (error) {
      // The stack is exhausted.
      session.forgetRun(number);
      throw error;
    }
  }

  private constructor(
    session: Session,
    tryRunPrepared: FastCall,
    code: JitCode,
    number: number,
    first: KnownArray,
    second: KnownArray,
    third: KnownArray,
    result: KnownArray,
  ) {
    this.#session = session;
    this.#request = session.request;
    this.#tryRunPrepared = tryRunPrepared;
    this.#code = code;
    this.#number = number;
    this.#last = first.length - 1;
    this.#first = first.array;
    this.#second = second.array;
    this.#third = third.array;
    this.#result = result.array;
  }

  /** False says that nothing was done. */
  run(): boolean {
    if (this.#code.released) return false;
    this.#request[preparedSlot] = this.#number;
    const last = this.#last;
    const isThere =
      last in this.#first && last in this.#second && last in this.#third && last in this.#result;
    if (!isThere) return false;
    // The argument keeps the arrays also where the engine sees that nobody else needs them any more.
    if (this.#tryRunPrepared() === 0) this.#session.runPrepared(this);
    return true;
  }
}
