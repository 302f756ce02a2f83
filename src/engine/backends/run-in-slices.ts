/** Asynchronous runs of kernels that have to stay in this thread: a slice of work, then whatever else is waiting. */
import { TrapError } from '../../jit/ir/trap-error.ts';
import { nextTurn } from '../../support/platform.ts';
import type { AsyncRunOptions, KernelTask, LoadedKernel } from './loaded-kernel.ts';
import { isPast, withDeadline } from './time-limit.ts';

/** @throws what the kernel throws, and the signal's reason when it is aborted. `name` is that of the function. */
export async function runInSlices(
  kernel: LoadedKernel,
  task: KernelTask,
  { signal, onProgress, deadline }: AsyncRunOptions,
  name: string,
): Promise<void> {
  const { length } = task;
  const steps = kernel.steps(task, signal);
  let rows = 0;
  try {
    for (;;) {
      await nextTurn();
      signal?.throwIfAborted();
      if (isPast(deadline)) throw new TrapError('E_TIMEOUT', name);
      const { done, value } = withDeadline(deadline, () => steps.next());
      if (done === true) break;
      rows = value;
      onProgress?.(rows / length);
    }
    if (rows < length || length === 0) onProgress?.(1);
  } finally {
    steps.return();
  }
}
