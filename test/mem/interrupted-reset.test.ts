import { createContext, Script } from 'node:vm';
import { JitAllocator, ResetPolicy } from '../../src/mem/index.ts';
import { requireAddon } from '../../src/native/loader.ts';

const cuts = 200;

describe('JitAllocator.reset', () => {
  before(requireAddon);

  for (const [name, policy] of Object.entries(ResetPolicy)) {
    it(`leaves whole bookkeeping where a script was interrupted in it (${name})`, () => {
      using allocator = new JitAllocator();
      const fill = () => {
        for (let i = 1; i < 20; i++) allocator.alloc(i * 4000);
        allocator.reset(policy);
      };
      const script = new Script('for (;;) fill();');
      const context = createContext({ fill });
      for (let cut = 0; cut < cuts; cut++) {
        try {
          script.runInContext(context, { timeout: 1 });
        } catch {
          allocator.verify();
        }
      }
    });
  }
});
