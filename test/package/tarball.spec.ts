/**
 * The tarball as a user gets it: what is in it, what checkers of packages and compilers say, and what it does where no addon
 * loads. `npm run test:package` builds what is packed first; `runtimes.spec.ts` runs it.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { expect } from 'chai';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { prebuildTargets } from '../../scripts/prebuild/targets.ts';
import { consumerAnswer } from './consumer-answer.ts';
import { installInto, type Packed, pack } from './installed-package.ts';
import { symbolsFromOutside } from './mach-o-symbols.ts';
import { runProgram } from './run-program.ts';

/** Bytes; what an addition to the package may cost is a decision. */
const sizeLimit = 1_360_000;

/** Of Node 20, 22, 24 and 26. */
const fastCallLibraries = [115, 127, 137, 147].map((abi) => `fast-calls/exprjit.glibc.abi${abi}.node`);

const tsc = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));

describe('the tarball', () => {
  let folder = '';
  let project = '';
  let installed = '';
  let packed: Packed;
  let tarball = '';

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'exprjit-tarball-'));
    packed = pack(folder);
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
      'dist/cli.cjs',
      'dist/start.cjs',
      'dist/index.js',
      'dist/inspect/index.html',
      'dist/jit.js',
      'dist/mem.js',
      'dist/types/index.d.ts',
      'dist/types/jit/index.d.ts',
      'dist/types/mem/index.d.ts',
      'package.json',
      'prebuilds/darwin-x64/exprjit.node',
      'prebuilds/linux-x64/exprjit.glibc.node',
      'prebuilds/linux-x64/exprjit.musl.node',
      ...fastCallLibraries.map((name) => `prebuilds/linux-x64/${name}`),
      'prebuilds/win32-x64/exprjit.node',
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
    expect(manifest).not.to.have.any.keys('dependencies', 'optionalDependencies', 'gypfile');
    // For `exprjit/arrow` alone, and by who asks for that.
    expect(Object.keys(manifest.peerDependencies)).to.deep.equal(['apache-arrow']);
    expect(manifest.peerDependenciesMeta).to.deep.equal({ 'apache-arrow': { optional: true } });
    expect(manifest.scripts).not.to.have.any.keys('preinstall', 'install', 'postinstall');
  });

  it('has addons for systems as old as glibc 2.17, with their C++ library inside', () => {
    const read = (name: string) => readFileSync(join(installed, 'prebuilds/linux-x64', name), 'latin1');
    for (const name of ['exprjit.glibc.node', ...fastCallLibraries]) {
      const needed = Array.from(read(name).matchAll(/\bGLIBC_2\.(\d+)/g), ([, n]) => Number(n));
      expect(Math.max(...needed), name).to.be.at.most(17);
    }
    for (const name of ['exprjit.glibc.node', 'exprjit.musl.node', ...fastCallLibraries]) {
      expect(read(name), name).not.to.match(/GLIBCXX_|libstdc\+\+|libc\+\+\.so|libgcc_s/);
    }
  });

  it('has addons that look for nothing of C++ outside, which linkers would let pass but for Windows', () => {
    const folder = join(installed, 'prebuilds');
    const undefinedIn = (file: string): string[] =>
      runProgram('nm', ['--dynamic', '--undefined-only', '--format=just-symbols', file], {
        cwd: folder,
      }).split('\n');
    for (const { file, format } of prebuildTargets.filter((target) => target.format !== 'coff')) {
      const names =
        format === 'elf' ? undefinedIn(file) : symbolsFromOutside(readFileSync(join(folder, file)));
      expect(
        names.some((name) => /^_?napi_/.test(name)),
        file,
      ).to.be.true;
      // What is left is of C libraries.
      const outside = names.filter((name) => /^_{1,2}(Z|cxa_|gxx_)/.test(name) && !/cxa_atexit\b/.test(name));
      expect(outside, file).to.deep.equal([]);
    }
  });

  it('has addons that show others nothing but their entry', () => {
    for (const { file } of prebuildTargets.filter(({ platform }) => platform === 'linux')) {
      const symbols = runProgram('nm', ['--dynamic', '--defined-only', '--format=just-symbols', file], {
        cwd: join(installed, 'prebuilds'),
      });
      expect(symbols.trim().split('\n'), file).to.have.members([
        'napi_register_module_v1',
        'node_api_module_get_api_version_v1',
      ]);
    }
  });

  it('has libraries for fast calls that show others nothing but their entry, which names their Node', () => {
    for (const name of fastCallLibraries) {
      const symbols = runProgram('nm', ['--dynamic', '--defined-only', '--format=just-symbols', name], {
        cwd: join(installed, 'prebuilds/linux-x64'),
      });
      const abi = /\d+/.exec(name)?.[0];
      expect(symbols.trim(), name).to.equal(`node_register_module_v${abi}`);
    }
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
      runProgram(process.execPath, [tsc, '-p', config], { cwd: project });
      const answer = JSON.parse(
        runProgram(process.execPath, [join(resolution, 'main.js')], { cwd: project }),
      );
      expect(answer).to.deep.equal(consumerAnswer);
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
        reason: /cannot load its native addon .*exprjit\.glibc\.node: .+; nor .*exprjit\.musl\.node: /,
        breakAddon: (prebuilds: string) => {
          for (const libc of ['glibc', 'musl']) {
            writeFileSync(join(prebuilds, 'linux-x64', `exprjit.${libc}.node`), 'MZ');
          }
        },
      },
    ];
    for (const [index, { name, code, reason, breakAddon }] of breakages.entries()) {
      it(`runs as WebAssembly and says why: ${name}`, () => {
        const broken = join(folder, `broken${index}`);
        installInto(broken, tarball);
        breakAddon(join(broken, 'node_modules', 'exprjit', 'prebuilds'));
        const answer = JSON.parse(runProgram(process.execPath, ['main.mjs'], { cwd: broken }));
        expect(answer).to.deep.include({
          value: 17,
          workers: [
            { backend: 'wasm', value: 55 },
            { backend: 'wasm', value: 5050 },
          ],
          released: 'E_RELEASED',
          native: `NativeUnavailableError ${code}`,
          backend: 'wasm',
        });
        expect(answer.error).to.match(reason);
        expect(answer.reason).to.match(reason);
        const bin = join(broken, 'node_modules', '.bin', 'exprjit');
        expect(runProgram(process.execPath, [bin, 'eval', '6 * 7'], { cwd: broken })).to.equal('42\n');
      });
    }
  });
});
