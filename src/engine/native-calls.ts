/**
 * Calls between JavaScript and machine code, in both directions, over the environment's one frame.
 *
 * Into machine code: coerce every argument, store them in the frame, store the entry address, `invoke()`, read
 * the result. Coercion runs user code (`valueOf`), which may call other compiled functions or release this
 * one; so all of it comes before the first slot is written, the check for release is last of all, and no foreign
 * code can run in between. Code that can neither trap nor call back takes the short way; the rest is guarded.
 *
 * Back out: machine code names a host function by its index in its module. `active` is the innermost guarded
 * call, so it says whose module that is. A host function may call compiled functions again, which reuse the
 * frame: the dispatcher keeps the outer fuel and clears the trap. What a host function throws is kept here
 * while the machine code unwinds, and rethrown to the caller as it was.
 */

import type { JitCode } from '../jit/jit-code.ts';
import { ReleasedError } from '../jit/released-error.ts';
import { TrapError } from '../jit/trap-error.ts';
import type { Addon } from '../native/addon.ts';
import type { Address } from '../native/address.ts';
import { FrameSlot, Trap } from '../native/frame.ts';
import { elementAt } from '../support/element.ts';
import { invariant } from '../support/invariant.ts';
import type { HostImplementation } from './backend.ts';

// Literals, since the compiler of this file folds them into the stores; the types hold them to the layout.
const entrySlot: typeof FrameSlot.Entry = 0;
const resultSlot: typeof FrameSlot.Result = 1;
const fuelSlot: typeof FrameSlot.Fuel = 3;
const firstArgument: typeof FrameSlot.Arguments = 16;

/** What calls of code need that can trap or call back. */
export interface NativeGuard {
  /** Stays in place while it runs. */
  readonly code: JitCode;
  /** Host functions by their index in the module. */
  readonly hosts: readonly HostImplementation[];
  /** Names of the module's functions by index. */
  readonly functionNames: readonly string[];
  /** The fuel of one call in the form of {@link fuelPattern}. */
  readonly fuel: number;
}

type ScalarFunction = (...args: number[]) => number;

/** The float64 with the bits of the given int64, so that fuel is one store. For 0 to 2^52 - 1, never a NaN. */
export function fuelPattern(fuel: number): number {
  const words = new Uint32Array([fuel, Math.floor(fuel / 2 ** 32)]);
  return new Float64Array(words.buffer)[0] as number;
}

export class NativeCalls {
  readonly #frame: Float64Array;
  readonly #invoke: () => void;
  /** The trap slot as int32: what happened, and in which function. */
  readonly #trap: Int32Array;
  readonly #hostCall: Int32Array;
  #active: NativeGuard | undefined;
  #thrown: { readonly value: unknown } | undefined;

  constructor(addon: Addon) {
    this.#frame = addon.frame;
    this.#invoke = addon.invoke;
    this.#trap = int32View(addon.frame, FrameSlot.Trap);
    this.#hostCall = int32View(addon.frame, FrameSlot.HostCall);
    addon.setHostDispatcher(() => this.#dispatch());
  }

  /**
   * A function that enters the frame entry at `entry` with its first `arity` arguments as numbers; missing ones are NaN.
   * It does not once `target` is released.
   *
   * There is one closure for each small arity, since a loop over rest arguments costs more than the call; and all they
   * use is in constants, which V8 knows when it inlines one.
   */
  callable(
    entry: Address,
    target: { readonly released: boolean },
    guard: NativeGuard | undefined,
    arity: number,
  ): ScalarFunction {
    const frame = this.#frame;
    const invoke = this.#invoke;
    switch (arity) {
      case 0:
        return () => {
          if (target.released) throw new ReleasedError();
          frame[entrySlot] = entry;
          if (guard === undefined) invoke();
          else this.#invokeGuarded(guard);
          return frame[resultSlot] as number;
        };
      case 1:
        return (a) => {
          const x0 = +(a as number);
          frame[firstArgument] = x0;
          if (target.released) throw new ReleasedError();
          frame[entrySlot] = entry;
          if (guard === undefined) invoke();
          else this.#invokeGuarded(guard);
          return frame[resultSlot] as number;
        };
      case 2:
        return (a, b) => {
          const x0 = +(a as number);
          const x1 = +(b as number);
          frame[firstArgument] = x0;
          frame[firstArgument + 1] = x1;
          if (target.released) throw new ReleasedError();
          frame[entrySlot] = entry;
          if (guard === undefined) invoke();
          else this.#invokeGuarded(guard);
          return frame[resultSlot] as number;
        };
      case 3:
        return (a, b, c) => {
          const x0 = +(a as number);
          const x1 = +(b as number);
          const x2 = +(c as number);
          frame[firstArgument] = x0;
          frame[firstArgument + 1] = x1;
          frame[firstArgument + 2] = x2;
          if (target.released) throw new ReleasedError();
          frame[entrySlot] = entry;
          if (guard === undefined) invoke();
          else this.#invokeGuarded(guard);
          return frame[resultSlot] as number;
        };
      case 4:
        return (a, b, c, d) => {
          const x0 = +(a as number);
          const x1 = +(b as number);
          const x2 = +(c as number);
          const x3 = +(d as number);
          frame[firstArgument] = x0;
          frame[firstArgument + 1] = x1;
          frame[firstArgument + 2] = x2;
          frame[firstArgument + 3] = x3;
          if (target.released) throw new ReleasedError();
          frame[entrySlot] = entry;
          if (guard === undefined) invoke();
          else this.#invokeGuarded(guard);
          return frame[resultSlot] as number;
        };
      case 5:
        return (a, b, c, d, e) => {
          const x0 = +(a as number);
          const x1 = +(b as number);
          const x2 = +(c as number);
          const x3 = +(d as number);
          const x4 = +(e as number);
          frame[firstArgument] = x0;
          frame[firstArgument + 1] = x1;
          frame[firstArgument + 2] = x2;
          frame[firstArgument + 3] = x3;
          frame[firstArgument + 4] = x4;
          if (target.released) throw new ReleasedError();
          frame[entrySlot] = entry;
          if (guard === undefined) invoke();
          else this.#invokeGuarded(guard);
          return frame[resultSlot] as number;
        };
      case 6:
        return (a, b, c, d, e, f) => {
          const x0 = +(a as number);
          const x1 = +(b as number);
          const x2 = +(c as number);
          const x3 = +(d as number);
          const x4 = +(e as number);
          const x5 = +(f as number);
          frame[firstArgument] = x0;
          frame[firstArgument + 1] = x1;
          frame[firstArgument + 2] = x2;
          frame[firstArgument + 3] = x3;
          frame[firstArgument + 4] = x4;
          frame[firstArgument + 5] = x5;
          if (target.released) throw new ReleasedError();
          frame[entrySlot] = entry;
          if (guard === undefined) invoke();
          else this.#invokeGuarded(guard);
          return frame[resultSlot] as number;
        };
      default:
        return (...args) => {
          for (let i = 0; i < arity; i++) args[i] = +(args.at(i) as number);
          for (let i = 0; i < arity; i++) frame[firstArgument + i] = args[i] as number;
          if (target.released) throw new ReleasedError();
          frame[entrySlot] = entry;
          if (guard === undefined) invoke();
          else this.#invokeGuarded(guard);
          return frame[resultSlot] as number;
        };
    }
  }

  /** Enters machine code of the guard's module by other means than `invoke`. The caller keeps the code in place. */
  guard(guard: NativeGuard, enter: () => void): void {
    const outer = this.#active;
    this.#active = guard;
    this.#frame[fuelSlot] = guard.fuel;
    this.#trap[0] = Trap.None;
    try {
      enter();
    } finally {
      this.#active = outer;
    }
    if (this.#trap[0] !== Trap.None) this.#rethrow(guard);
  }

  #invokeGuarded(guard: NativeGuard): void {
    this.#frame[fuelSlot] = guard.fuel;
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
      invariant(thrown !== undefined, 'a host function failed without an exception');
      this.#thrown = undefined;
      throw thrown.value;
    }
    throw trapError(guard, trap as number, functionIndex as number);
  }

  /** Runs the host function that machine code asks for. Never throws. */
  #dispatch(): void {
    const frame = this.#frame;
    const fuel = frame[fuelSlot] as number;
    try {
      const [index, count] = this.#hostCall as unknown as [number, number];
      const host = elementAt(this.#active?.hosts ?? [], index);
      const args = Array.from(frame.subarray(firstArgument, firstArgument + count));
      const result = Number(host(...args));
      frame[resultSlot] = result;
      this.#trap[0] = Trap.None;
    } catch (value) {
      this.#thrown = { value };
      this.#trap[0] = Trap.HostException;
    }
    frame[fuelSlot] = fuel;
  }
}

/** What to throw when code traps at one of its limits. */
export function trapError(guard: NativeGuard, trap: number, functionIndex: number): TrapError {
  const functionName = elementAt(guard.functionNames, functionIndex);
  return new TrapError(trap === Trap.Stack ? 'E_STACK' : 'E_FUEL', functionName);
}

function int32View(frame: Float64Array, slot: number): Int32Array {
  return new Int32Array(frame.buffer, frame.byteOffset + slot * 8, 2);
}
