/**
 * The layout of the kernel frame, through which an array kernel, `void kernel(kernel frame *)`, gets its work.
 *
 * A kernel computes the rows `FirstRow` to `FirstRow + RowCount - 1`. Pointers name whole arrays, not the place where
 * the rows begin: element `r` of a column belongs to row `r`. So one frame serves a whole run, and pieces of a run
 * that threads share differ in the first two slots alone. `native/src/kernel_frame.h` holds the same layout for C++, and a
 * test compares the two.
 *
 * All slots but the last are read only. Nothing is aligned beyond the size of its elements. Memory outside the rows
 * is neither read nor written.
 */
export const KernelFrameSlot = Object.freeze({
  /** An int64 of at least 0; for reductions a multiple of {@link reductionBlock}. */
  FirstRow: 0,
  /** An int64 of at least 0. */
  RowCount: 1,
  /** What `length` is to the kernel: the rows of the whole run, as an int64. */
  Length: 2,
  /**
   * Address of a native frame (`frame.ts`) with fuel, stack limit and host of the thread that runs the kernel, its
   * trap cleared. Needed by kernels that call functions; the others never look.
   */
  Frame: 3,
  /** Address of an array with the address of each column. */
  Columns: 4,
  /** Address of an array with the address of each output that is an array. */
  Outputs: 5,
  /** Address of an array of doubles, the uniforms. */
  Uniforms: 6,
  /**
   * Address of an array of doubles, the results of reductions over blocks of {@link reductionBlock} rows: those of
   * rows `b * reductionBlock` and on stand at index `b * reductions`, in order of the outputs that are reductions. Exact sums have
   * several of them, and read what they have written.
   */
  Partials: 7,
  /** Written if the kernel ends with a trap in `Frame`: the row at which it happened, as an int64. */
  TrapRow: 8,
} as const);

/** Length of the kernel frame in slots of 8 bytes. */
export const kernelFrameLength = 16;

/** Rows whose results a reduction combines before anything else: see `docs/adr/0009-deterministic-reductions.md`. */
export const reductionBlock = 4096;
