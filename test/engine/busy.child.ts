/**
 * A process that ends, or does not, with something at work. `exit` ends while an asynchronous task runs in the main thread,
 * `exit-worker` while a worker is busy, `natural` by itself when `mapAsync` is done, `script` after V8 has interrupted a
 * script by its timeout.
 */
import { Script } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { Engine } from '../../src/index.ts';
import { type BusyTask, startBusyTask } from './busy-tasks.ts';

const [ending, given, name, workerFile] = process.argv.slice(2);
const task = given as BusyTask;
const backend = name === 'interpreter' ? 'interpreter' : 'native';

/** Long enough that it is computing. */
const soon = 200;

switch (ending) {
  case 'exit':
    startBusyTask(task, backend, () => {});
    setTimeout(() => process.exit(7), soon);
    break;
  case 'exit-worker': {
    const worker = new Worker(new URL(workerFile ?? ''), { workerData: { task, backend } });
    worker.once('message', () => setTimeout(() => process.exit(7), soon));
    break;
  }
  case 'natural': {
    const f = new Engine({ backend }).compile('sum(i, 1, 2000, x)', ['x']);
    f.mapAsync({ x: new Float64Array(500).fill(2) }).then((y) => process.stdout.write(`${y[499]}\n`));
    break;
  }
  case 'script': {
    (globalThis as { busy?: () => unknown }).busy = () => startBusyTask(task, backend, () => {});
    for (let i = 0; i < 2; i++) {
      try {
        new Script('busy()').runInThisContext({ timeout: 1000 });
        process.stdout.write('returned\n');
      } catch (error) {
        process.stdout.write(`${(error as { code?: string }).code}\n`);
      }
    }
    const f = new Engine({ backend }).compile('x + 1', ['x']);
    process.stdout.write(`${f(2)} ${f.map({ x: [4] })[0]}\n`);
    break;
  }
}
