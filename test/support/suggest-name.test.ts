import { expect } from 'chai';
import { suggestName } from '../../src/support/suggest-name.ts';

describe('support/suggest-name', () => {
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
});
