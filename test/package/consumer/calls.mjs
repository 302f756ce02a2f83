/**
 * Calls in loops that V8 optimises, amid which functions are released, in this thread and in workers of which one is ended at work.
 * Prints as JSON what came of it. Written so that whatever enters code that is gone has other code to find there.
 */
import { createContext, runInContext } from 'node:vm';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Engine } from 'exprjit';

const rounds = 10;
const length = 20_000;
const engine = new Engine({ backend: 'native' });
let compiled = 0;

/** No two of them have the same machine code. */
const compileOne = () => engine.compile(`x*y + y + 0*${compiled++}`, ['x', 'y']);

/** A loop that is compiled from a text of its own: what V8 learns in one says nothing of others. */
function loopOver(argument) {
  const text = 'let sum = 0; for (const row of rows) sum += f(argument, 2); return sum;';
  return new Function('f', 'rows', `/* ${compiled} */ ${text.replace('argument', () => argument)}`);
}

/** Whether the loop ends in the error of a function that was released. */
function endsReleased(loop, f, rows) {
  try {
    loop(f, rows);
    return false;
  } catch (error) {
    return error.code === 'E_RELEASED';
  }
}

const numbers = Array.from({ length }, (_, i) => i);
const sum = length * (length - 1) + 2 * length;

/** Rows of which one is `special`. */
const rowsWith = (special) => numbers.map((i) => (i === 12_345 ? special : i));

/** Releases the function, and puts other code where its own was. */
function release(f) {
  f.release();
  engine.compile(`x - ${compiled++}`, ['x'])(1);
  return 1;
}

function callsAndReleases() {
  const report = { wrong: 0, released: 0, releasedInValueOf: 0 };
  for (let round = 0; round < rounds; round++) {
    const f = compileOne();
    const loop = loopOver('row < 0 ? rows.release() : row');
    for (let i = 0; i < 5; i++) if (loop(f, numbers) !== sum) report.wrong++;
    const rows = Object.assign(rowsWith(-1), { release: () => release(f) });
    if (endsReleased(loop, f, rows)) report.released++;
    if (endsReleased(loop, f, numbers)) report.released++;

    const g = compileOne();
    const converting = loopOver('+row');
    for (let i = 0; i < 5; i++) if (converting(g, numbers) !== sum) report.wrong++;
    if (endsReleased(converting, g, rowsWith({ valueOf: () => release(g) }))) report.releasedInValueOf++;
  }
  return report;
}

/** A trap that one call leaves is none of another, whichever way it comes. */
function callsBetweenTraps() {
  const f = compileOne();
  const deep = engine.compile('f(n) = n < 1 ? 0 : 1 + f(n - 1); f(n)', ['n']);
  let ends = 0;
  for (let i = 0; i < 2000; i++) {
    if (i % 500 === 0) {
      try {
        deep(1e7);
      } catch (error) {
        if (error.code === 'E_STACK') ends++;
      }
    }
    if (f(i, 2) !== 2 * i + 2) ends = Number.NaN;
  }
  return ends;
}

/** Loops in another context of `node:vm`, the last of which is cut off. */
function callsInContexts() {
  const f = compileOne();
  const context = createContext({ f, numbers });
  const own = runInContext(
    'let s = 0; for (let k = 0; k < 5; k++) for (const i of numbers) s += f(i, 2); s',
    context,
  );
  try {
    runInContext('for (let i = 0; ; i++) f(i, 2)', context, { timeout: 50 });
  } catch (error) {
    return [own === 5 * sum, error.code, f(3, 4)];
  }
}

function inWorker(data) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: data });
    worker.on('error', reject).on('message', (message) => {
      if (data !== 'endless') resolve(message);
      else worker.terminate().then(() => resolve(message));
    });
  });
}

/** What an attacker would replace. */
function pollute() {
  Function.prototype.call = Function.prototype.apply = () => 'polluted';
  Object.prototype.create = Object.prototype.released = Object.prototype.calls = 'polluted';
  Object.defineProperty(Array.prototype, 16, { set: () => {}, configurable: true });
}

async function main() {
  const { calls: way, slowCallReason } = engine.statistics();
  const report = { way, slowCallReason, ...callsAndReleases() };
  report.trapped = callsBetweenTraps();
  report.contexts = callsInContexts();
  report.workers = await Promise.all([inWorker('calls'), inWorker('calls'), inWorker('endless')]);
  const f = compileOne();
  pollute();
  report.polluted = loopOver('row')(f, numbers) === sum;
  console.log(JSON.stringify(report));
}

if (isMainThread) await main();
else if (workerData === 'calls')
  parentPort.postMessage({ way: engine.statistics().calls, ...callsAndReleases() });
else {
  const f = compileOne();
  for (let i = 0; ; i++) {
    f(i, 2);
    if (i === 1e6) parentPort.postMessage('at work');
  }
}
