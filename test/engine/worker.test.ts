import { once } from 'node:events';
import { expect } from 'chai';
import { compile } from '../../src/index.ts';
import { startBundledWorker } from '../support/bundled-worker.ts';
import { namedMappings } from './memory-map.ts';

const file = new URL('./compiling.worker.ts', import.meta.url);

describe('worker threads', () => {
  it('compile and run side by side, and leave no memory behind', async () => {
    const before = namedMappings();
    const workers = Array.from({ length: 4 }, (_, index) =>
      startBundledWorker(file, { workerData: { task: 'count', offset: index * 1000 } }),
    );
    const results = await Promise.all(
      workers.map(async (worker) => {
        const [result] = (await once(worker, 'message')) as [number];
        await worker.terminate();
        return result;
      }),
    );
    expect(results).to.deep.equal([0, 1, 2, 3].map((index) => 500 * (index * 1000) + (499 * 500) / 2));
    expect(namedMappings()).to.deep.equal(before);
  });

  it('can be terminated while machine code calls back, and leave no memory behind', async () => {
    const before = namedMappings();
    const worker = startBundledWorker(file, { workerData: { task: 'host-loop', offset: 0 } });
    await once(worker, 'message');
    await worker.terminate();
    expect(namedMappings()).to.deep.equal(before);
  });

  it('with a small stack get TrapErrors, not crashes', async () => {
    const worker = startBundledWorker(file, {
      workerData: { task: 'deep', offset: 0 },
      resourceLimits: { stackSizeMb: 1 },
    });
    const [result] = (await once(worker, 'message')) as [unknown];
    expect(result).to.deep.equal(['E_STACK', 'E_STACK', 'E_STACK', 3]);
    await worker.terminate();
    using f = compile('x + 1', ['x']);
    expect(f(1)).to.equal(2);
  });
});
