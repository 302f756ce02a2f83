/** Asynchronous runs of kernels that have to stay in this thread: a slice of rows, then whatever else is waiting. */
import { setImmediate } from 'node:timers/promises';
import { reductionBlock } from '../native/kernel-frame.ts';
import type { AsyncRunOptions, KernelTask, LoadedKernel } from './loaded-kernel.ts';

/** In milliseconds: short enough that nobody notices. */
const sliceTime = 8;

const firstSlice = 64;

/** @throws what the kernel throws, and the signal's reason when it is aborted. */
export async function runInSlices(
  kernel: LoadedKernel,
  task: KernelTask,
  { signal, onProgress }: AsyncRunOptions,
): Promise<void> {
  const { length } = task;
  const least = task.partials === undefined ? 1 : reductionBlock;
  let slice = Math.max(firstSlice, least);
  kernel.enter();
  try {
    for (let row = 0; row < length; ) {
      await setImmediate();
      signal?.throwIfAborted();
      const rows = Math.min(slice, length - row);
      const start = performance.now();
      kernel.run(task, row, rows);
      const time = performance.now() - start;
      row += rows;
      onProgress?.(row / length);
      if (time < sliceTime / 2) slice *= 2;
      else if (time > sliceTime * 2) slice = Math.max(least, slice / 2);
    }
    signal?.throwIfAborted();
  } finally {
    kernel.leave();
  }
}
