import { expect } from 'chai';
import type { Address } from '../../src/native/address.ts';
import { elementAt } from '../../src/support/element.ts';
import { fusedMultiplyAdd } from '../../src/support/float.ts';
import { Random, seedFromEnvironment } from '../support/random.ts';
import { specialValues } from '../support/special-values.ts';
import { freshAddon } from './fresh-addon.ts';
import { call, callingFunction, place } from './machine-code.ts';

describe('arithmetic of the addon', () => {
  const addon = freshAddon();
  const entryOf = (name: string): Address =>
    place(addon, callingFunction(elementAt([addon.arithmetic()[name]], 0) ?? expect.fail(`no ${name}`)));
  const seed = seedFromEnvironment();

  it(`has the remainder of JavaScript (seed ${seed})`, () => {
    const code = entryOf('rem');
    const random = new Random(seed);
    const check = (x: number, y: number): void => {
      expect(Object.is(call(addon, code, x, y), x % y), `${x} % ${y}`).to.equal(true);
    };
    for (const x of specialValues) for (const y of specialValues) check(x, y);
    for (let i = 0; i < 2000; i++) check(random.double(), random.double());
  });

  it(`multiplies and adds with one rounding (seed ${seed})`, () => {
    const code = entryOf('fma');
    const random = new Random(seed);
    const check = (x: number, y: number, z: number): void => {
      const expected = fusedMultiplyAdd(x, y, z);
      expect(Object.is(call(addon, code, x, y, z), expected), `fma(${x}, ${y}, ${z})`).to.equal(true);
    };
    for (let i = 0; i < 2000; i++) {
      check(random.pick(specialValues), random.pick(specialValues), random.pick(specialValues));
      const [x, y] = [random.double(), random.double()];
      // Unlike sizes; what the rounding of the product lost; next to that; products of subnormal size.
      check(x, y, random.double());
      check(x, y, -(x * y));
      check(x, y, -(x * y) * (1 + 2 ** -52));
      check(
        2 ** -530 * (1 + random.integer(0, 2 ** 30)),
        2 ** -540 * (1 + random.integer(0, 2 ** 20)),
        2 ** -1074 * random.integer(0, 9),
      );
    }
  });

  it('has nothing else', () => {
    expect(Object.keys(addon.arithmetic())).to.deep.equal(['rem', 'fma']);
  });
});
