/**
 * Compiles, runs and releases in several threads at once, round after round, and looks at what that leaves behind.
 *
 * In each round all threads but one finish their work; that one is terminated in the middle of it, with functions
 * alive. Then resident memory and our mappings are taken, at a moment when no thread is left.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startBundledWorker } from '../support/bundled-worker.ts';
import { Random } from '../support/random.ts';

export interface SoakTask {
  readonly seed: number;
  readonly cycles: number;
}

export interface SoakPlan {
  readonly seed: number;
  readonly rounds: number;
  readonly threads: number;
  /** Of one thread in one round. */
  readonly cycles: number;
}

export interface SoakRound {
  /** Cycles that were done, those of the terminated thread included. */
  readonly cycles: number;
  readonly residentMegabytes: number;
  /** Executable mappings of this process that are exprjit's. */
  readonly mappings: number;
}

export async function* soak({ seed, rounds, threads, cycles }: SoakPlan): AsyncGenerator<SoakRound> {
  const random = new Random(seed);
  for (let round = 0; round < rounds; round++) {
    const doomedAt = random.integer(0, cycles - 1);
    const done = await Promise.all(
      Array.from({ length: threads }, (_, thread) =>
        runThread({ seed: random.integer(0, 1e9), cycles }, thread === 0 ? doomedAt : undefined),
      ),
    );
    collectGarbage();
    yield {
      cycles: done.reduce((sum, each) => sum + each),
      residentMegabytes: process.memoryUsage.rss() / 2 ** 20,
      mappings: countMappings(),
    };
  }
}

/** Resolves to the number of cycles that were done; `terminateAt` is the cycle that the thread does not survive. */
async function runThread(task: SoakTask, terminateAt: number | undefined): Promise<number> {
  const worker = startBundledWorker(new URL('soak.worker.ts', import.meta.url), { workerData: task });
  let done = 0;
  let failure: unknown;
  worker.on('message', (cycles: number) => {
    done += cycles;
    if (terminateAt !== undefined && done >= terminateAt) void worker.terminate();
  });
  worker.on('error', (error) => {
    failure = error;
  });
  await once(worker, 'exit');
  if (failure !== undefined) throw new Error(`a thread failed (${JSON.stringify(task)})`, { cause: failure });
  return done;
}

export function countMappings(): number {
  return readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .filter((line) => line.includes('exprjit') && !line.includes('.node')).length;
}

let collect: (() => void) | undefined;

function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}
