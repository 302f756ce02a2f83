import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { buildSync } from 'esbuild';
import { loadAddon, requireAddon } from '../../src/native/loader.ts';
import { addonFile } from './fresh-addon.ts';

const loader = fileURLToPath(new URL('../../src/native/loader.ts', import.meta.url));

/** What the loader answers from within a package of its own, bundled into `dist` as the real one is. */
function loadFrom(root: string): { file?: string; code?: string; message?: string } {
  writeFileSync(join(root, 'package.json'), '{}');
  const entry = `import { loadAddon } from ${JSON.stringify(loader)};
    const { file, error } = loadAddon();
    console.log(JSON.stringify({ file, code: error?.code, message: error?.message }));`;
  const outfile = join(root, 'dist', 'chunks', 'main.mjs');
  buildSync({
    stdin: { contents: entry, resolveDir: dirname(loader) },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
  });
  const { stdout, stderr } = spawnSync(process.execPath, [outfile], { encoding: 'utf8' });
  return stdout === '' ? { message: stderr } : JSON.parse(stdout);
}

describe('loader', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'exprjit-loader-'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  it('loads the addon once', () => {
    expect(loadAddon()).to.equal(loadAddon());
    expect(requireAddon()).to.equal(loadAddon().addon);
  });

  it('finds the build of a checkout from a bundle', () => {
    const file = join(root, 'native', 'build', 'Release', 'exprjit.node');
    mkdirSync(dirname(file), { recursive: true });
    cpSync(addonFile(), file);
    expect(loadFrom(root)).to.deep.equal({ file });
  });

  it('finds what a package brings, whatever its name', () => {
    const file = join(root, 'prebuilds', `${process.platform}-${process.arch}`, 'exprjit.glibc.node');
    mkdirSync(dirname(file), { recursive: true });
    cpSync(addonFile(), file);
    expect(loadFrom(root)).to.deep.equal({ file });
  });

  it('falls back to what the package brings when the build is broken', () => {
    const broken = join(root, 'native', 'build', 'Release', 'exprjit.node');
    mkdirSync(dirname(broken), { recursive: true });
    writeFileSync(broken, 'not a library');
    const file = join(root, 'prebuilds', `${process.platform}-${process.arch}`, 'exprjit.node');
    mkdirSync(dirname(file), { recursive: true });
    cpSync(addonFile(), file);
    expect(loadFrom(root)).to.deep.equal({ file });
  });

  it('says that there is no addon, without throwing', () => {
    const { code, message } = loadFrom(root);
    expect(code).to.equal('E_NATIVE_NOT_BUILT');
    expect(message).to.include('npm run build:native');
  });

  it('says of each file why it cannot be loaded, in the order in which they were tried', () => {
    const folder = join(root, 'prebuilds', `${process.platform}-${process.arch}`);
    mkdirSync(folder, { recursive: true });
    for (const name of ['exprjit.musl.node', 'exprjit.glibc.node']) {
      writeFileSync(join(folder, name), 'not a library');
    }
    const { code, message } = loadFrom(root);
    expect(code).to.equal('E_NATIVE_LOAD_FAILED');
    const [first = '', second = ''] = ['glibc', 'musl'].map((name) => join(folder, `exprjit.${name}.node: `));
    const [start = '', reason = ''] = message?.split(`; nor ${second}`) ?? [];
    expect(start)
      .to.include(`native addon ${first}`)
      .and.match(/\.node: \S/);
    expect(reason).to.match(/^\S/);
  });

  it('says why the addon cannot be loaded, without throwing', () => {
    const file = join(root, 'native', 'build', 'Release', 'exprjit.node');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'not a library');
    const { code, message } = loadFrom(root);
    expect(code).to.equal('E_NATIVE_LOAD_FAILED');
    expect(message).to.include(file);
  });
});
