import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { frameLength } from '../../src/native/frame.ts';
import { kernelRequestLength } from '../../src/native/kernel-request.ts';
import { addonFile, freshAddon } from './fresh-addon.ts';
import { call, callingHostForever, doubling, place } from './machine-code.ts';

/** A worker that runs plain JavaScript with the addon at hand. */
function startWorker(body: string, stackSizeMb = 4): Worker {
  const prelude = `
    const { parentPort, workerData } = require('node:worker_threads');
    const addon = require(workerData.file);
    let dispatch = () => {};
    const frame = new Float64Array(new SharedArrayBuffer(workerData.frameLength * 8));
    const request = new Float64Array(new SharedArrayBuffer(workerData.requestLength * 8));
    const session = addon.openSession(frame, request, () => dispatch(), 1);
    const place = (code) => {
      const { rx, rw } = addon.allocDualMapping(addon.virtMemInfo().pageGranularity, 0, '/tmp');
      addon.write(rw, Uint8Array.from(code));
      return rx;
    };
    const call = (entry, x) => { frame[0] = entry; frame[24] = x; session.invoke(); return frame[1]; };`;
  return new Worker(`${prelude}\n${body}`, {
    eval: true,
    execArgv: [],
    resourceLimits: { stackSizeMb },
    workerData: {
      file: addonFile(),
      doubling,
      forever: callingHostForever(),
      frameLength,
      requestLength: kernelRequestLength,
    },
  });
}

function mappingsOfOurs(): number {
  const maps = readFileSync('/proc/self/maps', 'utf8');
  return maps.split('\n').filter((line) => line.includes('memfd:exprjit')).length;
}

describe('workers', () => {
  it('have an instance of their own each, at work at the same time', async () => {
    const workers = Array.from({ length: 4 }, () =>
      startWorker(`
        const entry = place(workerData.doubling);
        let sum = 0;
        for (let i = 0; i < 100000; i++) sum += call(entry, i);
        parentPort.postMessage(sum);`),
    );
    const sums = await Promise.all(workers.map(async (worker) => (await once(worker, 'message'))[0]));
    expect(sums).to.deep.equal(Array(4).fill(100_000 * 99_999));
    await Promise.all(workers.map((worker) => worker.terminate()));
  });

  it('give their memory back when they end', async () => {
    const before = mappingsOfOurs();
    for (let round = 0; round < 5; round++) {
      const worker = startWorker('for (let i = 0; i < 50; i++) place(workerData.doubling);');
      await once(worker, 'exit');
    }
    expect(mappingsOfOurs()).to.be.at.most(before);
  });

  it('give their memory back when they are terminated at work', async () => {
    const before = mappingsOfOurs();
    for (let round = 0; round < 10; round++) {
      const worker = startWorker(`
        parentPort.postMessage('started');
        for (;;) {
          const { rx, rw } = addon.allocDualMapping(addon.virtMemInfo().pageGranularity, 0, '/tmp');
          addon.write(rw, Uint8Array.from(workerData.doubling));
          call(rx, 1);
          if (Math.random() < 0.5) addon.releaseDualMapping(rx, rw, addon.virtMemInfo().pageGranularity);
        }`);
      await once(worker, 'message');
      await worker.terminate();
    }
    expect(mappingsOfOurs()).to.be.at.most(before);
  });

  it('can be terminated inside a host function that machine code called', async () => {
    const worker = startWorker(`
      dispatch = () => { parentPort.postMessage('inside'); for (;;) ; };
      call(place(workerData.forever), 0);`);
    await once(worker, 'message');
    expect(await worker.terminate()).to.equal(1);
  });

  it('know the stack of their own thread', async () => {
    for (const stackSizeMb of [1, 4]) {
      const worker = startWorker('parentPort.postMessage(new BigUint64Array(frame.buffer)[4]);', stackSizeMb);
      const [limit] = await once(worker, 'message');
      const main = new BigUint64Array(freshAddon().frame.buffer)[4];
      expect(limit).not.to.equal(main);
      await worker.terminate();
    }
  });

  it("cannot touch each other's memory", async () => {
    const addon = freshAddon();
    const entry = place(addon, doubling);
    const worker = startWorker(`
      parentPort.once('message', (address) => {
        const codes = [() => addon.read(address, new Uint8Array(1)), () => addon.release(address, 4096), () => call(address, 1)]
          .map((attempt) => { try { attempt(); return 'done'; } catch (error) { return error.code; } });
        parentPort.postMessage(codes);
      });`);
    worker.postMessage(entry);
    const [codes] = await once(worker, 'message');
    expect(codes).to.deep.equal(['E_NOT_MAPPED', 'E_NOT_MAPPED', 'E_NOT_EXECUTABLE']);
    expect(call(addon, entry, 3)).to.equal(6);
    await worker.terminate();
  });
});
