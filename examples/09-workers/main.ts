/**
 * One formula on all cores: every worker thread has an engine of its own, with memory of its own, and gets the text.
 * Compiled functions stay in their thread; a source travels anywhere.
 */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

const source = '4 / (1 + x^2)';
const steps = 4_000_000;
const count = Math.min(availableParallelism(), 4);

/** The integral of the formula from 0 to 1, each worker over its part of the steps. */
async function integrate(): Promise<number> {
  const parts = Array.from({ length: count }, async (_, index) => {
    const worker = new Worker(new URL('./worker.mjs', import.meta.url), {
      workerData: { source, first: index, stride: count, steps },
      execArgv: [],
    });
    const [sum] = (await once(worker, 'message')) as [number];
    return sum;
  });
  return (await Promise.all(parts)).reduce((sum, part) => sum + part, 0) / steps;
}

console.log(`the integral of ${source} from 0 to 1, in worker threads: ${(await integrate()).toFixed(9)}`);
