/** How the addon is built, or not: by compilers that only pretend, in a folder that has what the script takes. */
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Notes its arguments, and writes what it is asked for. */
const compiler = `#!/bin/sh
[ "$1" = --version ] && echo 'pretender 1.0' && exit
echo "$@" >>"$(dirname "$0")/calls"
case "$*" in *"$FAILS"*) echo "cpu.cc:1: error: something is wrong" >&2; exit 1;; esac
while [ "$1" != -o ]; do shift; done
echo built >"$2"
`;

describe('the build of the addon', () => {
  let folder = '';
  let addon = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'exprjit-build-'));
    for (const path of [
      'scripts/build-native.mjs',
      'native/recipe.mjs',
      'native/src',
      'native/fast-calls',
      'native/test/fast_call_counter.cc',
      'native/test/fast_call_counter.h',
      'native/test/layouts.cc',
    ]) {
      cpSync(join(root, path), join(folder, path), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    mkdirSync(join(folder, 'bin'));
    addon = join(folder, 'native/build/Release/exprjit.node');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  function addCompiler(): void {
    writeFileSync(join(folder, 'bin/c++'), compiler);
    chmodSync(join(folder, 'bin/c++'), 0o755);
  }

  function build(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/build-native.mjs', ...args], {
      cwd: folder,
      // The system's programs but for its compilers; the shell is for the one that pretends.
      env: { PATH: `${join(folder, 'bin')}:${programs()}`, FAILS: 'nothing', ...env },
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  }

  function programs(): string {
    const tools = join(folder, 'tools');
    if (existsSync(tools)) return tools;
    mkdirSync(tools);
    for (const name of ['sh', 'dirname']) symlinkSync(join('/usr/bin', name), join(tools, name));
    return tools;
  }

  /** The library for fast calls, where this Node has headers: compiled and linked in one. */
  const fastCalls = existsSync(join(process.execPath, '../../include/node/v8.h'))
    ? ['fast_call_library.cc']
    : [];

  /** What the compiler was asked to compile since it was asked last; links are `exprjit.node` and its like. */
  function calls(): string[] {
    const file = join(folder, 'bin/calls');
    const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
    rmSync(file, { force: true });
    return lines
      .map(
        (line) =>
          /(?:-c|-isystem \S+) \S*\/(\w+\.cc)/.exec(line)?.[1] ?? /\/(\w+\.node)/.exec(line)?.[1] ?? line,
      )
      .sort();
  }

  it('takes all sources of this system, and nothing twice', () => {
    addCompiler();
    const { status, stdout, stderr } = build();
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    expect(stdout).to.match(/^exprjit: addon built in \d+\.\d s by pretender 1\.0\n$/);
    const sources = readdirSync(join(root, 'native/src')).filter((name) => /(?<!_win32)\.cc$/.test(name));
    expect(sources).to.include.members(['addon.cc', 'virt_mem_posix.cc', 'virt_mem_posix_dual.cc']);
    expect(calls()).to.deep.equal(
      [
        ...sources,
        ...['fast_call_counter.cc', 'layouts.cc', 'exprjit.node', 'exprjit_test.node'],
        ...fastCalls,
      ].sort(),
    );

    expect(build()).to.deep.equal({ status: 0, stdout: 'exprjit: addon is up to date\n', stderr: '' });
    expect(calls()).to.deep.equal([]);
  });

  it('compiles what has changed, or all if a header has', () => {
    addCompiler();
    build();
    calls();
    appendFileSync(join(folder, 'native/src/cpu.cc'), '\n');
    expect(build().status).to.equal(0);
    expect(calls()).to.deep.equal(['cpu.cc', 'exprjit.node']);
    appendFileSync(join(folder, 'native/src/cpu.h'), '\n');
    expect(build().status).to.equal(0);
    expect(calls()).to.include.members(['addon.cc', 'layouts.cc', 'exprjit.node', 'exprjit_test.node']);
    expect(build([], { CXXFLAGS: '-g' }).status).to.equal(0);
    expect(calls()).to.include('addon.cc');
  });

  it('says which package brings a compiler where there is none, and fails only if it was asked for', () => {
    const line =
      "exprjit: no C++ compiler (g++ or clang++): Debian's package g++ brings one, for npm run build:native; " +
      'until then formulas run as WebAssembly (npm start -- doctor)\n';
    expect(build(['--optional'])).to.deep.equal({ status: 0, stdout: '', stderr: line });
    expect(build()).to.deep.equal({ status: 1, stdout: '', stderr: line });
    mkdirSync(join(folder, 'prebuilds', `${process.platform}-${process.arch}`), { recursive: true });
    expect(build(['--optional']).stderr).to.contain(
      `until then the addon in prebuilds/${process.platform}-${process.arch} is used`,
    );
    expect(build([], { CXX: 'no-such-compiler' }).stderr).to.contain(
      'exprjit: CXX names no-such-compiler, which does not run; ',
    );
  });

  it('makes do without fast calls, in silence', function () {
    if (fastCalls.length === 0) this.skip();
    addCompiler();
    const { status, stdout, stderr } = build([], { FAILS: 'fast_call_library.cc' });
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    expect(stdout).to.contain('addon built');
    const library = join(
      folder,
      `native/build/Release/fast-calls/exprjit.abi${process.versions.modules}.node`,
    );
    expect(existsSync(library)).to.equal(false);
    expect(build().status).to.equal(0);
    expect(readFileSync(library, 'utf8')).to.equal('built\n');
  });

  it('passes on the words of a compiler that fails', () => {
    addCompiler();
    const failing = { FAILS: '-c ' };
    const { status, stderr } = build(['--optional'], failing);
    expect(status).to.equal(0);
    expect(stderr)
      .to.contain('cpu.cc:1: error: something is wrong\n')
      .and.match(
        /\nexprjit: pretender 1\.0 does not compile native\/src\/addon\.cc, .*; until then formulas run/,
      );
    expect(build([], failing).status).to.equal(1);
    const { status: linked, stderr: words } = build([], { FAILS: '-shared' });
    expect(linked).to.equal(1);
    expect(words).to.contain('exprjit: pretender 1.0 does not link exprjit.node; ');
  });

  it('leaves no addon of other sources behind, and one of these also without a compiler', () => {
    addCompiler();
    build();
    expect(readFileSync(addon, 'utf8')).to.equal('built\n');
    rmSync(join(folder, 'bin/c++'));
    expect(build().status).to.equal(0);
    expect(existsSync(addon)).to.equal(true);
    appendFileSync(join(folder, 'native/src/cpu.cc'), '\n');
    expect(build().status).to.equal(1);
    expect(existsSync(addon)).to.equal(false);
  });
});
