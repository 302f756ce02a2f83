import { parentPort, workerData } from 'node:worker_threads';
import { Engine, TrapError } from '../../src/index.ts';

const { task, offset } = workerData as { task: 'count' | 'host-loop' | 'deep'; offset: number };

function count(): number {
  const engine = new Engine({ backend: 'native' });
  let total = 0;
  for (let i = 0; i < 500; i++) {
    const f = engine.compile(`x + ${i}`, ['x']);
    total += f(offset);
    // Some are left to the end of the thread.
    if (i % 3 !== 0) f.release();
  }
  return total;
}

/** Calls back without end; says so at the first call. */
function loopThroughHost(): void {
  const note = (i: number) => {
    if (i === 1) parentPort?.postMessage('started');
    return i;
  };
  const engine = new Engine({ backend: 'native', functions: { note }, limits: { fuel: 2 ** 50 } });
  engine.compile('sum(i, 1, 1e15, note(i))', [])();
}

function recurse(): unknown[] {
  const engine = new Engine({ backend: 'native' });
  const f = engine.compile('f(n) = 1 + f(n + x); f(0)', ['x']);
  const codes = [1, 2, 3].map((x) => {
    try {
      return f(x);
    } catch (error) {
      return error instanceof TrapError ? error.code : String(error);
    }
  });
  return [...codes, engine.compile('x + 1', ['x'])(2)];
}

if (task === 'count') parentPort?.postMessage(count());
else if (task === 'deep') parentPort?.postMessage(recurse());
else loopThroughHost();
