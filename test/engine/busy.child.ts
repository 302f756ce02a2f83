/**
 * A process that ends, or does not, with something at work. `exit` ends while an asynchronous task runs in the main thread,
 * `exit-worker` while a worker is busy, `natural` by itself when `mapAsync` is done, `script` after V8 has interrupted a
 * script by its timeout, which runs no `finally`; `nested` after it has done so below a formula that goes on.
 */
import { Script } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { Engine } from '../../src/index.ts';
import { type BusyTask, backends, startBusyTask } from './busy-tasks.ts';

const [ending, given, name, workerFile] = process.argv.slice(2);
const task = given as BusyTask;
const backend = backends.find((known) => known === name) ?? 'native';

/** Long enough that it is computing. */
const soon = 200;

function runScript(body: () => unknown, timeout: number): void {
  (globalThis as { busy?: () => unknown }).busy = body;
  try {
    new Script('busy()').runInThisContext({ timeout });
    process.stdout.write('returned\n');
  } catch (error) {
    process.stdout.write(`${(error as { code?: string }).code}\n`);
  }
}

function wait(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

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
    for (let i = 0; i < 2; i++) runScript(() => startBusyTask(task, backend, () => {}), 700);
    const f = new Engine({ backend }).compile('x + 1', ['x']);
    process.stdout.write(`${f(2)} ${f.map({ x: [4] })[0]}\n`);
    break;
  }
  case 'nested': {
    const timed = new Engine({ backend, limits: { fuel: 1e15, timeout: 600 }, functions: { one: () => 1 } });
    const long = timed.compile('sum(i, 1, 1e15, i * x) + one()', ['x']);
    const functions = {
      interrupted: (x: number) => {
        runScript(() => long(x), 100);
        return x;
      },
      two: () => 2,
    };
    const f = new Engine({ backend, functions }).compile('interrupted(x) + two() + sum(i, 1, 2e5, 1)', ['x']);
    process.stdout.write(`${f(5)}\n`);
    runScript(() => long(1), 100);
    // The time limit of what was interrupted would be over by then.
    wait(700);
    process.stdout.write(`${f(6)}\n`);
    break;
  }
}
