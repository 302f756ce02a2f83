import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { requireAddon } from '../../src/native/loader.ts';
import { runNode } from '../support/run-node.ts';
import { consumerAnswer } from './consumer-answer.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

describe('the package, from outside', () => {
  let folder = '';

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'exprjit-consumer-'));
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'node_modules', 'exprjit'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    copyFileSync(new URL('consumer/main.ts', import.meta.url), join(folder, 'main.ts'));
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [module, resolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ] as const) {
    it(`has types that compile with module resolution ${resolution}, without Node's`, async () => {
      const compilerOptions = {
        module,
        moduleResolution: resolution,
        target: 'es2022',
        lib: ['es2022', 'dom'],
        types: [],
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        outDir: resolution,
      };
      const config = join(folder, `tsconfig.${resolution}.json`);
      writeFileSync(config, JSON.stringify({ compilerOptions, files: ['main.ts'] }));
      const { status, stdout } = await runNode([tsc, '-p', config]);
      expect(stdout).to.equal('');
      expect(status).to.equal(0);
      requireAddon();
      const run = await runNode([join(folder, resolution, 'main.js')]);
      expect(run.stderr.slice(0, 500)).to.equal('');
      expect(JSON.parse(run.stdout)).to.deep.equal(consumerAnswer);
    });
  }

  it('can be required', async () => {
    writeFileSync(
      join(folder, 'main.cjs'),
      `const { compile } = require('exprjit');
       require('exprjit/jit');
       require('exprjit/mem');
       console.log(compile('x + 1', ['x'])(1));`,
    );
    const run = await runNode(['--no-warnings', join(folder, 'main.cjs')]);
    expect(run).to.deep.equal({ status: 0, stdout: '2\n', stderr: '' });
  });

  it('shows nothing but its doors', async () => {
    writeFileSync(
      join(folder, 'inside.mjs'),
      `const results = await Promise.allSettled([
         import('exprjit/dist/index.js'), import('exprjit/src/native/loader.ts'), import('exprjit/package.json', { with: { type: 'json' } }),
       ]);
       console.log(results.map(({ status }) => status).join());`,
    );
    const run = await runNode(['--no-warnings', join(folder, 'inside.mjs')]);
    expect(run.stdout).to.equal('rejected,rejected,fulfilled\n');
  });
});
