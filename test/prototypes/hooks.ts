/** For mocha: changes the prototypes once all tests are loaded, and fails if the package has read from them. */
import { pollute, pollutions, reads } from '../support/prototypes.ts';

const kind = pollutions.find((each) => each === process.env['EXPRJIT_PROTOTYPES']);
if (kind === undefined) throw new Error(`EXPRJIT_PROTOTYPES must be one of ${pollutions.join(', ')}`);

export const mochaHooks = {
  beforeAll(): void {
    pollute(kind);
  },
  afterAll(): void {
    if (reads.length > 0) throw new Error(`read from a shared prototype:\n${reads.join('\n')}`);
  },
};
