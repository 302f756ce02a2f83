import { Worker, type WorkerOptions } from 'node:worker_threads';
import { bundle } from './bundle.ts';

/**
 * A worker that runs a TypeScript file. The file is bundled first, once: under Node 20 the loader of the tests does
 * not reach into workers, and a bundle starts at once however many workers there are.
 */
export function startBundledWorker(file: URL, options: WorkerOptions): Worker {
  return new Worker(bundle(file), { ...options, execArgv: options.execArgv ?? [] });
}
