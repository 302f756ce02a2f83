/** The package from an ES module, in the main thread and in workers. Prints what it computed, as JSON. */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { compile, Engine, hostReport } from 'exprjit';

function run(n) {
  using_(new Engine(), (engine) => {
    const triangle = engine.compile('f(n) = n < 1 ? 0 : n + f(n - 1); f(n)', ['n']);
    parentPort.postMessage({ backend: engine.statistics().backend, value: triangle(n) });
  });
}

/** `using`, for Nodes that do not know it. */
function using_(resource, body) {
  try {
    return body(resource);
  } finally {
    resource[Symbol.dispose]();
  }
}

async function main() {
  const workers = [10, 100].map(
    (n) =>
      new Promise((resolve, reject) => {
        new Worker(new URL(import.meta.url), { workerData: n }).on('message', resolve).on('error', reject);
      }),
  );
  const f = compile('x^2 + 2*y', ['x', 'y']);
  const { addon } = hostReport();
  const report = {
    value: f(3, 4),
    size: f.code?.size > 0,
    listing: f.code?.listing().includes('mulsd'),
    addon: addon.file?.replaceAll('\\', '/').replace(/^.*\/node_modules\//, ''),
    error: addon.error,
    workers: await Promise.all(workers),
  };
  f.release();
  try {
    f(3, 4);
  } catch (error) {
    report.released = error.code;
  }
  try {
    new Engine({ backend: 'native' }).dispose();
    report.native = true;
  } catch (error) {
    report.native = `${error.name} ${error.code}`;
  }
  const engine = new Engine();
  report.backend = engine.statistics().backend;
  report.reason = engine.statistics().fallbackReason;
  console.log(JSON.stringify(report));
}

if (isMainThread) await main();
else run(workerData);
