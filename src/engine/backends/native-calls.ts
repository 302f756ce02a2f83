/**
 * Calls between JavaScript and machine code, in both directions, over the environment's one frame.
 *
 * Into machine code: store every argument in the frame, store the entry address, `invoke()`, read the result. Only
 * numbers and booleans are taken, so no code of the caller (`valueOf`) runs between the first store and the entry: it
 * could call other compiled functions, which use the same frame, or release this one. Code that can neither trap nor
 * call back takes the short way; the rest is guarded.
 *
 * The short way is a fast call of V8's where there are such (`call-way.ts`). It cannot throw, so it declines what is not
 * executable memory, and `invoke` then looks again and throws. That it is told by what the call gives, and not by the trap
 * slot, costs as little, and no trap that an earlier call left there can be taken for it.
 *
 * Back out: machine code names a host function by its index in its module. `active` is the innermost guarded
 * call of a module with hosts, so it says whose module that is. A host function may call compiled functions again, which
 * reuse the frame: the dispatcher keeps the outer fuel and clears the trap. What a host function throws is kept here
 * while the machine code unwinds, and rethrown to the caller as it was.
 *
 * Code that has spent a slice of its fuel comes here too (`frame.ts`); the addon has looked at the deadline by then. No
 * code of anybody else runs then, since calls without hosts hold on to nothing.
 */

import type { JitCode } from '../../jit/runtime/jit-code.ts';
import { ReleasedError } from '../../jit/runtime/released-error.ts';
import type { Address } from '../../native/address.ts';
import { FrameSlot, Trap } from '../../native/frame.ts';
import { answerHostCalls, ownSession } from '../../native/session.ts';
import { elementAt } from '../../support/element.ts';
import { firstByte, isAborted } from '../../support/intrinsics.ts';
import { invariant } from '../../support/invariant.ts';
import { numberArgument } from '../../support/number-argument.ts';
import { type CallGuard, trapError } from './call-guard.ts';
import { type CallMemory, writeMemorySlots } from './call-memory.ts';
import { type CallWay, chooseCallWay } from './call-way.ts';
import type { Releasable } from './executable.ts';
import { fuelSlice, pattern } from './fuel.ts';
import type { GlobalStore } from './global-store.ts';
import { callHost } from './host-call.ts';
import { deadlineAfter, keepDeadlineIn, withDeadline } from './time-limit.ts';

/** What calls of machine code need that can trap or call back. */
export interface NativeGuard extends CallGuard {
  /** Stays in place while it runs. */
  readonly code: JitCode;
  /** The variables of the module live as long as its code runs. */
  readonly globals: GlobalStore;
}

type AddressOf = (bytes: Uint8Array) => Address;

type ScalarFunction = (...args: number[]) => number;

const rowFuel = pattern(fuelSlice);

export class NativeCalls {
  /** That of calls without a guard. */
  readonly way: CallWay;
  readonly #frame: Float64Array;
  readonly #invoke: () => void;
  /** The trap slot as int32: what happened, and in which function. */
  readonly #trap: Int32Array;
  readonly #hostCall: Int32Array;
  /** Two halves, since what is left may be negative, and the float64 with its bits a NaN, which JavaScript may change. */
  readonly #rowFuel: Int32Array;
  readonly #words: Int32Array;
  readonly #addressOf: AddressOf;
  #active: NativeGuard | undefined;
  /** What code accesses, and what of it stands in the frame. */
  #memory: CallMemory | undefined;
  /** By its number, since the frame keeps no memory. */
  #toldMemory = 0;
  #toldLength = 0;
  #signal: AbortSignal | undefined;
  #thrown: { readonly value: unknown } | undefined;

  /** `addressOf` gives the address of bytes. */
  constructor(addressOf: AddressOf) {
    this.#addressOf = addressOf;
    const session = ownSession();
    const { frame, invoke } = session;
    this.way = chooseCallWay(session);
    this.#frame = frame;
    this.#invoke = invoke;
    this.#words = new Int32Array(frame.buffer, frame.byteOffset, FrameSlot.Arguments * 2);
    this.#trap = int32View(frame, FrameSlot.Trap);
    this.#hostCall = int32View(frame, FrameSlot.HostCall);
    this.#rowFuel = int32View(frame, FrameSlot.RowFuel);
    frame[FrameSlot.FuelSlice] = fuelSlice;
    keepDeadlineIn(frame);
    answerHostCalls(() => this.#dispatch());
  }

  /**
   * A function that enters the frame entry at `entry` with a number for each of the `parameters`; see
   * {@link numberArgument} for what it takes as one. It does not once `target` is released.
   *
   * There is one closure for each small arity, since a loop over rest arguments costs more than the call; and all they
   * use is in constants of this function, which V8 knows when it inlines one. Those of the module are variables in a bundle,
   * and each call would load them and check them against the length of the frame.
   *
   * Their first words are for those who clone one: V8's error cites them.
   */
  callable(
    entry: Address,
    target: Releasable,
    guard: NativeGuard | undefined,
    parameters: readonly string[],
  ): ScalarFunction {
    const frame = this.#frame;
    const invoke = this.#invoke;
    const { tryInvoke } = this.way;
    const entrySlot = FrameSlot.Entry;
    const resultSlot = FrameSlot.Result;
    const firstArgument = FrameSlot.Arguments;
    const isGuarded = guard !== undefined;
    const arity = parameters.length;
    switch (arity) {
      case 0:
        return () => {
          'compiled code stays in its thread: compile its source there';
          if (target.released) throw new ReleasedError();
          frame[entrySlot] = entry;
          if (isGuarded) this.#invokeGuarded(guard);
          else if (tryInvoke() === 0) invoke();
          return frame[resultSlot] as number;
        };
      case 1:
        return (a) => {
          'compiled code stays in its thread: compile its source there';
          frame[firstArgument] = typeof a === 'number' ? a : numberArgument(a, 0, parameters);
          if (target.released) throw new ReleasedError();
          frame[entrySlot] = entry;
          if (isGuarded) this.#invokeGuarded(guard);
          else if (tryInvoke() === 0) invoke();
          return frame[resultSlot] as number;
        };
      case 2:
        return (a, b) => {
          'compiled code stays in its thread: compile its source there';
          frame[firstArgument] = typeof a === 'number' ? a : numberArgument(a, 0, parameters);
          frame[firstArgument + 1] = typeof b === 'number' ? b : numberArgument(b, 1, parameters);
          if (target.released) throw new ReleasedError();
          frame[entrySlot] = entry;
          if (isGuarded) this.#invokeGuarded(guard);
          else if (tryInvoke() === 0) invoke();
          return frame[resultSlot] as number;
        };
      case 3:
        return (a, b, c) => {
          'compiled code stays in its thread: compile its source there';
          frame[firstArgument] = typeof a === 'number' ? a : numberArgument(a, 0, parameters);
          frame[firstArgument + 1] = typeof b === 'number' ? b : numberArgument(b, 1, parameters);
          frame[firstArgument + 2] = typeof c === 'number' ? c : numberArgument(c, 2, parameters);
          if (target.released) throw new ReleasedError();
          frame[entrySlot] = entry;
          if (isGuarded) this.#invokeGuarded(guard);
          else if (tryInvoke() === 0) invoke();
          return frame[resultSlot] as number;
        };
      case 4:
        return (a, b, c, d) => {
          'compiled code stays in its thread: compile its source there';
          frame[firstArgument] = typeof a === 'number' ? a : numberArgument(a, 0, parameters);
          frame[firstArgument + 1] = typeof b === 'number' ? b : numberArgument(b, 1, parameters);
          frame[firstArgument + 2] = typeof c === 'number' ? c : numberArgument(c, 2, parameters);
          frame[firstArgument + 3] = typeof d === 'number' ? d : numberArgument(d, 3, parameters);
          if (target.released) throw new ReleasedError();
          frame[entrySlot] = entry;
          if (isGuarded) this.#invokeGuarded(guard);
          else if (tryInvoke() === 0) invoke();
          return frame[resultSlot] as number;
        };
      case 5:
        return (a, b, c, d, e) => {
          'compiled code stays in its thread: compile its source there';
          frame[firstArgument] = typeof a === 'number' ? a : numberArgument(a, 0, parameters);
          frame[firstArgument + 1] = typeof b === 'number' ? b : numberArgument(b, 1, parameters);
          frame[firstArgument + 2] = typeof c === 'number' ? c : numberArgument(c, 2, parameters);
          frame[firstArgument + 3] = typeof d === 'number' ? d : numberArgument(d, 3, parameters);
          frame[firstArgument + 4] = typeof e === 'number' ? e : numberArgument(e, 4, parameters);
          if (target.released) throw new ReleasedError();
          frame[entrySlot] = entry;
          if (isGuarded) this.#invokeGuarded(guard);
          else if (tryInvoke() === 0) invoke();
          return frame[resultSlot] as number;
        };
      case 6:
        return (a, b, c, d, e, f) => {
          'compiled code stays in its thread: compile its source there';
          frame[firstArgument] = typeof a === 'number' ? a : numberArgument(a, 0, parameters);
          frame[firstArgument + 1] = typeof b === 'number' ? b : numberArgument(b, 1, parameters);
          frame[firstArgument + 2] = typeof c === 'number' ? c : numberArgument(c, 2, parameters);
          frame[firstArgument + 3] = typeof d === 'number' ? d : numberArgument(d, 3, parameters);
          frame[firstArgument + 4] = typeof e === 'number' ? e : numberArgument(e, 4, parameters);
          frame[firstArgument + 5] = typeof f === 'number' ? f : numberArgument(f, 5, parameters);
          if (target.released) throw new ReleasedError();
          frame[entrySlot] = entry;
          if (isGuarded) this.#invokeGuarded(guard);
          else if (tryInvoke() === 0) invoke();
          return frame[resultSlot] as number;
        };
      default:
        return (...args) => {
          'compiled code stays in its thread: compile its source there';
          for (let i = 0; i < arity; i++) {
            // What is beyond the end is not read: any code could stand behind an index of `Array.prototype`.
            const x: unknown = i < args.length ? args[i] : undefined;
            frame[firstArgument + i] = typeof x === 'number' ? x : numberArgument(x, i, parameters);
          }
          if (target.released) throw new ReleasedError();
          frame[entrySlot] = entry;
          if (isGuarded) this.#invokeGuarded(guard);
          else if (tryInvoke() === 0) invoke();
          return frame[resultSlot] as number;
        };
    }
  }

  /** The function, which {@link callable} made, with `memory` as what it accesses. The memory lives as long as the call. */
  onMemory(memory: CallMemory, run: ScalarFunction): ScalarFunction {
    return (...args) => {
      'compiled code stays in its thread: compile its source there';
      const outer = this.#memory;
      this.#memory = memory;
      this.#tellMemory(memory);
      try {
        return run(...args);
      } finally {
        this.#memory = outer;
      }
    };
  }

  /** Brings into the frame where memory is and how long. */
  #tellMemory(memory: CallMemory): void {
    const { byteLength, number } = memory;
    if (number === this.#toldMemory && byteLength === this.#toldLength) return;
    const { buffer, byteOffset } = memory;
    const base = this.#addressOf(firstByte(buffer, byteOffset, byteLength));
    // V8 can end a script amid this, and then no code may take a part of it for the whole.
    this.#toldMemory = 0;
    writeMemorySlots(this.#words, base, byteLength);
    this.#toldLength = byteLength;
    this.#toldMemory = number;
  }

  /**
   * Enters machine code of the guard's module by other means than `invoke`. The caller keeps the code in place, and the
   * deadline. An abort of `signal` stops the code, and so does that of a run whose host function calls this.
   */
  guard(guard: NativeGuard, signal: AbortSignal | undefined, enter: () => void): void {
    const frame = this.#frame;
    const outer = this.#active;
    const outerSignal = this.#signal;
    this.#active = guard;
    this.#signal = signal ?? outerSignal;
    frame[FrameSlot.Fuel] = guard.fuel.first;
    frame[FrameSlot.FuelReserve] = guard.fuel.reserve;
    frame[FrameSlot.RowFuel] = rowFuel;
    this.#trap[0] = Trap.None;
    try {
      enter();
      if (this.#trap[0] !== Trap.None) this.#rethrow(guard);
    } finally {
      this.#active = outer;
      this.#signal = outerSignal;
    }
  }

  #invokeGuarded(guard: NativeGuard): void {
    if (guard.timeout !== undefined) {
      this.#invokeTimed(guard, guard.timeout);
      return;
    }
    this.#invokeUntimed(guard);
  }

  #invokeTimed(guard: NativeGuard, timeout: number): void {
    // Whoever called has stored the arguments; nothing here touches the frame but for the deadline.
    withDeadline(deadlineAfter(timeout), () => this.#invokeUntimed(guard));
  }

  #invokeUntimed(guard: NativeGuard): void {
    const frame = this.#frame;
    frame[FrameSlot.Fuel] = guard.fuel.first;
    frame[FrameSlot.FuelReserve] = guard.fuel.reserve;
    this.#trap[0] = Trap.None;
    if (guard.hosts.length === 0) this.#invoke();
    else this.#invokeHosting(guard);
    if (this.#trap[0] !== Trap.None) this.#rethrow(guard);
  }

  /** While host functions run, anything may happen: more calls, and the release of this very code. */
  #invokeHosting(guard: NativeGuard): void {
    const outer = this.#active;
    // Where the stack is exhausted these calls themselves throw; whose host functions are meant must be right all the same.
    guard.code.enter();
    this.#active = guard;
    try {
      this.#invoke();
    } finally {
      this.#active = outer;
      guard.code.leave();
    }
  }

  #rethrow(guard: NativeGuard): never {
    const [trap, functionIndex] = this.#trap;
    if (trap === Trap.HostException) {
      const thrown = this.#thrown;
      // The addon calls nobody where JavaScript would have no stack.
      if (thrown === undefined) throw new RangeError('Maximum call stack size exceeded');
      this.#thrown = undefined;
      throw thrown.value;
    }
    const signal = this.#signal;
    if (trap === Trap.Stopped && signal !== undefined && isAborted(signal)) throw signal.reason;
    throw trapError(guard, trap as number, functionIndex as number);
  }

  /** Runs the host function that machine code asks for. Never throws. */
  #dispatch(): void {
    const frame = this.#frame;
    if ((this.#hostCall[0] as number) < 0) {
      if (this.#signal !== undefined && isAborted(this.#signal)) this.#stop();
      return;
    }
    const fuel = frame[FrameSlot.Fuel] as number;
    const reserve = frame[FrameSlot.FuelReserve] as number;
    const rowsLow = this.#rowFuel[0] as number;
    const rowsHigh = this.#rowFuel[1] as number;
    const deadline = frame[FrameSlot.Deadline] as number;
    const guard = this.#active;
    const signal = this.#signal;
    const memory = this.#memory;
    try {
      invariant(guard !== undefined, 'code without host functions calls one');
      const host = elementAt(guard.hosts, this.#hostCall[0] as number);
      const count = this.#hostCall[1] as number;
      frame[FrameSlot.Result] = callHost(host, frame, FrameSlot.Arguments, count);
      this.#trap[0] = Trap.None;
    } catch (value) {
      this.#thrown = { value };
      this.#trap[0] = Trap.HostException;
    }
    frame[FrameSlot.Fuel] = fuel;
    frame[FrameSlot.FuelReserve] = reserve;
    this.#rowFuel[0] = rowsLow;
    this.#rowFuel[1] = rowsHigh;
    // Whose calls V8 interrupted in there (a script with a time limit), those put nothing back.
    frame[FrameSlot.Deadline] = deadline;
    this.#active = guard;
    this.#signal = signal;
    // It may have grown, and calls from in there may have had another.
    this.#memory = memory;
    if (memory !== undefined) this.#tellMemory(memory);
  }

  #stop(): void {
    this.#trap[0] = Trap.Stopped;
    this.#trap[1] = this.#hostCall[1] as number;
  }
}

function int32View(frame: Float64Array, slot: number): Int32Array {
  return new Int32Array(frame.buffer, frame.byteOffset + slot * 8, 2);
}
