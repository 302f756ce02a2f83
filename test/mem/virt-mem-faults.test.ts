import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { buildSync } from 'esbuild';
import { HardenedRuntimeFlags } from '../../src/mem/virt-mem-backend.ts';
import { requireAddon } from '../../src/native/loader.ts';
import type { Report } from './virt-mem-report.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

/** Some versions of Node say that they go without WebAssembly then. */
const jitlessWarning = /^Warning: disabling flag --expose_wasm .*\n/;

describe('VirtMem where the OS refuses', () => {
  let folder = '';
  let bundle = '';
  let sandbox = '';

  before(function () {
    folder = mkdtempSync(join(tmpdir(), 'exprjit-faults-'));
    requireAddon();
    const compiler = process.env['CC'] ?? 'cc';
    if (spawnSync(compiler, ['--version']).status !== 0) this.skip();
    sandbox = join(folder, 'sandbox');
    execFileSync(compiler, ['-O1', '-o', sandbox, join(here, 'virt-mem-sandbox.c')]);
    // Inside the package, so that the loader finds the addon; bundled, so that it starts as fast as bare Node.
    bundle = join(root, 'node_modules', '.cache', 'exprjit', `virt-mem-report-${process.pid}.mjs`);
    buildSync({
      entryPoints: [join(here, 'virt-mem-report.ts')],
      outfile: bundle,
      bundle: true,
      format: 'esm',
      platform: 'node',
    });
  });

  after(() => {
    rmSync(folder, { recursive: true });
    rmSync(bundle, { force: true });
  });

  function reportUnder(
    policies: string,
    { nodeOptions = [] as string[], args = [] as string[], env = {} as NodeJS.ProcessEnv } = {},
  ): Report {
    const command = [process.execPath, ...nodeOptions, bundle, ...args];
    const { stdout, stderr, signal } = spawnSync(sandbox, [policies, ...command], {
      encoding: 'utf8',
      env: { ...process.env, ...env },
    });
    expect(signal, stderr).to.equal(null);
    expect(stderr.replace(jitlessWarning, '')).to.equal('');
    return JSON.parse(stdout) as Report;
  }

  it('has nothing to complain of when nothing is refused', () => {
    const { dual, rwx, probe, hardened } = reportUnder('none');
    expect(dual.value).to.equal('/memfd:exprjit (deleted)');
    expect(rwx.value).to.equal(true);
    expect(probe).to.include({
      protect: 'works',
      rwx: 'works',
      memfd: 'works',
      shm: 'works',
      tmpfile: 'works',
    });
    expect(hardened).to.equal(HardenedRuntimeFlags.DualMapping);
  });

  it('goes on to shm_open when memfd_create is refused', () => {
    const { dual, probe } = reportUnder('memfd');
    expect(dual.value).to.match(/^\/dev\/shm\/exprjit-/);
    expect(probe).to.include({ memfd: 'EPERM', shm: 'works' });
  });

  it('goes on to a temporary file when /dev/shm is unwritable too', () => {
    const { dual, probe } = reportUnder('memfd,shm');
    expect(dual.value).to.match(/\/exprjit-\w{6} \(deleted\)$/);
    expect(probe).to.include({ memfd: 'EPERM', shm: 'EACCES', tmpfile: 'works' });
  });

  it('says what each rung met when none carries', () => {
    const { dual, probe, hardened } = reportUnder('memfd,shm', { env: { TMPDIR: '/nowhere' } });
    expect(probe).to.include({ memfd: 'EPERM', shm: 'EACCES', tmpfile: 'ENOENT' });
    expect(hardened & HardenedRuntimeFlags.DualMapping).to.equal(0);
    expect(dual.error?.code).to.equal('ENOENT');
    expect(
      dual.error?.attempts.map(({ strategy, syscall, code }) => `${strategy} ${syscall} ${code}`),
    ).to.deep.equal(['memfd memfd_create EPERM', 'shm shm_open EACCES', 'tmpfile mkostemp ENOENT']);
    expect(dual.error?.message)
      .to.include('vm.memfd_noexec')
      .and.to.include('/dev/shm must')
      .and.to.include('TMPDIR');
  });

  it('sees that writable and executable memory is refused, and maps twice all the same', () => {
    // V8 itself needs such memory unless it is told to do without.
    const { hardened, rwx, dual, probe } = reportUnder('wx', {
      nodeOptions: ['--jitless'],
    });
    expect(hardened).to.equal(HardenedRuntimeFlags.Enabled | HardenedRuntimeFlags.DualMapping);
    expect(rwx.error?.code).to.equal('EACCES');
    expect(rwx.error?.message).to.include('SELinux');
    expect(dual.value).to.equal('/memfd:exprjit (deleted)');
    expect(probe).to.include({ protect: 'EACCES', rwx: 'EACCES', memfd: 'works' });
  });

  it('explains a policy against executable shared memory', () => {
    const { dual, rwx, hardened } = reportUnder('shared-exec');
    expect(dual.error?.code).to.equal('EACCES');
    expect(dual.error?.attempts.map(({ strategy }) => strategy)).to.deep.equal(['memfd', 'shm', 'tmpfile']);
    expect(dual.error?.message).to.include('SELinux').and.to.include('noexec');
    expect(rwx.value).to.equal(true);
    expect(hardened).to.equal(HardenedRuntimeFlags.None);
  });

  it('fails cleanly when no large page is free', () => {
    const { large, dual } = reportUnder('large-pages');
    expect(large.error?.code).to.equal('ENOMEM');
    expect(large.error?.message).to.include('vm.nr_hugepages');
    expect(dual.value).to.be.a('string');
  });

  it('reports that the address space is used up, and goes on when some is free again', () => {
    const { exhaustion } = reportUnder('none', { args: ['--exhaust'] });
    expect(exhaustion?.error.code).to.equal('ENOMEM');
    expect(exhaustion?.error.message).to.include('ulimit -v');
    expect(exhaustion?.mapped).to.be.greaterThan(0);
    expect(exhaustion?.recovered).to.equal(true);
  });
});
