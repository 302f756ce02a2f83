import { expect } from 'chai';
import { builtins } from '../../src/lang/builtins.ts';
import { namesElsewhere } from '../../src/lang/names-elsewhere.ts';
import { prepare } from './evaluate.ts';

describe('lang/names-elsewhere', () => {
  it('knows names of other languages, none of which is ours', () => {
    for (const [name, here] of namesElsewhere) {
      expect(builtins.has(name), name).to.equal(false);
      const source = here.startsWith('prod') ? 'prod(i, a, b, i)' : here;
      expect(() => prepare(source), here).not.to.throw();
    }
  });
});
