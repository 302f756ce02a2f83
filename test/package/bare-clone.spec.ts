/**
 * The commands of the README for a fresh clone, where there is Node.js and neither a compiler nor make nor Python: set-up ends
 * well, formulas run, and what is missing is said in one line; tests that need the addon are pending.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { readMarkdown } from '../docs/markdown.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** All programs that there are; a shell looks for those of npm's scripts here, too. */
const programs = 'cat chmod cp dirname env git ln ls mkdir mv node npm npx rm sh sleep uname'.split(' ');

const missing =
  "exprjit: no C++ compiler (g++ or clang++): Debian's package g++ brings one, for npm run build:native; ";

/** Where the shell finds a program. */
function locate(name: string): string {
  const { stdout } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
  expect(stdout, `this test runs ${name}`).to.not.equal('');
  return stdout.trim();
}

/** Whether git leaves the path out, by name or by place. */
function isIgnored(path: string): boolean {
  const name = basename(path);
  return readFileSync(join(root, '.gitignore'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/\/$/, ''))
    .some((pattern) =>
      pattern.startsWith('*') ? name.endsWith(pattern.slice(1)) : [name, path].includes(pattern),
    );
}

describe('a clone without compilers', function () {
  this.timeout(600_000);
  let folder = '';
  let clone = '';
  let output = '';

  /** Runs a line of a shell in the clone. */
  function run(line: string) {
    const { CXX, ...env } = process.env;
    const { status, stdout, error } = spawnSync('sh', ['-c', `{ ${line}\n} 2>&1`], {
      cwd: clone,
      env: { ...env, PATH: join(folder, 'bin') },
      encoding: 'utf8',
    });
    if (error !== undefined) throw error;
    return { status, output: stdout };
  }

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'exprjit-clone-'));
    clone = join(folder, 'clone');
    mkdirSync(join(folder, 'bin'));
    for (const name of programs) symlinkSync(locate(name), join(folder, 'bin', name));
    cpSync(root, clone, {
      recursive: true,
      filter: (source) => basename(source) !== '.git' && !isIgnored(relative(root, source)),
    });
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it('has neither compilers nor what used to be needed beside them', () => {
    for (const name of ['c++', 'g++', 'gcc', 'cc', 'clang++', 'clang', 'make', 'python3']) {
      expect(run(`command -v ${name}`).output, name).to.equal('');
    }
  });

  it('is set up and runs a formula by the first command of the README', () => {
    const [command] = readMarkdown('README.md')
      .blocks.flatMap(({ lines }) => lines)
      .filter((line) => line.startsWith('npm ci && npm start'));
    expect(command).to.be.a('string');
    const first = run(command ?? '');
    ({ output } = first);
    expect(first.status, output).to.equal(0);
    expect(output.trimEnd().split('\n').at(-1)).to.equal('5');
  });

  it('has said what is missing, in one line', () => {
    const lines = output.split('\n').filter((line) => line.startsWith('exprjit: '));
    expect(lines).to.have.length(1);
    expect(lines[0]).to.equal(`${missing}until then formulas run as WebAssembly (npm start -- doctor)`);
  });

  it('hears the same of doctor', () => {
    expect(run('npm start -- doctor').output).to.contain('in a checkout run `npm run build:native`');
    const built = run('npm run build:native');
    expect(built.status).to.equal(1);
    expect(built.output).to.contain(missing);
  });

  it('runs tests, and names those that are pending and why', () => {
    const tests = run('npx mocha test/engine/compile.test.ts test/native/frame.test.ts');
    expect(tests.status, tests.output).to.equal(0);
    expect(tests.output)
      .to.match(/\d+ passing/)
      .and.match(/\d+ pending/)
      .and.match(/- has one layout in TypeScript and in C\+\+/)
      .and.match(/The pending tests need the addon, and there is none: /);
  });
});
