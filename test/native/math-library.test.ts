import { expect } from 'chai';
import { FrameSlot } from '../../src/native/frame.ts';
import { errorInUlps, trueValue } from '../support/oracle.ts';
import { Random, seedFromEnvironment } from '../support/random.ts';
import { type Transcendental, transcendentals } from '../support/reference-library.ts';
import { specialValues } from '../support/special-values.ts';
import { freshAddon } from './fresh-addon.ts';
import { call, callingMath, place } from './machine-code.ts';

const addon = freshAddon();
const library = addon.mathLibrary();

function functionOf(name: string): (x: number, y?: number) => number {
  const entry = library[name];
  if (entry === undefined) throw new Error(`the math library lacks ${name}`);
  const code = place(addon, callingMath(entry));
  return (x, y = 0) => call(addon, code, x, y);
}

/** Where the function is neither undefined nor saturated. */
const intervals: Partial<Record<Transcendental, readonly [number, number]>> = {
  acos: [-1, 1],
  acosh: [1, 1e3],
  asin: [-1, 1],
  atanh: [-1, 1],
  cosh: [-711, 711],
  exp: [-746, 711],
  expm1: [-40, 711],
  log: [0, 1e3],
  log10: [0, 1e3],
  log1p: [-1, 1e3],
  log2: [0, 1e3],
  pow: [0, 50],
  sinh: [-711, 711],
  tanh: [-25, 25],
};

/** One number, for messages. */
const shown = (...args: number[]): string =>
  args.map((x) => (Object.is(x, -0) ? '-0' : String(x))).join(', ');

describe('math library', () => {
  const seed = seedFromEnvironment();

  for (const name of Object.keys(transcendentals) as Transcendental[]) {
    it(`${name} is within 1 ulp of the truth, and JavaScript's where that is not a number (seed ${seed})`, () => {
      const compute = functionOf(name);
      const exact = Math[name] as (...args: number[]) => number;
      const arity = transcendentals[name];
      const check = (...args: number[]): void => {
        const result = compute(...(args as [number, number]));
        const truth = trueValue(name, args);
        if (truth === undefined) {
          expect(Object.is(result, exact(...args)), `${name}(${shown(...args)}) = ${shown(result)}`).to.equal(
            true,
          );
        } else {
          expect(errorInUlps(result, truth), `${name}(${shown(...args)}) = ${result}`).to.be.at.most(1);
        }
      };

      const random = new Random(seed);
      const [low, high] = intervals[name] ?? [-50, 50];
      const inside = (): number => low + (high - low) * random.fraction();
      if (arity === 1) {
        for (const x of specialValues) check(x);
        for (let i = 0; i < 100; i++) check(inside());
        for (let i = 0; i < 50; i++) check(inside() * 2 ** -random.integer(1, 40));
        for (let i = 0; i < 50; i++) check(random.bitPattern());
      } else {
        for (let i = 0; i < 1000; i++) check(random.pick(specialValues), random.pick(specialValues));
        for (let i = 0; i < 200; i++) check(inside(), inside());
      }
    });
  }

  it('pow is a product for 2 and a square root for 0.5', () => {
    const pow = functionOf('pow');
    const random = new Random(seed);
    const bases = [...specialValues, ...Array.from({ length: 2000 }, () => random.double())];
    for (const x of bases) {
      expect(Object.is(pow(x, 2), x * x), `pow(${shown(x)}, 2)`).to.equal(true);
      const root = x === Number.NEGATIVE_INFINITY ? Number.POSITIVE_INFINITY : Math.sqrt(x + 0);
      expect(Object.is(pow(x, 0.5), root), `pow(${shown(x)}, 0.5)`).to.equal(true);
    }
  });

  it('pow follows JavaScript for every pair of special values', () => {
    const pow = functionOf('pow');
    for (const x of specialValues) {
      for (const y of specialValues) {
        const expected = x ** y;
        const result = pow(x, y);
        if (Number.isFinite(expected) && expected !== 0) continue;
        if (Number.isFinite(result) && result !== 0) continue;
        expect(Object.is(result, expected), `pow(${shown(x, y)}) = ${shown(result)}`).to.equal(true);
      }
    }
  });

  const exactFunctions: Readonly<Record<string, (x: number, y: number) => number>> = {
    floor: Math.floor,
    ceil: Math.ceil,
    trunc: Math.trunc,
    round: Math.round,
    rem: (x, y) => x % y,
  };
  for (const [name, exact] of Object.entries(exactFunctions)) {
    it(`${name} gives JavaScript's bits (seed ${seed})`, () => {
      const compute = functionOf(name);
      const random = new Random(seed);
      const arity = name === 'rem' ? 2 : 1;
      const check = (x: number, y: number): void => {
        expect(Object.is(compute(x, y), exact(x, y)), `${name}(${shown(x, y)})`).to.equal(true);
      };
      for (const x of specialValues) {
        for (const y of arity === 2 ? specialValues : [0]) check(x, y);
      }
      for (let i = 0; i < 2000; i++) check(random.double(), random.double());
    });
  }

  it('has an entry for every function that has no opcode of its own', () => {
    // `fma` stands in for the instruction; the tests of machine code hold it against the exact definition.
    const expected = [...Object.keys(transcendentals), ...Object.keys(exactFunctions), 'fma'];
    expect(Object.keys(library).sort()).to.deep.equal(expected.sort());
    expect(addon.frame[FrameSlot.Trap]).to.equal(0);
  });
});
