/** For mocha: changes the prototypes once all tests are loaded, and fails if the package has read from them. */
import { pollute, pollutions, reads } from '../support/prototypes.ts';

const kind = pollutions.find((each) => each === process.env['EXPRJIT_PROTOTYPES']);
if (kind === undefined) throw new Error(`EXPRJIT_PROTOTYPES must be one of ${pollutions.join(', ')}`);

/** What callers give is theirs, and may inherit what they like; these read options that tests give. */
const readersOfGivenOptions = /^(type|out|length|threads|signal|onProgress|port) at src\/(engine|inspect)\//;

export const mochaHooks = {
  beforeAll(): void {
    pollute(kind);
  },
  afterAll(): void {
    const unexpected = reads.filter((read) => !readersOfGivenOptions.test(read));
    if (unexpected.length > 0) throw new Error(`read from a shared prototype:\n${unexpected.join('\n')}`);
  },
};
