/**
 * The tarball as a user gets it: what is in it, what checkers of packages say, and that it runs, installed without scripts
 * and without a compiler, on every line of Node that is supported. `npm run test:package` builds what is packed first.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { expect } from 'chai';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { nodeVersions } from './node-versions.ts';
import { runProgram } from './run-program.ts';

/** Bytes; what an addition to the package may cost is a decision. */
const sizeLimit = 600_000;

const root = fileURLToPath(new URL('../..', import.meta.url));
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const consumer = fileURLToPath(new URL('consumer', import.meta.url));

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

/** An empty project with the consumer's files in which the tarball is installed. */
function installInto(folder: string, tarball: string): void {
  mkdirSync(folder);
  cpSync(consumer, folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  // Offline, since there is nothing to fetch: the package has no dependencies.
  const options = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  runProgram('npm', ['install', ...options, tarball], folder);
}

describe('the tarball', () => {
  let folder = '';
  let project = '';
  let installed = '';
  let packed: Packed;
  let tarball = '';

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'exprjit-tarball-'));
    const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
    const answer: unknown = JSON.parse(runProgram('npm', args, root));
    // A list, or since npm 12 an object by name.
    packed = Object.values(answer as Record<string, Packed>)[0] as Packed;
    tarball = join(folder, packed.filename);
    project = join(folder, 'project');
    installInto(project, tarball);
    installed = join(project, 'node_modules', 'exprjit');
    console.log(
      `      ${packed.filename}: ${packed.size} bytes, ${packed.files.length} files, ${packed.unpackedSize} bytes unpacked`,
    );
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it('holds what users need and nothing else', () => {
    const paths = packed.files.map(({ path }) => path);
    expect(paths).to.include.members([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dist/THIRD-PARTY-LICENSES.txt',
      'dist/cli.js',
      'dist/index.js',
      'dist/inspect/index.html',
      'dist/jit.js',
      'dist/mem.js',
      'dist/types/index.d.ts',
      'dist/types/jit/index.d.ts',
      'dist/types/mem/index.d.ts',
      'package.json',
      'prebuilds/linux-x64/exprjit.node',
    ]);
    expect(paths.filter((path) => !/^(dist|docs|prebuilds)\/|^[^/]+$/.test(path))).to.deep.equal([]);
    expect(
      paths.filter((path) => /binding\.gyp|_test\.node$|\.map$|\.test\.|\.cc$|^docs\/api\//.test(path)),
    ).to.deep.equal([]);
    expect(packed.size).to.be.below(sizeLimit);
  });

  it('brings files that refer to files that it brings', () => {
    const sources = packed.files.map(({ path }) => path).filter((path) => /\.(js|ts|css|html)$/.test(path));
    for (const path of sources) {
      expect(readFileSync(join(installed, path), 'utf8'), path).not.to.match(/[#@] sourceMappingURL=/);
    }
  });

  it('installs alone, without scripts and dependencies', () => {
    const names = readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'));
    expect(names).to.deep.equal(['exprjit']);
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
    expect(manifest).not.to.have.any.keys(
      'dependencies',
      'optionalDependencies',
      'peerDependencies',
      'gypfile',
    );
    expect(manifest.scripts).not.to.have.any.keys('preinstall', 'install', 'postinstall');
  });

  it('has an addon for systems as old as Debian 12 and Ubuntu 22.04', () => {
    const binary = readFileSync(join(installed, 'prebuilds/linux-x64/exprjit.node'), 'latin1');
    const newest = (library: string): number =>
      Math.max(
        ...Array.from(binary.matchAll(new RegExp(`\\b${library}(\\d+)\\b`, 'g')), ([, n]) => Number(n)),
      );
    expect(newest('GLIBC_2\\.')).to.be.at.most(35);
    expect(newest('GLIBCXX_3\\.4\\.')).to.be.at.most(30);
  });

  it('satisfies publint', async () => {
    const { messages, pkg } = await publint({ pkgDir: installed, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).to.deep.equal([]);
  });

  it('has types that resolve wherever the modules do', async () => {
    const result = await checkPackage(createPackageFromTarballData(readFileSync(tarball)));
    expect(result.types).to.include({ kind: 'included' });
    const problems = 'problems' in result ? result.problems : [];
    // Modules of ECMAScript only, and doors that resolution as of Node 10 cannot see, are what we mean to ship.
    const meant = (kind: string, resolution?: string) =>
      kind === 'CJSResolvesToESM' || (kind === 'NoResolution' && resolution === 'node10');
    expect(
      problems.filter(
        (problem) => !meant(problem.kind, 'resolutionKind' in problem ? problem.resolutionKind : undefined),
      ),
    ).to.deep.equal([]);
  });

  for (const [module, resolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ] as const) {
    it(`has declarations that strict compilers accept, with resolution ${resolution} and without Node's types`, () => {
      const compilerOptions = {
        module,
        moduleResolution: resolution,
        target: 'es2022',
        lib: ['es2022', 'dom'],
        types: [],
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: false,
        outDir: resolution,
      };
      const config = join(project, `tsconfig.${resolution}.json`);
      writeFileSync(config, JSON.stringify({ compilerOptions, files: ['main.ts'] }));
      runProgram(process.execPath, [tsc, '-p', config], project);
    });
  }

  for (const { version, executable } of nodeVersions()) {
    describe(`on Node ${version}`, () => {
      const run = (folder: string, ...args: string[]) => runProgram(executable, args, folder);

      it('is the version that is meant', () => {
        expect(run(folder, '--version').startsWith(`v${version}.`)).to.equal(true);
      });

      it('runs from an ES module and in workers', () => {
        expect(JSON.parse(run(project, 'main.mjs'))).to.deep.equal({
          value: 17,
          size: true,
          listing: true,
          addon: 'exprjit/prebuilds/linux-x64/exprjit.node',
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
        const answer = JSON.parse(run(project, 'main.cjs'));
        expect(answer).to.deep.equal({ value: 2, holder: 0, version: '0.1.0' });
      });

      it('runs what TypeScript compiled', () => {
        const expected = { mistakes: 5, result: 19, many: 3, yes: true, value: 2, sum: 3, pageSize: true };
        for (const resolution of ['nodenext', 'bundler']) {
          expect(JSON.parse(run(project, join(resolution, 'main.js')))).to.deep.equal(expected);
        }
      });

      it('runs as a command', () => {
        const bin = join(project, 'node_modules', '.bin', 'exprjit');
        expect(run(project, bin, 'eval', 'sqrt(x*x + y*y)', 'x=3', 'y=4')).to.equal('5\n');
        expect(run(project, bin, '--version')).to.equal('0.1.0\n');
      });
    });
  }

  describe('without an addon that loads', () => {
    const breakages = [
      {
        name: 'there is none',
        code: 'E_NATIVE_NOT_BUILT',
        reason: /no native addon for linux-x64/,
        breakAddon: (prebuilds: string) => rmSync(prebuilds, { recursive: true }),
      },
      {
        name: 'it is of another system',
        code: 'E_NATIVE_LOAD_FAILED',
        reason: /cannot load its native addon .*exprjit\.node: /,
        breakAddon: (prebuilds: string) => writeFileSync(join(prebuilds, 'linux-x64', 'exprjit.node'), 'MZ'),
      },
    ];
    for (const [index, { name, code, reason, breakAddon }] of breakages.entries()) {
      it(`interprets and says why: ${name}`, () => {
        const broken = join(folder, `broken${index}`);
        installInto(broken, tarball);
        breakAddon(join(broken, 'node_modules', 'exprjit', 'prebuilds'));
        const answer = JSON.parse(runProgram(process.execPath, ['main.mjs'], broken));
        expect(answer).to.deep.include({
          value: 17,
          workers: [
            { backend: 'interpreter', value: 55 },
            { backend: 'interpreter', value: 5050 },
          ],
          released: 'E_RELEASED',
          native: `NativeUnavailableError ${code}`,
          backend: 'interpreter',
        });
        expect(answer.error).to.match(reason);
        expect(answer.reason).to.match(reason);
        const bin = join(broken, 'node_modules', '.bin', 'exprjit');
        expect(runProgram(process.execPath, [bin, 'eval', '6 * 7'], broken)).to.equal('42\n');
      });
    }
  });
});
