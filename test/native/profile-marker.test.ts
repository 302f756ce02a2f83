import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { addonFile, freshAddon } from './fresh-addon.ts';

describe('profile markers', () => {
  let folder: string;
  let file: string;
  let descriptor: number;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'exprjit-marker-'));
  });
  beforeEach(() => {
    file = join(mkdtempSync(join(folder, 'marker-')), 'jit-1.dump');
    descriptor = openSync(file, 'w+');
  });
  afterEach(() => closeSync(descriptor));
  after(() => rmSync(folder, { recursive: true }));

  const isMapped = () => readFileSync('/proc/self/maps', 'utf8').includes(file);

  it('map a page of a file as code, with which nothing can be done', () => {
    const addon = freshAddon();
    const address = addon.mapProfileMarker(descriptor);
    if (process.platform === 'linux') expect(isMapped()).to.equal(true);
    // The file is empty: whoever read the page would crash.
    const { pageSize } = addon.virtMemInfo();
    for (const access of [
      () => addon.read(address, new Uint8Array(1)),
      () => addon.write(address, new Uint8Array(1)),
      () => addon.fill(address, 4, 0),
      () => addon.protect(address, pageSize, 1),
      () => addon.release(address, pageSize),
    ]) {
      expect(access).to.throw().with.property('code', 'E_NOT_MAPPED');
    }
    addon.frame[0] = address;
    expect(() => addon.invoke())
      .to.throw()
      .with.property('code', 'E_NOT_EXECUTABLE');
  });

  it('take descriptors of open files only', () => {
    const addon = freshAddon();
    for (const wrong of ['1', undefined, {}]) {
      expect(() => addon.mapProfileMarker(wrong as unknown as number)).to.throw(TypeError, 'descriptor');
    }
    for (const wrong of [-1, 1.5, Number.NaN, 2 ** 31, 2 ** 32]) {
      expect(() => addon.mapProfileMarker(wrong)).to.throw(RangeError, 'descriptor');
    }
    expect(() => addon.mapProfileMarker(2 ** 30))
      .to.throw()
      .with.property('code', 'EBADF');
  });

  it('go with their environment', async () => {
    if (process.platform !== 'linux') return;
    const body = `
      const { parentPort, workerData } = require('node:worker_threads');
      require(workerData.file).mapProfileMarker(workerData.descriptor);
      parentPort.postMessage('mapped');
      setInterval(() => {}, 1000);`;
    const worker = new Worker(body, {
      eval: true,
      execArgv: [],
      workerData: { file: addonFile(), descriptor },
    });
    await once(worker, 'message');
    expect(isMapped()).to.equal(true);
    await worker.terminate();
    expect(isMapped()).to.equal(false);
  });
});
