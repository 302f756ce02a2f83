import { parentPort, workerData } from 'node:worker_threads';
import { Engine } from '../../../src/index.ts';

const { task } = workerData as { task: 'once' | 'forever' | 'short' };
const engine = new Engine({ backend: 'native' });
const f = engine.compile('x + 2', ['x']);
const slow = engine.compile('sum(i, 1, 50, x*i)', ['x']);
const x = new Float64Array(200_000).fill(1);

if (task === 'once') {
  const result = await f.mapAsync({ x });
  parentPort?.postMessage(result.reduce((sum, value) => sum + value, 0));
} else if (task === 'short') {
  const [few, out] = [new Float64Array(100), new Float64Array(100)];
  const bound = f.bind({ x: few }, { out });
  for (let i = 0; ; i++) {
    bound.run();
    f.map({ x: few }, { out });
    f.reduce('sum', { x: few });
    if (i === 100_000) parentPort?.postMessage('started');
  }
} else {
  const keepRunning = async (): Promise<never> => {
    for (;;) await slow.mapAsync({ x });
  };
  void keepRunning();
  void keepRunning();
  await f.mapAsync({ x });
  parentPort?.postMessage('started');
}
