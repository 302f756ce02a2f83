import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Addon } from '../../src/native/addon.ts';
import { type FastFunctions, openFastCalls } from '../../src/native/fast-calls.ts';
import { FrameSlot } from '../../src/native/frame.ts';
import { KernelRequestSlot, KernelStatus } from '../../src/native/kernel-request.ts';
import { countedCallArguments, countedCalls } from '../package/counted-calls.ts';
import { runNode } from '../support/run-node.ts';
import { addonFile, type TestAddon, withSession } from './fresh-addon.ts';
import { copyingKernel, doubling, place } from './machine-code.ts';
import { nativeLayouts } from './native-layouts.ts';

const { modules } = process.versions;

describe('fast calls', () => {
  const folders: string[] = [];
  let library = '';

  before(() => {
    const file = addonFile();
    library = libraryOf(file);
  });
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  /** A copy of the addon, which has claims of its own, and beside it the library, if there is one for this Node. */
  function copyAddon(): { readonly file: string; readonly addon: TestAddon } {
    const folder = mkdtempSync(join(tmpdir(), 'exprjit-fast-calls-'));
    folders.push(folder);
    const file = join(folder, 'exprjit.node');
    cpSync(addonFile(), file);
    mkdirSync(join(folder, 'fast-calls'));
    if (existsSync(library)) cpSync(library, libraryOf(file));
    const module: { exports: unknown } = { exports: {} };
    process.dlopen(module, file);
    return { file, addon: withSession(module.exports as Addon) };
  }

  const libraryOf = (file: string): string =>
    join(dirname(file), 'fast-calls', `${basename(file, '.node')}.abi${modules}.node`);

  function open({ file, addon }: { readonly file: string; readonly addon: TestAddon }): FastFunctions {
    const { functions, reason } = openFastCalls(addon, file);
    if (functions === undefined) throw new Error(reason);
    return functions;
  }

  it('are not there without a library for this Node, or with one that does not load', () => {
    const copy = copyAddon();
    rmSync(libraryOf(copy.file), { force: true });
    expect(openFastCalls(copy.addon, copy.file)).to.deep.equal({
      functions: undefined,
      reason: `exprjit has none for Node ${process.version} here`,
    });
    writeFileSync(libraryOf(copy.file), 'not a library');
    expect(openFastCalls(copy.addon, copy.file).reason).to.contain(libraryOf(copy.file));
    // That of a Node with another interface, or none at all.
    cpSync(copy.file, libraryOf(copy.file));
    expect(openFastCalls(copy.addon, copy.file).reason).to.contain('is for another V8');
  });

  describe('with the library', () => {
    before(function () {
      if (existsSync(library)) return;
      console.log(`      there is none for Node ${process.version}`);
      this.skip();
    });

    it('are made by optimised code, and what is no door is refused', async () => {
      nativeLayouts();
      const program = fileURLToPath(new URL('../package/consumer/counted-calls.mjs', import.meta.url));
      const prefix = library.replace(/\.abi\d+\.node$/, '');
      const { stdout, stderr } = await runNode(countedCallArguments(program, prefix));
      expect(JSON.parse(stdout === '' ? stderr : stdout)).to.deep.equal(countedCalls);
    });

    it('run machine code on the arguments in the frame', () => {
      const copy = copyAddon();
      const { frame } = copy.addon;
      const { invoke } = open(copy);
      frame[FrameSlot.Entry] = place(copy.addon, doubling);
      for (const value of [21, -0, Number.NaN, Number.NEGATIVE_INFINITY]) {
        frame[FrameSlot.Arguments] = value;
        expect(invoke()).to.equal(1);
        expect([frame[FrameSlot.Result]]).to.deep.equal([2 * value]);
      }
    });

    it('decline what is no executable memory of this instance, at every time', () => {
      const copy = copyAddon();
      const { addon } = copy;
      const { invoke } = open(copy);
      const size = addon.virtMemInfo().pageGranularity;
      const { rx, rw } = addon.allocDualMapping(size, 0, tmpdir());
      addon.write(rw, Uint8Array.from(doubling));
      const foreign = place(copyAddon().addon, doubling);
      const garbage = [0, -0, 1, -1, 0.5, 2 ** 47, 2 ** 53, 2 ** 63, 2 ** 64, 1e300, Number.NaN];
      for (const entry of [rw, foreign, ...garbage, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        addon.frame[FrameSlot.Entry] = entry;
        expect(invoke(), String(entry)).to.equal(0);
        expect(() => addon.invoke(), String(entry)).to.throw('not in executable memory');
      }
      addon.frame[FrameSlot.Entry] = rx;
      expect(invoke()).to.equal(1);
      addon.releaseDualMapping(rx, rw, size);
      expect(invoke()).to.equal(0);
    });

    it('belong to the session that asked first, and to each copy of the addon', () => {
      const copies = [copyAddon(), copyAddon()];
      const invokes = copies.map((copy) => open(copy).invoke);
      for (const { addon, file } of copies) {
        const { claimFastCalls } = addon;
        expect(new Set([0, 1, 2].map(claimFastCalls))).to.have.property('size', 3);
        for (const way of [0, 1, 2]) expect(claimFastCalls(way)).to.be.above(0);
        for (const way of [-1, 3, 1e9]) expect(claimFastCalls(way)).to.equal(0);
        for (const way of ['0', undefined, {}]) expect(claimFastCalls(way as number)).to.equal(0);
        expect(openFastCalls(withSession(addon), file).reason).to.contain('was loaded in this thread before');
        addon.frame[FrameSlot.Entry] = place(addon, doubling);
      }
      copies.forEach(({ addon }, index) => {
        addon.frame[FrameSlot.Arguments] = index + 1;
      });
      for (const invoke of invokes) expect(invoke()).to.equal(1);
      expect(copies.map(({ addon }) => addon.frame[FrameSlot.Result])).to.deep.equal([2, 4]);
    });

    it('run kernels on arrays by their numbers, and again by the number of the run', () => {
      const copy = copyAddon();
      const { addon } = copy;
      const { request } = addon;
      const { runKnown, runPrepared } = open(copy);
      const [x, out] = [Float64Array.of(1, 2), new Float64Array(2)];
      request[KernelRequestSlot.Entry] = place(addon, copyingKernel);
      request[KernelRequestSlot.RowCount] = 2;
      request[KernelRequestSlot.ColumnCount] = 1;
      request.set([addon.knowArray(x), addon.knowArray(out)], KernelRequestSlot.Known);
      expect(runKnown()).to.equal(1);
      expect(request[KernelRequestSlot.Status]).to.equal(KernelStatus.Ok);
      expect(out[0]).to.equal(1);
      const run = addon.prepareRun();
      request.fill(Number.NaN);
      request[KernelRequestSlot.Prepared] = run;
      x[0] = 5;
      expect(runPrepared()).to.equal(1);
      expect(out[0]).to.equal(5);
      // What is refused was not run; by Node-API it is said why.
      expect(runKnown()).to.equal(0);
      addon.forgetRun(run);
      expect(runPrepared()).to.equal(0);
      expect(() => addon.runPrepared()).to.throw('no run was prepared');
    });

    it('run no kernel that is not executable memory, at every time', () => {
      const copy = copyAddon();
      const { addon } = copy;
      const { request } = addon;
      const { runKnown, runPrepared } = open(copy);
      const size = addon.virtMemInfo().pageGranularity;
      const { rx, rw } = addon.allocDualMapping(size, 0, tmpdir());
      addon.write(rw, Uint8Array.from(copyingKernel));
      const out = addon.knowArray(new Float64Array(2));
      request[KernelRequestSlot.RowCount] = 2;
      request[KernelRequestSlot.ColumnCount] = 1;
      request.set([out, out], KernelRequestSlot.Known);
      for (const entry of [rw, 0, -1, 2 ** 53, 1e300, Number.NaN, Number.NEGATIVE_INFINITY]) {
        request[KernelRequestSlot.Entry] = entry;
        expect(runKnown(), String(entry)).to.equal(0);
        request[KernelRequestSlot.Prepared] = addon.prepareRun();
        expect(runPrepared(), String(entry)).to.equal(0);
        expect(() => addon.runPrepared(), String(entry)).to.throw('not in executable memory');
      }
      request[KernelRequestSlot.Entry] = rx;
      request[KernelRequestSlot.Prepared] = addon.prepareRun();
      expect([runKnown(), runPrepared()]).to.deep.equal([1, 1]);
      addon.releaseDualMapping(rx, rw, size);
      expect([runKnown(), runPrepared()]).to.deep.equal([0, 0]);
    });

    it('are functions of no other use', () => {
      for (const call of Object.values(open(copyAddon()))) {
        expect(call()).to.equal(0);
        expect(Reflect.apply(call, null, [1, 2])).to.equal(0);
        expect(() => Reflect.construct(call, [])).to.throw(TypeError);
        expect(Object.hasOwn(call, 'prototype')).to.equal(false);
      }
    });
  });
});
