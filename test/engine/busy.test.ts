/** What runs in machine code, or in the interpreter, keeps nobody from ending the thread or the process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { requireAddon } from '../../src/native/loader.ts';
import { bundle } from '../support/bundle.ts';
import { startBundledWorker } from '../support/bundled-worker.ts';
import { type BusyTask, backends, busyTasks } from './busy-tasks.ts';
import { namedMappings } from './memory-map.ts';

const workerFile = new URL('./busy.worker.ts', import.meta.url);
const childFile = new URL('./busy.child.ts', import.meta.url);

/** Milliseconds in which a busy machine does what takes 50 on others, and within which nothing may hang. */
const soon = 5000;
const tooLate = 20_000;

const isAsynchronous = (task: BusyTask): boolean => task.endsWith('Async');

interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  /** Milliseconds from start to end. */
  readonly time: number;
}

/** Runs the child to its end, or ends it when it hangs. */
async function runChild(...args: string[]): Promise<Ending> {
  if (args.includes('native')) requireAddon();
  const start = performance.now();
  const child: ChildProcess = spawn(process.execPath, [fileURLToPath(bundle(childFile)), ...args]);
  let stdout = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), tooLate);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { code, stdout, time: performance.now() - start };
}

describe('a busy thread', () => {
  for (const backend of backends) {
    for (const task of busyTasks) {
      it(`can be terminated: ${backend}, ${task}`, async () => {
        const before = namedMappings();
        const worker = startBundledWorker(workerFile, { workerData: { task, backend } });
        await once(worker, 'message');
        await new Promise((resolve) => setTimeout(resolve, 100));
        const start = performance.now();
        const ended = await Promise.race([
          worker.terminate(),
          new Promise((resolve) => setTimeout(() => resolve('pending'), tooLate)),
        ]);
        expect(ended).to.not.equal('pending');
        expect(performance.now() - start).to.be.lessThan(soon);
        expect(namedMappings()).to.deep.equal(before);
      });

      it(`does not keep the process: ${backend}, ${task}`, async () => {
        const { code } = await runChild('exit-worker', task, backend, bundle(workerFile).href);
        expect(code).to.equal(7);
      });

      if (isAsynchronous(task)) {
        it(`of its own does not keep the process: ${backend}, ${task}`, async () => {
          const { code } = await runChild('exit', task, backend);
          expect(code).to.equal(7);
        });
      } else {
        it(`is interrupted by the timeout of a script: ${backend}, ${task}`, async () => {
          const { code, stdout } = await runChild('script', task, backend);
          expect(stdout.split('\n')).to.deep.equal([
            'ERR_SCRIPT_EXECUTION_TIMEOUT',
            'ERR_SCRIPT_EXECUTION_TIMEOUT',
            '3 5',
            '',
          ]);
          expect(code).to.equal(0);
        });
      }
    }

    it(`keeps the process until mapAsync is done: ${backend}`, async () => {
      expect(await runChild('natural', 'call', backend)).to.deep.include({ code: 0, stdout: '4000\n' });
    });
  }

  it('that was interrupted in machine code has no limits and no host functions of what ran there', async () => {
    const { stdout } = await runChild('nested', 'call', 'native');
    const interruption = 'ERR_SCRIPT_EXECUTION_TIMEOUT';
    expect(stdout.split('\n')).to.deep.equal([
      interruption,
      '200007',
      interruption,
      interruption,
      '200008',
      '',
    ]);
  });
});
