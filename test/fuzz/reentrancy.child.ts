/**
 * Cases of the re-entrancy harness: `reentrancy.child.ts <seed> <count> <milliseconds>`, see `campaign.ts`.
 *
 * Some run in a thread that ends in the middle: at the very point where the caller's code runs, by its own hand or another's.
 */
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { tell } from './campaign.ts';
import { packageCopies } from './package-copies.ts';
import { useEvaluation } from './reentrancy-actions.ts';
import { runCase } from './reentrancy-case.ts';

/** One case of so many is in a thread: to start one takes as long as several cases. */
const threadEvery = 25;
const exitInTheMiddle = 3;

if (isMainThread) await runCases();
else await runDoomed(Number(workerData));

async function runCases(): Promise<void> {
  const [first = 0, count = 1, milliseconds = 60_000] = process.argv.slice(2).map(Number);
  const end = performance.now() + milliseconds;
  process.on('unhandledRejection', (error) => {
    // A run that was abandoned by code in the middle of something: its error has nobody else to go to.
    tell('note', `unhandled rejection: ${error}`);
  });
  const [copy] = await packageCopies(1);
  if (copy !== undefined) useEvaluation(copy);
  let [reached, acted, threads] = [0, 0, 0];
  for (let seed = first; seed < first + count && performance.now() < end; seed++) {
    if (seed % threadEvery === 0) {
      await endThread(seed);
      threads++;
      continue;
    }
    const report = await runCase(seed, (what) => tell('begin', seed, what));
    for (const complaint of new Set(report.complaints)) tell('find', complaint);
    for (const note of report.notes) tell('note', note);
    reached += report.reached;
    acted += report.acted;
    if (report.isSpoilt) break;
  }
  tell('count', 'points', reached);
  tell('count', 'actions', acted);
  tell('count', 'threads', threads);
  process.exit(0);
}

/** Runs a case in a thread that says when it wants to be ended, unless it ends itself or its case. */
async function endThread(seed: number): Promise<void> {
  const worker = new Worker(new URL(import.meta.url), { workerData: seed, execArgv: [] });
  worker.on('message', () => void worker.terminate());
  worker.on('error', (error) => tell('find', `a thread failed: ${error}`));
  await once(worker, 'exit');
}

async function runDoomed(seed: number): Promise<void> {
  const last = (): void => {
    if (seed % 2 === 0) process.exit(exitInTheMiddle);
    parentPort?.postMessage('now');
    for (;;);
  };
  const report = await runCase(seed, (what) => tell('begin', seed, what), last);
  for (const complaint of new Set(report.complaints)) tell('find', complaint);
  process.exit(0);
}
