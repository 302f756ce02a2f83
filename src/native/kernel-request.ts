/**
 * What TypeScript asks of `runKernel`, `runKnown`, `runPrepared` and `startKernel`: a `Float64Array` shared with the addon, since converting
 * numbers one by one would cost more than a short kernel. The arrays themselves are the arguments of the call: the
 * columns, the outputs, and for reductions the partials. `runKnown` has no arguments, and takes arrays by the numbers that
 * the addon has given them; `runPrepared` takes all of it by one number.
 *
 * The addon copies all of it before the kernel runs; so a host function that runs another kernel does no harm. `runKnown` leaves the
 * uniforms where they are: its kernels call nothing.
 * `native/src/kernel_request.h` holds the same layout for C++, and a test compares the two.
 */
export const KernelRequestSlot = Object.freeze({
  /** Address of the kernel's code. */
  Entry: 0,
  /** See `KernelFrameSlot`. */
  FirstRow: 1,
  RowCount: 2,
  Length: 3,
  ColumnCount: 4,
  OutputCount: 5,
  UniformCount: 6,
  /** How many results of reductions a block of rows has. */
  ReductionCount: 7,
  /** 1 if the kernel calls functions, and so needs a native frame; else 0. */
  CallsFunctions: 8,
  /** Units of fuel of each row for `startKernel`. */
  Fuel: 9,
  /** How many threads `startKernel` may use. */
  ThreadCount: 10,
  /** How many rows a thread takes at a time. */
  ClaimSize: 11,
  /** Written by `runKernel` and `runKnown`: a {@link KernelStatus}. */
  Status: 12,
  /** Written with a status other than `Ok`: the position of the array among the arguments. */
  StatusArgument: 13,
  /** With the status `Overlap`: the position of the other array. */
  StatusOther: 14,
  /** 1 if the kernel calls functions of the host, so that columns may go while it runs; else 0. */
  CallsHost: 15,
  /** Units of fuel between two looks at whether to stop, for `startKernel`. */
  FuelSlice: 16,
  /** As that of the frame, for `startKernel`. */
  Deadline: 17,
  /** Of `runKnown`: where the numbers of the columns stand, and behind them that of the output or the partials. */
  Known: 18,
  /** Of `runPrepared`: the number of the run. */
  Prepared: 22,
  /** Where the element types of the columns and the outputs stand: positions in {@link kernelElementTypes}. */
  Types: 24,
  /** Where the uniforms stand. */
  Uniforms: 24 + 640,
} as const);

/** How many columns, and how many uniforms, a kernel may have: as many as a function has parameters. */
export const maxKernelColumns = 512;
export const maxKernelOutputs = 64;
/** How many columns `runKnown` takes. */
export const maxKnownColumns = 3;

export const kernelRequestLength = KernelRequestSlot.Uniforms + maxKernelColumns;

/** Element types by their numbers in a request. */
export const kernelElementTypes = Object.freeze([
  'f64',
  'f32',
  'i8',
  'u8',
  'i16',
  'u16',
  'i32',
  'u32',
  'u8c',
  'mask',
] as const);

/** Whether a kernel ran, and if not, why. */
export const KernelStatus = Object.freeze({
  Ok: 0,
  /** The argument is no typed array, or one of another element type than the request says. */
  WrongType: 1,
  /** The array ends before the rows do, maybe because its buffer was detached. */
  TooShort: 2,
  /** An output shares memory with another array, and is not the same elements. */
  Overlap: 3,
  /** The request contradicts itself. */
  BadRequest: 4,
} as const);

/**
 * What a running `startKernel` and TypeScript tell each other: an `Int32Array` on shared memory, accessed atomically.
 * All but `Cancel` is written by the addon.
 */
export const KernelControlSlot = Object.freeze({
  /** Set by TypeScript: threads take no more rows. */
  Cancel: 0,
  /** How many times `ClaimSize` rows are done. */
  ClaimsDone: 1,
  /** What the trap slot of a frame holds: a `Trap`, and the function's index. That of the lowest row counts. */
  Trap: 2,
  TrapFunction: 3,
} as const);

export const kernelControlLength = 4;
