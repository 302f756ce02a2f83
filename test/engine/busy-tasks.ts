import { Engine } from '../../src/index.ts';

/** What takes minutes, unless somebody ends it. */
export const busyTasks = [
  'call',
  'recursion',
  'rows',
  'vectors',
  'rowsAsync',
  'vectorsAsync',
  'reduceAsync',
] as const;
export type BusyTask = (typeof busyTasks)[number];

export const backends = ['native', 'wasm', 'interpreter'] as const;

/** Is of no loop, so native kernels of it run on vectors. */
const longRow = Array.from({ length: 2000 }, (_, i) => `sin(x + ${i})`).join(' + ');

/** Starts the task; one that is asynchronous is left running. `started` is called right before. */
export function startBusyTask(
  task: BusyTask,
  backend: (typeof backends)[number],
  started: () => void,
): unknown {
  const engine = new Engine({ backend, limits: { fuel: 1e15 } });
  const f = engine.compile('sum(i, 1, 1e15, i * x)', ['x']);
  const vector = engine.compile(task.startsWith('vectors') ? longRow : 'x', ['x']);
  const fib = engine.compile('f(n) = n < 2 ? n : f(n - 1) + f(n - 2); f(x)', ['x']);
  const x = new Float64Array(new SharedArrayBuffer(8 * 4_000_000)).fill(1.5);
  started();
  switch (task) {
    case 'call':
      return f(1);
    case 'recursion':
      return fib(100);
    case 'rows':
      return f.map({ x });
    case 'vectors':
      return vector.map({ x });
    case 'rowsAsync':
      return f.mapAsync({ x }, { threads: 2 });
    case 'vectorsAsync':
      return vector.mapAsync({ x }, { threads: 2 });
    case 'reduceAsync':
      return f.reduceAsync('max', { x }, { threads: 2 });
  }
}
