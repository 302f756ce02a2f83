import { KernelControlSlot } from '../../native/kernel-request.ts';
import type { AsyncRunOptions } from './loaded-kernel.ts';

/** How often progress is reported, in milliseconds. */
const progressInterval = 50;

/**
 * Starts a run in other threads and waits for its end; `start` calls `onEnd` when no thread is at work any more.
 *
 * An abort, and an error of the progress callback, cancel the run; then this rejects with the reason, also at its end.
 */
export async function watchRun(
  control: Int32Array,
  claimCount: number,
  { signal, onProgress }: AsyncRunOptions,
  start: (onEnd: () => void) => void,
): Promise<void> {
  let failure: { readonly reason: unknown } | undefined;
  const cancel = (reason: unknown): void => {
    failure ??= { reason };
    Atomics.store(control, KernelControlSlot.Cancel, 1);
  };
  const abort = (): void => cancel(signal?.reason);
  const report = (): void => {
    try {
      const done = Atomics.load(control, KernelControlSlot.ClaimsDone);
      onProgress?.(claimCount === 0 ? 1 : done / claimCount);
    } catch (error) {
      cancel(error);
    }
  };
  let timer: NodeJS.Timeout | undefined;
  try {
    // May be the caller's own code, which throws or aborts: before there is a run that nobody would cancel.
    signal?.addEventListener('abort', abort);
    signal?.throwIfAborted();
    await new Promise<void>((resolve) => {
      start(resolve);
      if (onProgress !== undefined) timer = setInterval(report, progressInterval);
    });
  } finally {
    signal?.removeEventListener('abort', abort);
    clearInterval(timer);
  }
  const trapped = Atomics.load(control, KernelControlSlot.Trap) !== 0;
  if (failure === undefined && !trapped && onProgress !== undefined) report();
  // The assignment happens in callbacks, which the analysis of this function does not see.
  const failed = failure as { readonly reason: unknown } | undefined;
  if (failed !== undefined) throw failed.reason;
}
