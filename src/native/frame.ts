/**
 * The layout of the frame, the memory that TypeScript and machine code share in order to call each other.
 *
 * Each environment (main thread, worker) has one frame: a `Float64Array` whose memory the addon also knows.
 * A call stores the entry address and the arguments, invokes, and reads the result; nothing is boxed or
 * converted. `native/src/frame.h` holds the same layout for C++, and a test compares the two.
 *
 * Calls nest (compiled code → host function → compiled code). So a compiled entry consumes all its arguments
 * before anything else can run, saves `UnwindStack` of the outer activation and restores it, and the host
 * dispatcher saves and restores what is left of the fuel.
 *
 * Fuel comes in slices. Code counts down `Fuel`; below zero it asks the host for a slice of `FuelReserve` by way of
 * `HostCall`, which is where clocks and stop flags are looked at.
 */
import { elementAt } from '../support/element.ts';

export const FrameSlot = Object.freeze({
  /** Address of the machine code to enter: `void entry(frame *)`. A float64. */
  Entry: 0,
  /** The result of the last call. A float64. */
  Result: 1,
  /** {@link Trap} as an int32 in the low half, the index of the trapping function in its module in the high half. */
  Trap: 2,
  /** What remains of the present slice of fuel, as an int64; see `jit/ir/cost.ts`. */
  Fuel: 3,
  /** Lowest stack address that compiled code may use, as a uint64; the addon sets it for its thread. */
  StackLimit: 4,
  /** Stack pointer to which a trap unwinds, as a uint64; owned by the innermost frame entry. */
  UnwindStack: 5,
  /**
   * Which host function is to be called (int32, low half) and with how many arguments (int32, high half); or a
   * {@link hostRequest}, and the index of the function that makes it.
   */
  HostCall: 6,
  /** Address of the addon's `void hostCall(void *context)`, as a uint64; the addon sets it. */
  HostCallEntry: 7,
  /** The addon's per-environment context, passed to `hostCall`, as a uint64; the addon sets it. */
  HostCallContext: 8,
  /** Units of fuel that come after the present slice. A float64. */
  FuelReserve: 9,
  /** Units of fuel in a slice. A float64. */
  FuelSlice: 10,
  /** Units of fuel, as an int64, that rows of a kernel may spend until it makes the request `Look`; -1 after each `Refuel`. */
  RowFuel: 11,
  /** When code is to stop, in milliseconds of the clock of `process.hrtime`; 0: never. A float64. */
  Deadline: 12,
  /** Address of the memory of the call, as a uint64; for code that accesses one. */
  MemoryBase: 13,
  /** One more than the last offset at which an access of 1 byte lies inside, as a uint64; and so of 2, 4 and 8 bytes. */
  MemoryEnd1: 14,
  MemoryEnd2: 15,
  MemoryEnd4: 16,
  MemoryEnd8: 17,
  /** First argument; arguments of host calls stand here too. Float64s. */
  Arguments: 24,
} as const);

const memoryEnds = Object.freeze(['MemoryEnd1', 'MemoryEnd2', 'MemoryEnd4', 'MemoryEnd8'] as const);

/** The slot with the end of memory for accesses of so many bytes: 1, 2, 4 or 8. */
export function memoryEndFor(size: number): (typeof memoryEnds)[number] {
  return elementAt(memoryEnds, Math.log2(size));
}

/** How many arguments fit: of a compiled function, and of a host call. */
export const maxArguments = 512;

/** Length of the frame in slots of 8 bytes. */
export const frameLength = FrameSlot.Arguments + maxArguments;

/** Byte offset of a slot from the start of the frame, for machine code. */
export function frameOffset(slot: number): number {
  return slot * 8;
}

/** What code asks of the host in the place of a host function. */
export const hostRequest = Object.freeze({
  /** The next slice of fuel. The trap is set if there is none, or if the code is to stop. */
  Refuel: -1,
  /** The trap is set if the code is to stop; rows of a kernel may spend another slice. */
  Look: -2,
} as const);

/**
 * Why compiled code gave up. Zero is "it did not". `HostException` and `Stopped` (somebody asked it to) come from outside. `Bounds`:
 * an access outside of memory.
 */
export const Trap = Object.freeze({
  None: 0,
  Stack: 1,
  Fuel: 2,
  HostException: 3,
  Stopped: 4,
  Bounds: 5,
} as const);
