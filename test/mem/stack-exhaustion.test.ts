import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { requireAddon } from '../../src/native/loader.ts';
import { bundle } from '../support/bundle.ts';
import { runNode } from '../support/run-node.ts';

const program = new URL('stack-exhaustion.ts', import.meta.url);

describe('JitAllocator where the stack ends', () => {
  before(requireAddon);
  for (const [name, flags, args] of [
    ['from the first call on', [], ['3']],
    ['when its code is compiled and optimised', [], ['4', 'warm']],
    ['in V8’s interpreter', ['--no-opt', '--no-sparkplug'], ['3']],
  ] as const) {
    it(`stays whole and loses nothing, ${name}`, async () => {
      const { status, stdout, stderr } = await runNode([...flags, fileURLToPath(bundle(program)), ...args]);
      expect({ status, stdout }, stderr).to.deep.equal({ status: 0, stdout: 'whole\n' });
    });
  }
});
