import { expect } from 'chai';
import { evaluate, mathFunction } from '../../../src/jit/math/library.ts';
import { elementAt } from '../../../src/support/element.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { specialValues } from '../../support/special-values.ts';
import { evenFunctions, oddFunctions } from './bounds.ts';
import { readVectors } from './vectors.ts';

describe('symmetries of the math library', () => {
  const seed = seedFromEnvironment();

  /** Special values, those of the vectors, and some by chance. */
  function argumentsOf(name: string): number[] {
    const random = new Random(seed);
    const some = Array.from({ length: 500 }, () => [
      random.double(),
      random.fraction() * 2 ** random.integer(-9, 9),
    ]);
    return [...specialValues, ...readVectors(name).xs, ...some.flat()];
  }

  for (const [names, kind, image] of [
    [oddFunctions, 'odd', (value: number) => -value],
    [evenFunctions, 'even', (value: number) => value],
  ] as const) {
    for (const name of names) {
      const fn = mathFunction(name);
      it(`${name} is ${kind} in every bit (SEED=${seed})`, () => {
        for (const x of argumentsOf(name)) {
          const mirrored = evaluate(fn, -x);
          const expected: number = image(evaluate(fn, x));
          if (!Object.is(mirrored, expected)) expect.fail(`${name}(${-x}) is ${mirrored}, not ${expected}`);
        }
      });
    }
  }

  it('hypot depends on neither order nor signs', () => {
    const hypot = mathFunction('hypot');
    const { xs, ys } = readVectors('hypot');
    xs.forEach((x, i) => {
      const y = elementAt(ys, i);
      const value = evaluate(hypot, x, y);
      const others = [evaluate(hypot, y, x), evaluate(hypot, -x, y), evaluate(hypot, x, -y)];
      for (const other of others) {
        if (!Object.is(value, other)) expect.fail(`hypot(${x}, ${y}) is ${value} and ${other}`);
      }
    });
  });

  it('atan2 is odd in its first argument', () => {
    const atan2 = mathFunction('atan2');
    const { xs, ys } = readVectors('atan2');
    xs.forEach((x, i) => {
      const y = elementAt(ys, i);
      const [value, mirrored] = [evaluate(atan2, x, y), evaluate(atan2, -x, y)];
      if (!Object.is(-value, mirrored)) expect.fail(`atan2(${-x}, ${y}) is ${mirrored}, not ${-value}`);
    });
  });
});
