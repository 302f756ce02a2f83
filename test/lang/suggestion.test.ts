import { expect } from 'chai';
import { builtins } from '../../src/lang/builtins.ts';
import { namesElsewhere, suggestName } from '../../src/lang/suggestion.ts';
import { prepare } from './evaluate.ts';

describe('lang/suggestion', () => {
  for (const [name, candidates, expected] of [
    ['lenght', ['length', 'light'], 'length'],
    ['aera', ['area', 'alpha'], 'area'],
    ['SQRT', ['sqrt'], 'sqrt'],
    ['sqr', ['shr', 'sqrt'], 'sqrt'],
    ['tempreature', ['temperature', 'pressure'], 'temperature'],
    ['x', ['y', 'z'], undefined],
    ['xy', ['xz', 'ab'], 'xz'],
    ['foo', ['bar', 'sin'], undefined],
    ['same', ['same'], undefined],
  ] as const) {
    it(`for ${name} among ${candidates.join(', ')} is ${expected}`, () => {
      expect(suggestName(name, candidates)).to.equal(expected);
    });
  }

  it('knows names of other languages, none of which is ours', () => {
    for (const [name, here] of namesElsewhere) {
      expect(builtins.has(name), name).to.equal(false);
      const source = here.startsWith('prod') ? 'prod(i, a, b, i)' : here;
      expect(() => prepare(source), here).not.to.throw();
    }
  });
});
