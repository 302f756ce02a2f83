/** Calls of machine code both ways, in processes of this Node; `runtimes.spec.ts` has others. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Engine } from '../../src/index.ts';
import { requireAddon } from '../../src/native/loader.ts';
import { runNode } from '../support/run-node.ts';
import { callReport } from './call-report.ts';

const program = fileURLToPath(new URL('consumer/calls.mjs', import.meta.url));

async function report(flags: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = await runNode([...flags, program], '', env);
  expect(status, stderr).to.equal(0);
  return JSON.parse(stdout);
}

describe('calls of machine code', function () {
  this.timeout(120_000);
  let folder = '';
  before(() => {
    requireAddon();
    folder = mkdtempSync(join(tmpdir(), 'exprjit-calls-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('are what statistics say', () => {
    using engine = new Engine({ backend: 'native' });
    const { calls, slowCallReason } = engine.statistics();
    expect(calls).to.be.oneOf(['fast', 'node-api']);
    expect(slowCallReason === undefined).to.equal(calls === 'fast');
    using other = new Engine({ backend: 'interpreter' });
    expect(other.statistics()).to.include({ calls: undefined, slowCallReason: undefined });
  });

  it('by Node-API, as asked for, refuse what was released', async () => {
    const reason = 'EXPRJIT_CALLS asks for Node-API';
    expect(await report([], { EXPRJIT_CALLS: 'node-api' })).to.deep.equal(callReport('node-api', reason));
  });

  for (const [name, flags] of [
    ['in loops that are optimised', () => []],
    ['while garbage is collected all the time', () => ['--gc-interval=200']],
    ['while a profiler watches', () => ['--cpu-prof', '--cpu-prof-dir', folder]],
    ['where nothing is optimised', () => ['--no-opt']],
  ] as const) {
    it(`as they come refuse what was released, ${name}`, async () => {
      const found = await report(flags());
      console.log(`        by ${found.way}`);
      expect(found).to.deep.equal(callReport(found.way, found.slowCallReason));
    });
  }
});
