import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { requireAddon } from '../../src/native/loader.ts';
import { bundle } from '../support/bundle.ts';
import { runNode } from '../support/run-node.ts';

const program = new URL('stack-exhaustion.ts', import.meta.url);

describe('engines where the stack ends', () => {
  before(requireAddon);
  for (const flags of [[], ['--no-opt', '--no-sparkplug']]) {
    it(`release all of it when asked again, with ${flags.join(' ') || 'no flags'}`, async () => {
      const { status, stdout, stderr } = await runNode([...flags, fileURLToPath(bundle(program)), '3']);
      expect({ status, stdout }, stderr).to.deep.equal({ status: 0, stdout: 'whole\n' });
    });
  }
});
