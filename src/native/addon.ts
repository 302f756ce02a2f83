import type { Address } from './address.ts';

/**
 * What can be done to the memory of one owner: what these functions map belongs to them, and any of them throws
 * `E_OWNED` for the memory of another. Whoever has the functions is the owner; there is nothing else to show.
 */
export interface OwnedMemory {
  /** `memoryFlags` as `|` or as C gives them: the highest may be the sign. */
  alloc(size: number, memoryFlags: number): Address;
  release(address: Address, size: number): void;
  protect(address: Address, size: number, memoryFlags: number): void;
  /**
   * Puts pages under a protection key of this environment, readable and writable: from then on only `write`, `fill` and `read` reach them,
   * while they are at work. False where there are no such keys; nothing has changed then.
   */
  guardWrites(address: Address, size: number): boolean;
  /**
   * Moves memory onto huge pages as far as they fit, in both views of a dual mapping: `collapsedSize` bytes; of `hintedSize`
   * more, the OS was told that huge pages would be welcome.
   */
  collapse(address: Address, size: number): { collapsedSize: number; hintedSize: number };
  /** `strategy` names the rung of the ladder that worked: `memfd`, `shm`, `tmpfile`… */
  allocDualMapping(
    size: number,
    memoryFlags: number,
    temporaryDirectory: string,
  ): { rx: Address; rw: Address; strategy: string };
  releaseDualMapping(rx: Address, rw: Address, size: number): void;
  write(address: Address, bytes: Uint8Array): void;
  /** Repeats the 32-bit `pattern` (little endian) over the range. */
  fill(address: Address, size: number, pattern: number): void;
}

/**
 * What the C++ addon exports: the OS, the CPU and the way into machine code, without policy. The functions of
 * {@link OwnedMemory} that stand here are those of an owner too, of whom everybody who has no other is.
 *
 * Arguments are checked again in C++: an address outside this environment's mappings, a range whose current
 * protection forbids the access, or a value of the wrong type throws; it never faults.
 */
export interface Addon extends OwnedMemory {
  virtMemInfo(): { pageSize: number; pageGranularity: number };
  /** Bytes, 0 if the OS offers no large pages. */
  largePageSize(): number;
  /** `HardenedRuntimeFlags` of this process, found out by trying. */
  hardenedRuntimeFlags(temporaryDirectory: string): number;
  /** Functions of a new owner, who owns nothing yet. */
  createMemoryOwner(): OwnedMemory;
  protectJitMemory(access: number): void;
  flushInstructionCache(address: Address, size: number): void;
  /** Copies memory, whoever owns it, into `target`, as many bytes as it holds. */
  read(address: Address, target: Uint8Array): void;
  probe(temporaryDirectory: string): ProbeResult[];

  /**
   * Maps the first page of an open file as code, for profilers that watch such mappings (see `jitdump.ts`). Nothing else can
   * be done with the page; it goes with the environment. `ENOTSUP` on Windows.
   */
  mapProfileMarker(descriptor: number): Address;

  cpuInfo(): CpuInfo;

  /** How deep the stack of this thread is now: the address of a variable there. */
  stackAddress(): Address;

  /** Where the memory of an array is; whoever asks keeps the array as long as code knows the address. 0 for an empty array. */
  addressOf(bytes: Uint8Array): Address;

  /** Entry points of arithmetic that some CPUs have no instruction for: `rem`, the operator `%`, and `fma`. */
  arithmetic(): Readonly<Record<string, Address>>;

  /**
   * The calls of one evaluation of these modules, see `session.ts`. Frame and request are on shared memory, which nobody can
   * detach. `dispatcher` is what machine code calls by way of `FrameSlot.HostCall`: it takes its arguments from the frame
   * and must not throw. It is not called from below `hostStackLimit`, an address of the stack.
   */
  openSession(
    frame: Float64Array,
    request: Float64Array,
    dispatcher: () => void,
    hostStackLimit: Address,
  ): SessionCalls;
}

/** Ways into machine code, by the frame and the request of one session. */
export interface SessionCalls {
  /**
   * Runs the machine code at `FrameSlot.Entry`. Throws if that is not in executable memory of this
   * environment; that a function starts there, the caller vouches for.
   */
  invoke(): void;
  /** Whether JavaScript has 256 KiB of stack left in this thread; false where that is not known. */
  hasAmpleStack(): boolean;
  /**
   * From now on fast calls of this thread use this session's frame and request. Gives the address of what a library for fast calls
   * makes a function of, see `fast-calls.ts`, for one of the ways there are; 0 if they use another session's.
   */
  claimFastCalls(way: number): Address;
  /**
   * Runs the kernel that the request describes on columns, outputs and, for reductions, partials. Whether it did is in
   * the request's `Status`. Throws as {@link invoke}. Lengths and memory of the arrays, which may change, are checked here;
   * that they have the element types of the request, which never change, the caller vouches for.
   */
  runKernel(...arrays: ArrayBufferView[]): void;
  /**
   * The number by which {@link runKnown} knows a typed array from now on; -1 for an array that cannot have one. The array is not
   * kept: who has its number has to keep it, and gives the number back when the array was collected.
   */
  knowArray(array: ArrayBufferView): number;
  forgetArray(number: number): void;
  /**
   * As {@link runKernel}, on arrays that have numbers, from the first row on: for kernels that call nothing and have one result.
   * Only the slots `Entry`, `RowCount`, `ColumnCount`, `ReductionCount`, `Known` and `Uniforms` are read. That each array has
   * as many elements at this very moment, and which type they have, the caller vouches for. The arguments mean nothing but that
   * they live until the end of the call, so they refer to the arrays.
   */
  runKnown(...kept: unknown[]): void;
  /**
   * Keeps what the request says to {@link runKnown}, checked, so that {@link runPrepared} does it again and again. Gives the number of
   * the run; -1 where it is refused, for which the request's `Status` has the reason, and where there is no room. Who has the number
   * keeps the arrays, and gives it back when nobody can use it any more.
   */
  prepareRun(): number;
  forgetRun(number: number): void;
  /**
   * As {@link runKnown}, for the run whose number is in the request's `Prepared`, which is all that is read. Throws also for a number of
   * no run.
   */
  runPrepared(...kept: unknown[]): void;
  /**
   * Starts the kernel on threads of its own. Columns that are not on shared memory are copied before this
   * returns. Outputs and partials are written as threads go, so they must be on shared memory, or such as nobody else
   * can see. Calls `onEnd` when no thread is at work any more, unless `Status` says that nothing was started.
   * `control` is what `KernelControlSlot` describes. All arguments stay alive until then.
   */
  startKernel(control: Int32Array, onEnd: () => void, ...arrays: ArrayBufferView[]): void;
}

/** One OS call that failed; `strategy` is the way to memory that it was a step of. */
export interface OsCall {
  readonly strategy: string;
  /** Symbolic, for example `ENOMEM`. */
  readonly code: string;
  readonly errno: number;
  readonly syscall: string;
}

/**
 * A failure as C++ throws it: an `Error` with these properties. Those of the OS have them all; a range that
 * is not this environment's, or that is protected, has only a `code`: `E_NOT_MAPPED`, `E_PROTECTED`,
 * `E_NOT_WHOLE`, `E_OWNED`.
 */
export interface AddonFailure extends Error {
  code: string;
  errno?: number;
  syscall?: string;
  /** Every call that failed, in order, the last of them the one above. */
  attempts?: readonly OsCall[];
}

export interface CpuInfo {
  architecture: string;
  vendor: string;
  brand: string;
  /** Lower-case CPUID names that the CPU has and the OS has enabled: `sse2 sse4.1 avx avx2 fma bmi2 avx512f…`. */
  features: readonly string[];
}

/** One way to obtain executable memory, tried with a stub that was run. */
export interface ProbeResult {
  strategy: string;
  works: boolean;
  code?: string;
  errno?: number;
  syscall?: string;
  hint?: string;
}

/** Which ways to executable memory work here. */
export interface ProbeReport {
  platform: string;
  architecture: string;
  results: readonly ProbeResult[];
}
