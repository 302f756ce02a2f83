/** The compiled code that `exprjit eval` keeps where Node keeps such: from version 22 on. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { nodePackages } from '../../scripts/node-packages.ts';

const cli = fileURLToPath(new URL('../../dist/cli.cjs', import.meta.url));

describe('the code that eval keeps', function () {
  this.timeout(60_000);
  for (const { version, executable } of nodePackages().filter(
    ({ version: each }) => !each.startsWith('20.'),
  )) {
    it(`is found and replaced, and no other code trusted, on Node ${version.slice(0, -1)}`, () => {
      const folder = mkdtempSync(join(tmpdir(), 'exprjit-cache-'));
      try {
        const answer = (variables: Readonly<Record<string, string>> = {}) => {
          const env = { ...process.env, NODE_COMPILE_CACHE: folder, ...variables };
          const { status, stdout, stderr } = spawnSync(executable, [cli, 'eval', '1 + 2'], {
            env,
            encoding: 'utf8',
          });
          expect({ status, stdout, stderr }).to.deep.equal({ status: 0, stdout: '3\n', stderr: '' });
        };
        const files = () =>
          readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
            name.includes('exprjit-'),
          );
        answer({ NODE_DISABLE_COMPILE_CACHE: '1' });
        expect(files()).to.deep.equal([]);
        answer();
        const [name = '', surplus] = files();
        expect(surplus).to.equal(undefined);
        const file = join(folder, name);
        const { mode, mtimeMs } = statSync(file);
        expect(mode & 0o777).to.equal(0o600);
        answer();
        expect(statSync(file).mtimeMs).to.equal(mtimeMs);
        // What is no such code is replaced, and so is what somebody else could have written.
        writeFileSync(file, 'nonsense');
        answer();
        expect(statSync(file).size).to.be.above(10_000);
        chmodSync(file, 0o666);
        answer();
        expect(statSync(file).mode & 0o777).to.equal(0o600);
        rmSync(file);
        mkdirSync(file);
        answer();
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
});
