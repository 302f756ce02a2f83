import { expect } from 'chai';
import { elementAt } from '../../src/support/element.ts';
import { fusedMultiplyAdd } from '../../src/support/float.ts';
import { Random, seedFromEnvironment } from '../support/random.ts';
import { specialValues } from '../support/special-values.ts';
import { freshAddon } from './fresh-addon.ts';
import { call, callingMath, place } from './machine-code.ts';

const addon = freshAddon();

describe('arithmetic of the addon', () => {
  const seed = seedFromEnvironment();

  it(`has the remainder of JavaScript (seed ${seed})`, () => {
    const code = place(
      addon,
      callingMath(elementAt([addon.arithmetic()['rem']], 0) ?? expect.fail('no rem')),
    );
    const random = new Random(seed);
    const check = (x: number, y: number): void => {
      expect(Object.is(call(addon, code, x, y), x % y), `${x} % ${y}`).to.equal(true);
    };
    for (const x of specialValues) for (const y of specialValues) check(x, y);
    for (let i = 0; i < 2000; i++) check(random.double(), random.double());
  });

  it('has nothing else but fma, which the tests of machine code hold against its definition', () => {
    expect(Object.keys(addon.arithmetic())).to.deep.equal(['rem', 'fma']);
    expect(fusedMultiplyAdd(3, 5, -15)).to.equal(0);
  });
});
