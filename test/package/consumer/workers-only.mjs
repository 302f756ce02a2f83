/** The package in workers alone, one after the other. Prints what they computed, as JSON. */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

async function main() {
  const values = [];
  for (const x of [1, 2, 3]) {
    await new Promise((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url), { workerData: x });
      worker.on('message', (value) => values.push(value));
      worker.on('error', reject).on('exit', resolve);
    });
  }
  console.log(JSON.stringify(values));
}

async function run(x) {
  const { compile } = await import('exprjit');
  parentPort.postMessage(compile('x + 1', ['x'])(x));
}

if (isMainThread) await main();
else await run(workerData);
