import { expect } from 'chai';
import { builtins } from '../../src/lang/builtins.ts';
import { absentFunctions, arityElsewhere, namesElsewhere } from '../../src/lang/names-elsewhere.ts';
import { compileError, prepare } from './evaluate.ts';

describe('lang/names-elsewhere', () => {
  it('knows names of other languages, none of which is ours', () => {
    for (const [name, here] of namesElsewhere) {
      expect(builtins.has(name), name).to.equal(false);
      const source = here.startsWith('prod') ? 'prod(i, a, b, i)' : here;
      expect(() => prepare(source), here).not.to.throw();
    }
  });

  it('knows what there is not, and what takes more elsewhere', () => {
    for (const name of absentFunctions.keys()) expect(builtins.has(name), name).to.equal(false);
    for (const call of arityElsewhere.keys()) {
      const [name = '', count] = call.split(' ');
      const { minArity, maxArity } = builtins.get(name) ?? expect.fail(name);
      expect(Number(count)).to.not.be.within(minArity, maxArity);
    }
    expect(compileError('now()').message + compileError('round(x, 2)').diagnostics[0]?.hint)
      .to.include('`now` is not defined')
      .and.include('round(x * 100) / 100');
  });
});
