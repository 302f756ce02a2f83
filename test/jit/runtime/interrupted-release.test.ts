import { createContext, Script } from 'node:vm';
import { expect } from 'chai';
import { Assembler, CodeHolder, eax, JitRuntime } from '../../../src/jit/index.ts';
import { requireAddon } from '../../../src/native/loader.ts';

const cuts = 400;

describe('JitRuntime.release', () => {
  before(requireAddon);

  it('never takes the memory of other code where a script was interrupted in it', () => {
    using runtime = new JitRuntime();
    let number = 0;
    const source = (): CodeHolder => {
      const code = new CodeHolder();
      const a = new Assembler(code);
      a.mov(eax, ++number);
      a.ret();
      return code;
    };
    const work = () => runtime.release(runtime.add(source()));
    const script = new Script('for (;;) work();');
    const context = createContext({ work });
    for (let cut = 0; cut < cuts; cut++) {
      const kept = Array.from({ length: 4 }, () => runtime.add(source()));
      const bytes = kept.map((code) => runtime.read(code));
      expect(() => script.runInContext(context, { timeout: 1 })).to.throw();
      work();
      expect(kept.map((code) => runtime.read(code))).to.deep.equal(bytes);
      for (const code of kept) runtime.release(code);
    }
  });
});
