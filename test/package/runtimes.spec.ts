/**
 * The tarball in each runtime and system that is supported, installed without scripts and without a compiler: `npm run
 * test:package` builds what is packed first. What is run stands in `consumer`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { buildSync } from 'esbuild';
import { callReport } from './call-report.ts';
import { countedCallArguments, countedCalls } from './counted-calls.ts';
import { installInto, pack } from './installed-package.ts';
import { nodeRuntimes, otherRuntimes, type Runtime, windowsRuntime } from './runtimes.ts';

describe('the installed package', () => {
  let folder = '';
  let project = '';
  let digest: unknown;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'exprjit-runtimes-'));
    project = join(folder, 'project');
    installInto(project, join(folder, pack(folder).filename));
    buildSync({
      absWorkingDir: project,
      entryPoints: ['backend.mjs'],
      outdir: 'bundled',
      bundle: true,
      platform: 'node',
      outExtension: { '.js': '.mjs' },
      format: 'esm',
    });
    buildSync({
      absWorkingDir: project,
      entryPoints: ['backend.mjs'],
      outdir: 'bundled',
      bundle: true,
      platform: 'node',
      outExtension: { '.js': '.cjs' },
      format: 'cjs',
      logOverride: { 'empty-import-meta': 'silent' },
    });
  });

  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

  function itRunsOn(runtime: Runtime): void {
    const { prebuild, calls } = runtime;
    const run = (...args: string[]): unknown => JSON.parse(runtime.run(project, args));
    const addon = `exprjit/prebuilds/${prebuild}`;

    it('is the runtime that is meant', () => {
      const [component, begin] = runtime.version;
      expect(runtime.run(project, ['version.mjs', component]).trim()).to.match(
        new RegExp(`^${begin.replaceAll('.', '\\.')}`),
      );
    });

    it('takes and gives columns of what Arrow is made of', () => {
      expect(run('columns.mjs')).to.deep.equal([
        [2 ** 53, null, 9],
        [0b101],
        ['1099511627776', '1099511627774'],
        [1 + 2 ** -10, 2],
      ]);
    });

    it('runs from an ES module and in workers', () => {
      expect(run('main.mjs')).to.deep.equal({
        value: 17,
        size: true,
        listing: true,
        addon,
        workers: [
          { backend: 'native', value: 55 },
          { backend: 'native', value: 5050 },
        ],
        released: 'E_RELEASED',
        native: true,
        backend: 'native',
      });
    });

    it('runs from a CommonJS module', () => {
      expect(run('main.cjs')).to.deep.equal({ value: 2, holder: 0, version: '0.1.0' });
    });

    it('runs when it is bundled, as either kind of module', () => {
      const expected = { backend: 'native', calls, addon, value: 10 };
      expect(run('bundled/backend.mjs')).to.deep.equal(expected);
      expect(run('bundled/backend.cjs')).to.deep.equal(expected);
    });

    it('computes, calls back, traps and gives memory back, with the same bits as everywhere', () => {
      const { digests, interpreted, wasm, ...rest } = run('smoke.mjs') as {
        digests: number[];
        interpreted: number;
        wasm: number;
      };
      expect(rest).to.deep.equal({
        backend: 'native',
        works: true,
        map: [3, 5, 7],
        mapAsync: [3, 5, 7],
        reduce: 15,
        host: 42,
        hostThrows: 'thrown by the host for 1',
        deep: 1000,
        hostDeep: [true],
        stack: 'E_STACK',
        asyncTrap: 'E_STACK',
        fuel: 'E_FUEL',
        timeout: 'E_TIMEOUT',
        assembled: 3,
        allocated: 'E_NOT_ALLOCATED',
      });
      digest ??= interpreted;
      expect(new Set([...digests, interpreted, wasm])).to.deep.equal(new Set([digest]));
      expect(digests).to.have.length.of.at.least(2);
    });

    it('runs in workers alone, with which the addon comes and goes', () => {
      expect(run('workers-only.mjs')).to.deep.equal([2, 3, 4]);
    });

    it('runs as a command', () => {
      const command = join(project, 'node_modules', 'exprjit', 'dist', 'cli.cjs');
      expect(runtime.run(project, [command, 'eval', 'sqrt(x*x + y*y)', 'x=3', 'y=4']).trim()).to.equal('5');
      expect(runtime.run(project, [command, '--version']).trim()).to.equal('0.1.0');
    });
  }

  function itEndsScriptsOn(runtime: Runtime): void {
    it('lets scripts of node:vm be ended by their timeout amid machine code', () => {
      const ended = 'ERR_SCRIPT_EXECUTION_TIMEOUT';
      expect(JSON.parse(runtime.run(project, ['ended-scripts.mjs']))).to.deep.equal({
        call: ended,
        recursion: ended,
        rows: ended,
        reduction: ended,
        rowsOfRecursion: ended,
        afterwards: 5,
      });
    });
  }

  function itCallsFastOn(runtime: Runtime): void {
    const run = (...args: string[]): unknown => JSON.parse(runtime.run(project, args));

    it('makes fast calls from optimised code', () => {
      const library = join(project, 'node_modules/exprjit/prebuilds/linux-x64/fast-calls/exprjit.glibc');
      expect(run(...countedCallArguments('counted-calls.mjs', library))).to.deep.equal(countedCalls);
    });

    for (const flags of [[], ['--gc-interval=200'], ['--cpu-prof'], ['--no-opt'], ['--jitless']]) {
      it(`refuses by fast calls what was released ${flags.join(' ')}`, () => {
        expect(run(...flags, 'calls.mjs')).to.deep.equal(callReport('fast'));
      });
    }
  }

  for (const runtime of nodeRuntimes()) {
    describe(`on ${runtime.name}`, () => {
      itRunsOn(runtime);
      itEndsScriptsOn(runtime);
      itCallsFastOn(runtime);
    });
  }

  for (const runtime of otherRuntimes()) {
    describe(`on ${runtime.name}`, () => itRunsOn(runtime));
  }

  const windows = windowsRuntime();
  describe(`on ${windows.name}`, () => {
    after(() => windows.wine[Symbol.dispose]());
    itRunsOn(windows);
    itEndsScriptsOn(windows);
  });
});
