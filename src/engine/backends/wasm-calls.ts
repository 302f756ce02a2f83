/**
 * Calls between JavaScript and WebAssembly, in both directions: `native-calls.ts` for code that takes its arguments as such.
 *
 * Each memory has a frame, in which code finds its fuel and leaves its traps. Calls nest (code, host function, code), on one memory
 * or on several; so who is active is kept here for all of them, and whoever calls a host function puts back what the frame held.
 */
import { TrapError } from '../../jit/ir/trap-error.ts';
import { ReleasedError } from '../../jit/runtime/released-error.ts';
import type { HostImport, RuntimeLinks } from '../../jit/wasm/wasm-runtime.ts';
import { FrameSlot, Trap } from '../../native/frame.ts';
import { elementAt } from '../../support/element.ts';
import { fusedMultiplyAdd } from '../../support/float.ts';
import { isAborted } from '../../support/intrinsics.ts';
import { invariant } from '../../support/invariant.ts';
import { numberArgument } from '../../support/number-argument.ts';
import { isStackOverflow } from '../../support/stack-overflow.ts';
import { type CallGuard, trapError } from './call-guard.ts';
import type { Releasable } from './executable.ts';
import { fuelSlice, pattern } from './fuel.ts';
import { callHost, type HostImplementation } from './host-call.ts';
import { currentDeadline, deadlineAfter, isPast, withDeadline } from './time-limit.ts';
import type { WasmSpace } from './wasm-space.ts';

type ScalarFunction = (...args: number[]) => number;

/** A function of a module, as long as that is not released. */
export interface WasmEntry {
  run: ScalarFunction;
}

/** What calls of code need that can trap or call back. */
export interface WasmGuard extends CallGuard {
  readonly space: WasmSpace;
  /** Number of the function that is entered, among those of the module. */
  readonly functionIndex: number;
}

/**
 * Bytes of stack that activations of recursive functions may take, as `function-encoder.ts` counts them. JavaScript's own stack
 * has about a megabyte, and its engine looks after the end of it.
 */
const stackBudget = 760_000;

const rowFuel = pattern(fuelSlice);

/** The innermost run's. */
let activeSignal: AbortSignal | undefined;
/** What a host function threw, until whoever called the code that called it throws it again. */
let thrown: { readonly value: unknown } | undefined;

/** In the place of a function whose module is released. */
export const released: ScalarFunction = () => {
  throw new ReleasedError();
};

/**
 * A function that takes a number for each of the `parameters`, and runs `entry` as long as `target` is not released. One closure
 * for each small arity, as in `native-calls.ts`; code takes no notice of arguments that it does not have.
 */
export function wasmCallable(
  entry: WasmEntry,
  target: Releasable,
  guard: WasmGuard | undefined,
  parameters: readonly string[],
): ScalarFunction {
  switch (parameters.length) {
    case 0:
      return () => {
        'compiled code stays in its thread: compile its source there';
        if (target.released) throw new ReleasedError();
        return guard === undefined ? entry.run() : enter(guard, entry);
      };
    case 1:
      return (a) => {
        'compiled code stays in its thread: compile its source there';
        const x = typeof a === 'number' ? a : numberArgument(a, 0, parameters);
        if (target.released) throw new ReleasedError();
        return guard === undefined ? entry.run(x) : enter(guard, entry, x);
      };
    case 2:
      return (a, b) => {
        'compiled code stays in its thread: compile its source there';
        const x = typeof a === 'number' ? a : numberArgument(a, 0, parameters);
        const y = typeof b === 'number' ? b : numberArgument(b, 1, parameters);
        if (target.released) throw new ReleasedError();
        return guard === undefined ? entry.run(x, y) : enter(guard, entry, x, y);
      };
    case 3:
      return (a, b, c) => {
        'compiled code stays in its thread: compile its source there';
        const x = typeof a === 'number' ? a : numberArgument(a, 0, parameters);
        const y = typeof b === 'number' ? b : numberArgument(b, 1, parameters);
        const z = typeof c === 'number' ? c : numberArgument(c, 2, parameters);
        if (target.released) throw new ReleasedError();
        return guard === undefined ? entry.run(x, y, z) : enter(guard, entry, x, y, z);
      };
    default:
      return (...args) => {
        'compiled code stays in its thread: compile its source there';
        // What is beyond the end is not read: any code could stand behind an index of `Array.prototype`.
        const numbers = parameters.map((_, index) =>
          numberArgument(index < args.length ? args[index] : undefined, index, parameters),
        );
        if (target.released) throw new ReleasedError();
        return guard === undefined ? entry.run(...numbers) : enter(guard, entry, ...numbers);
      };
  }
}

function enter(guard: WasmGuard, { run }: WasmEntry, ...args: number[]): number {
  const { timeout } = guard;
  if (timeout === undefined) return enterGuarded(guard, undefined, () => run(...args));
  return withDeadline(deadlineAfter(timeout), () => enterGuarded(guard, undefined, () => run(...args)));
}

/** Runs code of the guard's module. An abort of `signal` stops it, and so does that of a run whose host function calls this. */
export function enterGuarded<T>(guard: WasmGuard, signal: AbortSignal | undefined, run: () => T): T {
  const { space, fuel } = guard;
  const outerSignal = activeSignal;
  activeSignal = signal ?? outerSignal;
  const { frame, words } = space;
  frame[FrameSlot.Fuel] = fuel.first;
  frame[FrameSlot.FuelReserve] = fuel.reserve;
  frame[FrameSlot.RowFuel] = rowFuel;
  words[FrameSlot.Trap * 2] = Trap.None;
  words[FrameSlot.StackLimit * 2] = stackBudget;
  try {
    const result = runCode(guard, run);
    if (space.words[FrameSlot.Trap * 2] !== Trap.None) rethrow(guard);
    return result;
  } finally {
    activeSignal = outerSignal;
  }
}

/** Nothing throws out of code but the end of the stack: host functions do not. */
function runCode<T>({ functionNames, functionIndex }: WasmGuard, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!isStackOverflow(error)) throw error;
    throw new TrapError('E_STACK', elementAt(functionNames, functionIndex));
  }
}

function rethrow(guard: WasmGuard): never {
  const { words } = guard.space;
  const trap = words[FrameSlot.Trap * 2] as number;
  const functionIndex = words[FrameSlot.Trap * 2 + 1] as number;
  if (trap === Trap.HostException) {
    const value = thrown;
    invariant(value !== undefined, 'a host function failed without an exception');
    thrown = undefined;
    throw value.value;
  }
  if (trap === Trap.Stopped && activeSignal !== undefined && isAborted(activeSignal))
    throw activeSignal.reason;
  throw trapError(guard, trap, functionIndex);
}

/** What code of a memory imports. */
export function linksOf(space: WasmSpace): RuntimeLinks {
  return {
    refuel: (functionIndex) => (isStopped(space, functionIndex) || isDry(space, functionIndex) ? 1 : 0),
    look: (functionIndex) => {
      if (isStopped(space, functionIndex)) return;
      space.frame[FrameSlot.RowFuel] = rowFuel;
    },
    math: { fma: (x, y, z) => fusedMultiplyAdd(x as number, y as number, z as number) },
  };
}

/** Sets the trap if the deadline is over, or the signal aborted. */
function isStopped(space: WasmSpace, functionIndex: number): boolean {
  const stops = isPast(currentDeadline()) || (activeSignal !== undefined && isAborted(activeSignal));
  if (stops) setTrap(space, Trap.Stopped, functionIndex);
  return stops;
}

/** The next slice; if there is none, sets the trap. */
function isDry(space: WasmSpace, functionIndex: number): boolean {
  const { frame, words } = space;
  const spent =
    (words[FrameSlot.Fuel * 2 + 1] as number) * 2 ** 32 + ((words[FrameSlot.Fuel * 2] as number) >>> 0);
  const left = (frame[FrameSlot.FuelReserve] as number) + spent;
  if (!(left >= 0)) {
    setTrap(space, Trap.Fuel, functionIndex);
    return true;
  }
  const next = Math.min(left, fuelSlice);
  frame[FrameSlot.Fuel] = pattern(next);
  frame[FrameSlot.FuelReserve] = left - next;
  // A kernel that runs row by row has to put back what the next row is to have.
  words[FrameSlot.RowFuel * 2] = -1;
  words[FrameSlot.RowFuel * 2 + 1] = -1;
  return false;
}

function setTrap({ words }: WasmSpace, trap: number, functionIndex: number): void {
  words[FrameSlot.Trap * 2] = trap;
  words[FrameSlot.Trap * 2 + 1] = functionIndex;
}

/** A host function as code of a memory imports it. Never throws. */
export function hostImport(space: WasmSpace, host: HostImplementation): HostImport {
  return (...args) => {
    // Calls from within overwrite these. As halves, since a double that is a NaN need not keep its bits.
    const before = space.words;
    const fuelLow = before[FrameSlot.Fuel * 2] as number;
    const fuelHigh = before[FrameSlot.Fuel * 2 + 1] as number;
    const reserveLow = before[FrameSlot.FuelReserve * 2] as number;
    const reserveHigh = before[FrameSlot.FuelReserve * 2 + 1] as number;
    const rowsLow = before[FrameSlot.RowFuel * 2] as number;
    const rowsHigh = before[FrameSlot.RowFuel * 2 + 1] as number;
    const stackLow = before[FrameSlot.StackLimit * 2] as number;
    const stackHigh = before[FrameSlot.StackLimit * 2 + 1] as number;
    const signal = activeSignal;
    let result = 0;
    let trap: number = Trap.None;
    try {
      result = callHost(host, args, 0, args.length);
    } catch (value) {
      thrown = { value };
      trap = Trap.HostException;
    }
    activeSignal = signal;
    const { words } = space;
    words[FrameSlot.Fuel * 2] = fuelLow;
    words[FrameSlot.Fuel * 2 + 1] = fuelHigh;
    words[FrameSlot.FuelReserve * 2] = reserveLow;
    words[FrameSlot.FuelReserve * 2 + 1] = reserveHigh;
    words[FrameSlot.RowFuel * 2] = rowsLow;
    words[FrameSlot.RowFuel * 2 + 1] = rowsHigh;
    words[FrameSlot.StackLimit * 2] = stackLow;
    words[FrameSlot.StackLimit * 2 + 1] = stackHigh;
    words[FrameSlot.Trap * 2] = trap;
    return result;
  };
}
